using SecuEdge.Content.Documents.Html;
using SecuEdge.Content.Files;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Links;

/// <summary>
/// Small text files that Windows or Linux acts on when they are opened, or already when their icon is drawn: links to the web and to
/// shares, libraries, searches, settings, remote desktops, installers by link. All are keys and values in one spelling or another, so one
/// reader serves them: what leads to another computer is a remote path, what starts a program a command.
/// </summary>
internal sealed class LinkFileDocument : IDocument
{
    /// <summary>Honest ones are some kilobytes.</summary>
    private const int MaxBytes = 1024 * 1024;

    private const int MaxValues = 5_000;

    /// <summary>Keys and elements whose value is run.</summary>
    private static readonly HashSet<string> CommandKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        "Exec", "TryExec", "Command", "DeepLink", "shell\\open\\command", "SCRNSAVE.EXE", "remoteapplicationprogram", "alternate shell", "RunPreSetupCommands", "RunPostSetupCommands",
        "UnRegisterOCXs", "RegisterOCXs", "open", "shellexecute", "Run", "RunOnce", "CLSID",
    };

    /// <summary>Types that fetch and run a program by their nature.</summary>
    private static readonly string[] Launchers = [FileTypes.JavaLauncher, FileTypes.ClickOnce, FileTypes.SettingContent];

    /// <summary>Types whose address is opened like a folder, so that a web address is a share (WebDAV).</summary>
    private static readonly string[] Folders = [FileTypes.Library, FileTypes.SavedSearch];

    public IReadOnlyList<string> MediaTypes { get; } =
    [
        FileTypes.WebShortcut, FileTypes.Library, FileTypes.SavedSearch, FileTypes.SettingContent, FileTypes.Theme, FileTypes.RemoteDesktop, FileTypes.JavaLauncher,
        FileTypes.ClickOnce, FileTypes.ShellCommand, FileTypes.FolderSettings, FileTypes.Contact, FileTypes.DesktopEntry, FileTypes.Registry, FileTypes.SetupInformation, FileTypes.WebQuery,
        FileTypes.WebLocation, FileTypes.DataConnection,
    ];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var content = bytes.Peek(0, MaxBytes).Span;
        var text = Charsets.Decode(content, visit.Charset).Replace("\0", "", StringComparison.Ordinal).TrimStart('\ufeff');
        var type = AllDocuments.TypeAsOpened(visit.Part);
        foreach (var (key, value) in KeyedValues.In(text).Take(MaxValues))
        {
            Take(key, value, type, visit);
        }

        if (Array.IndexOf(Launchers, type) >= 0)
        {
            visit.Found(ActiveContent.ShortcutCommand, text.AsSpan().Trim()[..Math.Min(150, text.AsSpan().Trim().Length)].ToString());
        }

        visit.AddText(text);
    }

    private static void Take(string key, string value, string type, DocumentVisit visit)
    {
        var url = HtmlUrl.Normalize(value.AsSpan().Trim(" \"'@"), "");
        var isWeb = url.StartsWith("http", StringComparison.OrdinalIgnoreCase) && url.Contains("://", StringComparison.Ordinal);
        if (Commands.IsRemote(url) || (isWeb && Array.IndexOf(Folders, type) >= 0 && !IsNamespace(url)) || (type == FileTypes.RemoteDesktop && key == "full address"))
        {
            visit.Found(ActiveContent.RemotePath, url);
            visit.AddLink(url);
        }
        else if (isWeb && !IsNamespace(url))
        {
            visit.AddLink(url);
        }

        if (type == FileTypes.WebLocation && url.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            // A double click starts what lies there, past the question that macOS asks for programs of mails.
            visit.Found(ActiveContent.RemotePath, url);
        }

        if (type == FileTypes.WebQuery && isWeb)
        {
            visit.Found(ActiveContent.ExternalObject, url);
        }
        else if (type == FileTypes.DataConnection && SourceOf(key, value) is { } source)
        {
            visit.Found(ActiveContent.ExternalObject, source);
        }

        if (IsCommand(key, value, type))
        {
            visit.Found(ActiveContent.ShortcutCommand, $"{key} {value}");
            if (Commands.RemoteWordOf(value) is { } remote)
            {
                visit.Found(ActiveContent.RemotePath, remote);
                visit.AddLink(remote);
            }
        }
        else if (type == FileTypes.RemoteDesktop && key == "drivestoredirect" && value.Trim().Length > 0)
        {
            visit.Found(ActiveContent.RemotePath, $"{key} {value}");
        }
    }

    /// <summary>Where a connection leads, if it is an address or a share. Databases are named otherwise.</summary>
    private static string? SourceOf(string key, string value) =>
        key is "ConnectionString" or "CommandText" or "SourceFile" or "ConnectionFile"
            ? value.Split([';', '=', '"', '\'', '(', ')', ' '], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(RemoteTargets.IsRemote)
            : null;

    private static bool IsCommand(string key, string value, string type) => value.Trim().Length > 0 && type switch
    {
        FileTypes.WebShortcut => key.Equals("URL", StringComparison.OrdinalIgnoreCase) && IsLocalProgram(value),
        FileTypes.Registry => key.Contains("\\Run", StringComparison.OrdinalIgnoreCase) || Commands.IsInterpreter(FirstWord(value), value) || Commands.AreTelling(value),

        // Old key of a folder's class: with a class of the shell it runs what that class runs.
        FileTypes.FolderSettings or FileTypes.ShellCommand => (key is "CLSID" or "CLSID2") || Commands.IsInterpreter(FirstWord(value), value),
        _ => CommandKeys.Contains(key),
    };

    private static bool IsLocalProgram(string url) =>
        url.TrimStart().StartsWith("file:", StringComparison.OrdinalIgnoreCase) && FileTypes.IsExecutableExtension(FileNames.ExtensionOf(url));

    private static string FirstWord(string value)
    {
        var text = value.AsSpan().Trim(" \"'@=");
        var end = text.IndexOfAny(' ', '"');
        return (end < 0 ? text : text[..end]).ToString();
    }

    /// <summary>Names of XML vocabularies look like addresses and lead nowhere.</summary>
    private static bool IsNamespace(string url) => url.Contains("schemas.microsoft.com/", StringComparison.OrdinalIgnoreCase) || url.Contains("www.w3.org/", StringComparison.OrdinalIgnoreCase);
}
