namespace SecuEdge.Appliance.Verbs;

/// <summary>Exit codes of the verbs, and what they are.</summary>
internal static class Usage
{
    public const int Success = 0;
    public const int Unhealthy = 1;

    /// <summary>A file that is not what it should be: no mistake in the command.</summary>
    public const int NotTaken = 1;

    /// <summary>Wrong arguments or settings, or nothing to answer.</summary>
    public const int Error = 2;

    private const string Text = """
        secuedge run                         start the appliance
        secuedge health                      0 when it is ready or degraded, 1 otherwise
        secuedge check-config                read all settings and list every error
        secuedge import FILE [--plan]        put a site file in force (--plan: only show the difference; FILE may be -)
                [--trust FINGERPRINT]        ... of a signed export of another appliance
        secuedge export [--signed]           print the site file in force
        secuedge convert proxmox|mailcleaner FILE [--tenant NAME] [--next-hop HOST:PORT]
                                             print settings of another product as a site file; what to look at goes to standard error
        secuedge analyze FILE... [--json] [--tenant NAME] [--outbound]
                                             judge messages without delivering them; exit code of the worst:
                                             0 clean, 10 spam or policy, 20 infected, 2 error
        secuedge audit verify [--head NUMBER:HASH]...
                                             check the chain of the audit log, also beside a running appliance
        secuedge version

        Settings: environment SECUEDGE__Section__Key, or /config/secuedge.json. The data folder is SECUEDGE__Data; import, export, analyze
        and audit take --data DIR, too, and without either ask the one appliance that runs here.
        """;

    public static int Print(string[] args)
    {
        var asked = args is [] or ["help" or "--help" or "-h"];
        (asked ? Console.Out : Console.Error).WriteLine(asked ? Text : $"secuedge: unknown command '{string.Join(' ', args)}'\n\n{Text}");
        return asked ? Success : Error;
    }

    public static int Version()
    {
        Console.WriteLine($"secuedge {typeof(Usage).Assembly.GetName().Version!.ToString(3)}");
        return Success;
    }

    /// <summary>One sentence about a file, without the system's own that names it again.</summary>
    public static string Unreadable(string file, Exception trouble) => trouble switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{file}: there is no such file",
        _ when Directory.Exists(file) => $"{file}: is a folder; name a file",
        UnauthorizedAccessException => $"{file}: may not be read by this user",
        _ => $"{file}: cannot be read: {trouble.Message}",
    };

    /// <summary>Every error, each on its own line.</summary>
    public static int Fail(IEnumerable<string> errors)
    {
        foreach (var error in errors)
        {
            Console.Error.WriteLine($"secuedge: {error}");
        }

        return Error;
    }
}
