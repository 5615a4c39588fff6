using System.Globalization;
using System.Net;

namespace SecuEdge.Load.Systems;

/// <summary>
/// Haraka of npm, a process for each core, that hands every message to the sink inside the transaction (smtp_forward): nothing is written
/// to disk, so it is not a durable queue and pays for none. Optionally with its clamd plugin.
/// </summary>
internal sealed class HarakaForwarder : MailSystem
{
    public HarakaForwarder(string folder, IPEndPoint sink, string modules, ClamdScanner? scanner)
        : base(scanner is null ? "haraka" : "haraka+clamd", folder)
    {
        Scanner = scanner;
        var configuration = Directory.CreateDirectory(Path.Combine(Folder, "config")).FullName;
        void Configure(string file, string content) => File.WriteAllText(Path.Combine(configuration, file), content);
        Configure("smtp.ini", string.Create(CultureInfo.InvariantCulture, $"listen={Entry}\nnodes={Environment.ProcessorCount}\n"));
        Configure("me", "relay.example\n");
        Configure("host_list", "acme.example\n");
        Configure("plugins", (scanner is null ? "" : "clamd\n") + "rcpt_to.in_host_list\nqueue/smtp_forward\n");
        Configure("smtp_forward.ini", string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1\nport={sink.Port}\nenable_tls=false\n"));
        // Its own defaults with one change: sections that are missing from this file stop it.
        Configure("connection.ini", File.ReadAllText(Path.Combine(modules, "Haraka", "config", "connection.ini")).Replace("bytes=26214400", "bytes=104857600", StringComparison.Ordinal));
        Configure("log.ini", "[main]\nlevel=notice\nformat=default\n");
        if (scanner is not null)
        {
            Configure("clamd.ini", $"clamd_socket={scanner.SocketPath}\nmax_size=104857600\n");
        }

        var link = Path.Combine(Folder, "node_modules");
        if (!Directory.Exists(link))
        {
            Directory.CreateSymbolicLink(link, modules);
        }

        WaitUntilReady(Processes.Start(FindProgram("node")!, [Path.Combine(modules, "Haraka", "bin", "haraka"), "-c", Folder], Path.Combine(Folder, "output.log"),
            new Dictionary<string, string> { ["NODE_ENV"] = "production" }));
    }

    public override string Description => Scanner is null
        ? "smtp_forward inside the transaction, a process for each core, log level notice; not durable (nothing is stored)"
        : "the same with haraka-plugin-clamd over the Unix socket";

    /// <summary>Where npm put it, or null.</summary>
    public static string? FindModules()
    {
        var cache = Environment.GetEnvironmentVariable("SECUEDGE_LOAD_CACHE") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "secuedge-load");
        var modules = Path.Combine(cache, "haraka", "node_modules");
        return FindProgram("node") is not null && File.Exists(Path.Combine(modules, "Haraka", "bin", "haraka")) ? modules : null;
    }
}
