namespace SecuEdge.Content.Documents.Links;

/// <summary>Programs of Windows and Linux that run what they are given, and paths that lead to other computers.</summary>
internal static class Commands
{
    /// <summary>Interpreters, and programs that fetch or start others; most are known as living-off-the-land binaries.</summary>
    private static readonly HashSet<string> Interpreters = new(StringComparer.OrdinalIgnoreCase)
    {
        "cmd", "powershell", "powershell_ise", "pwsh", "mshta", "wscript", "cscript", "rundll32", "regsvr32", "regsvcs", "regasm", "msiexec", "curl", "certutil", "bitsadmin",
        "conhost", "forfiles", "ssh", "scp", "sftp", "ftp", "finger", "pcalua", "wmic", "msbuild", "installutil", "cmstp", "schtasks", "at", "hh", "control", "odbcconf", "explorer",
        "scriptrunner", "syncappvpublishingserver", "mavinject", "desktopimgdownldr", "wt", "bash", "wsl", "sh", "python", "pythonw", "python3", "perl", "java", "javaw", "node",
        "xterm", "zsh", "tar", "xcopy", "robocopy", "ie4uinit", "iexplore", "msedge", "chrome", "firefox", "reg", "regedit", "sc", "net", "dfsvc", "presentationhost", "wget",
    };

    /// <summary>Harmless by themselves; with arguments that name a program or an address they are means.</summary>
    private static readonly HashSet<string> NeedArguments = new(StringComparer.OrdinalIgnoreCase) { "explorer", "iexplore", "msedge", "chrome", "firefox", "control", "hh", "java", "javaw" };

    public static bool IsInterpreter(string path, string arguments)
    {
        var name = NameOf(path);
        return Interpreters.Contains(name) && (!NeedArguments.Contains(name) || arguments.AsSpan().Trim().Length > 0);
    }

    /// <summary>Arguments that lead elsewhere or start something.</summary>
    public static bool AreTelling(string arguments) =>
        arguments.Contains("://", StringComparison.Ordinal) || arguments.Contains(@"\\", StringComparison.Ordinal)
        || arguments.Split([' ', '"', '\'', '&', '|', ';', '(', ',', '='], StringSplitOptions.RemoveEmptyEntries).Take(1_000).Any(word => word.Length > 2 && Interpreters.Contains(NameOf(word)) && word.Contains('.', StringComparison.Ordinal))
        || arguments.Length > 500;

    /// <summary>A share of another computer: opening it, or only drawing its icon, logs on there.</summary>
    public static bool IsRemote(string path)
    {
        path = path.Trim(' ', '"', '\'');
        return (path.StartsWith(@"\\", StringComparison.Ordinal) && !path.StartsWith(@"\\?\", StringComparison.Ordinal) && !path.StartsWith(@"\\.\", StringComparison.Ordinal) && path.Length > 3)
            || (path.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && path.AsSpan(5).TrimStart("/\\") is { Length: > 1 } rest && !(rest.Length > 1 && rest[1] is ':' or '|') && path.AsSpan(5).IndexOfAnyExcept('/', '\\') is 2 or 4 or 5)
            || path.Contains("@SSL", StringComparison.OrdinalIgnoreCase) || path.Contains("DavWWWRoot", StringComparison.OrdinalIgnoreCase)
            || IsSearch(path) || path.StartsWith("smb:", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Explorer shows what it finds there like a folder of this computer.</summary>
    private static bool IsSearch(string path) =>
        path.StartsWith("search-ms:", StringComparison.OrdinalIgnoreCase) || path.StartsWith("ms-search:", StringComparison.OrdinalIgnoreCase)
        || (path.StartsWith("search:", StringComparison.OrdinalIgnoreCase) && path.Contains("location:", StringComparison.OrdinalIgnoreCase));

    /// <summary>The first word of a command that leads elsewhere: a share or an address that it fetches.</summary>
    public static string? RemoteWordOf(string command) => command
        .Split([' ', '"', '\'', ',', ';', '(', ')'], StringSplitOptions.RemoveEmptyEntries)
        .Take(1_000)
        .FirstOrDefault(word => IsRemote(word) || word.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || word.StartsWith("https://", StringComparison.OrdinalIgnoreCase));

    private static string NameOf(string path)
    {
        var name = path.AsSpan().Trim(" \"'");
        name = name[(name.LastIndexOfAny('\\', '/') + 1)..];
        var dot = name.LastIndexOf('.');
        return (dot > 0 && name[dot..].Equals(".exe", StringComparison.OrdinalIgnoreCase) ? name[..dot] : name).ToString();
    }
}
