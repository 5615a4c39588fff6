using SecuEdge.Content;

namespace SecuEdge.Filter.Checks;

/// <summary>One row: a finding and when it is true of a part.</summary>
internal sealed record StructureRow(FindingDefinition Definition, Func<PlacedPart, bool> IsTrueOf);

/// <summary>
/// Every finding by structure. What no honest file does is quarantined by itself; what honest files do too only scores, below the threshold
/// of tagging on its own. The choice follows what gateways block by default: auto-running macros that call out, Excel 4.0 macros, DDE,
/// remote templates, launch actions, smuggled files, shortcuts with commands.
/// </summary>
internal static class StructureTable
{
    private const ActiveContent Dropper = ActiveContent.MacroAutoExec | ActiveContent.MacroSuspicious;

    // A zip in a zip is how people forward things; one more level is how malware avoids scanners.
    private const int DeepArchives = 2;

    public static IReadOnlyList<StructureRow> Rows { get; } =
    [
        Scores("OFFICE_MACRO", 1, "An attached document carries macros.", part => part.Has(ActiveContent.Macro)),
        Scores("OFFICE_MACRO_AUTOEXEC", 2, "A macro runs by itself when the document is opened.", part => part.Has(ActiveContent.MacroAutoExec)),
        Scores("OFFICE_MACRO_SUSPICIOUS", 2, "A macro starts programs, downloads, writes files or hides its strings.",
            part => part.Has(ActiveContent.MacroSuspicious)),
        Convicts("OFFICE_MACRO_DROPPER", "A macro runs by itself and starts programs, downloads, writes files or hides its strings.",
            part => part.Has(Dropper)),
        Convicts("EXCEL4_MACRO", "An attached workbook carries Excel 4.0 macros, which hardly anybody but malware still uses.",
            part => part.Has(ActiveContent.ExcelMacro)),
        Convicts("OFFICE_DDE", "A field of an attached document starts a program (DDE).", part => part.Has(ActiveContent.Dde)),
        Convicts("OFFICE_EXTERNAL_TEMPLATE", "An attached document fetches its template from elsewhere when it is opened.",
            part => part.Has(ActiveContent.ExternalTemplate)),
        Scores("OFFICE_EXTERNAL_OBJECT", 3, "An attached document fetches an object from elsewhere when it is opened.",
            part => part.Has(ActiveContent.ExternalObject)),
        Scores("OFFICE_CONTROL", 1.5, "An attached document loads a control (ActiveX).", part => part.Has(ActiveContent.Control)),
        Scores("DOCUMENT_EMBEDDED_FILE", 0.5, "A file is embedded in an attached document.", part => part.Has(ActiveContent.EmbeddedFile)),
        Convicts("DOCUMENT_EXPLOIT", "An attached document is built to break the program that opens it.", part => part.Has(ActiveContent.Exploit)),
        Scores("PDF_JAVASCRIPT", 1, "An attached PDF carries JavaScript.", part => part.IsPdf && part.Has(ActiveContent.JavaScript)),
        Scores("PDF_JAVASCRIPT_AUTOEXEC", 2, "JavaScript of an attached PDF runs when it is opened.",
            part => part.IsPdf && part.Has(ActiveContent.JavaScript | ActiveContent.OpenAction)),
        Convicts("PDF_LAUNCH", "An attached PDF starts a program or opens another file.", part => part.Has(ActiveContent.Launch)),
        Scores("PDF_SUBMIT_FORM", 0.5, "A form in an attached document sends what is typed into it somewhere.",
            part => !part.IsHtml && part.Has(ActiveContent.SubmitForm)),
        Convicts("HTML_SMUGGLING", "An attached page puts a file together in the browser, past every gateway.",
            // A body whose script was found to carry a file is one that was saved as a page (MHTML) and opens in a browser.
            part => (part.IsFile || part.Part.Children.Count > 0) && part.Has(ActiveContent.Smuggling)),
        Scores("HTML_SCRIPT", 1, "An attached page carries script.", part => part.IsFile && !part.IsSvg && part.Has(ActiveContent.Script)),
        // Honest pictures have no script. Not enough to hold a mail: some drawing programs leave theirs behind.
        Scores("SVG_SCRIPT", 4, "An attached picture carries script.", part => part.IsFile && part.IsSvg && part.Has(ActiveContent.Script)),
        // Portals for encrypted mail send such pages too.
        Scores("HTML_PASSWORD_FORM", 3, "An attached page asks for a password.", part => part.IsFile && part.Has(ActiveContent.PasswordForm),
            MessageClass.Phishing),
        Scores("HTML_REDIRECT", 2, "An attached page leads elsewhere by itself.", part => part.IsFile && part.Has(ActiveContent.Redirect),
            MessageClass.Phishing),
        Convicts("SHORTCUT_COMMAND", "An attached shortcut starts an interpreter or another program with arguments.",
            part => part.Has(ActiveContent.ShortcutCommand)),
        Convicts("REMOTE_PATH", "An attached link file makes the computer log on elsewhere.", part => part.Has(ActiveContent.RemotePath)),
        Scores("EXECUTABLE_IN_ARCHIVE", 2, "A program, script or installer is inside an archive or document.",
            part => part.Part.Kind == PartKind.Entry && part.Part.Flags.HasFlag(AnatomyFlags.Executable)),
        Scores("ARCHIVE_NESTED", 1.5, "Archives are nested three levels deep or more.",
            part => part.NestedArchives >= DeepArchives && part.Part.Flags.HasFlag(AnatomyFlags.NestedArchive)),
        Scores("ATTACHMENT_ACTIVE_CONTENT", 1.5, "An attached document carries active content of a kind that was not told apart.",
            part => part.Part.Active == ActiveContent.None && part.Part.Flags.HasFlag(AnatomyFlags.ActiveContent)),
        // RFC 2046 §5.2.2: mail programs join the pieces, and no gateway on the way has seen the whole.
        Convicts("MESSAGE_PARTIAL", "The message is one piece of a larger one: its content cannot be examined.",
            part => part.Part.DeclaredType is "message/partial"),
        Scores("ATTACHMENT_PARTIAL", 2, "An attachment is one volume of a split archive: its content cannot be examined.",
            part => part.Part.Kind is PartKind.Attachment or PartKind.Entry && part.Part.Flags.HasFlag(AnatomyFlags.Partial) && part.Part.DeclaredType is not ("message/partial" or "message/external-body")),
        Scores("MESSAGE_EXTERNAL_BODY", 1, "A part of the message is to be fetched from elsewhere.",
            part => part.Part.DeclaredType is "message/external-body"),
    ];

    /// <summary>Cheap and coarse: false for the parts of ordinary mail.</summary>
    public static bool MayMatter(PlacedPart placed) =>
        placed.Part.Active != ActiveContent.None
        || (placed.Part.Flags & (AnatomyFlags.Executable | AnatomyFlags.NestedArchive | AnatomyFlags.ActiveContent | AnatomyFlags.Partial)) != 0
        || placed.Part.DeclaredType is "message/partial" or "message/external-body";

    private static StructureRow Scores(
        string code, double score, string text, Func<PlacedPart, bool> isTrueOf, MessageClass messageClass = MessageClass.Suspicious) =>
        new(new() { Code = code, Score = score, Class = messageClass, Group = FindingGroup.Structure, Text = text }, isTrueOf);

    private static StructureRow Convicts(string code, string text, Func<PlacedPart, bool> isTrueOf) =>
        new(
            new()
            {
                Code = code,
                Class = MessageClass.Suspicious,
                Group = FindingGroup.Structure,
                Action = VerdictAction.Quarantine,
                Text = text,
            },
            isTrueOf);
}
