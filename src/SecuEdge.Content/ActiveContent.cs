namespace SecuEdge.Content;

/// <summary>
/// What a file does, or fetches, when somebody opens it. Facts found by structure, without any signature; whether they matter is policy.
/// Each comes with evidence in <see cref="MessagePart.Evidence"/>.
/// </summary>
[Flags]
public enum ActiveContent
{
    None = 0,

    /// <summary>A VBA project.</summary>
    Macro = 1 << 0,

    /// <summary>A macro that runs by itself when the document is opened, closed or clicked into.</summary>
    MacroAutoExec = 1 << 1,

    /// <summary>A macro that starts programs, downloads, writes files or hides its strings.</summary>
    MacroSuspicious = 1 << 2,

    /// <summary>Excel 4.0 macros (XLM), also in SYLK files.</summary>
    ExcelMacro = 1 << 3,

    /// <summary>Dynamic data exchange: a field that starts a program.</summary>
    Dde = 1 << 4,

    /// <summary>A template fetched from elsewhere when the document opens.</summary>
    ExternalTemplate = 1 << 5,

    /// <summary>An object, frame or data source fetched from elsewhere when the document opens. A link that waits for a click is none.</summary>
    ExternalObject = 1 << 6,

    /// <summary>A file or foreign object inside a document that a double click opens: OLE package, OneNote file, PDF attachment.</summary>
    EmbeddedFile = 1 << 7,

    /// <summary>JavaScript in a PDF.</summary>
    JavaScript = 1 << 8,

    /// <summary>A PDF action that starts a program or opens a file.</summary>
    Launch = 1 << 9,

    /// <summary>An action that runs when the PDF or a page of it is opened.</summary>
    OpenAction = 1 << 10,

    /// <summary>A form that sends what is typed somewhere.</summary>
    SubmitForm = 1 << 11,

    /// <summary>HTML or SVG with script.</summary>
    Script = 1 << 12,

    /// <summary>HTML or SVG that puts a file together in the browser, past every gateway.</summary>
    Smuggling = 1 << 13,

    /// <summary>A page that leads elsewhere by itself: meta refresh, location.</summary>
    Redirect = 1 << 14,

    /// <summary>A form with a password field.</summary>
    PasswordForm = 1 << 15,

    /// <summary>A shortcut that starts an interpreter or another program with arguments.</summary>
    ShortcutCommand = 1 << 16,

    /// <summary>A shortcut, library or link file that makes the computer log on elsewhere (UNC path, WebDAV, search-ms).</summary>
    RemotePath = 1 << 17,

    /// <summary>A control (ActiveX) that the document loads.</summary>
    Control = 1 << 18,

    /// <summary>An object made to break the reader that opens it: equation editor, overlong RTF data.</summary>
    Exploit = 1 << 19,
}
