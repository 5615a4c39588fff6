using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecuEdge.TestKit;

/// <summary>
/// How to start the real program: command, environment, ports and site of one gateway with a data folder of its own. The ports stay the
/// same over restarts, so that clients find it again.
/// </summary>
public sealed record GatewayLaunch
{
    // Linux lends 32768 and above.
    private const int FirstPort = 20_000;
    private const uint Ports = 10_000;

    private static int s_lastPort = Environment.ProcessId;

    /// <summary>The data folder; also holds the site file.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the tenant's mail goes.</summary>
    public required IPEndPoint NextHop { get; init; }

    /// <summary><c>unix:/path</c> or <c>tcp:host:port</c>; null runs without antivirus.</summary>
    public string? Clamd { get; init; }

    public IPEndPoint Inbound { get; init; } = FreeEndPoint();

    public IPEndPoint Outbound { get; init; } = FreeEndPoint();

    public IPEndPoint Submission { get; init; } = FreeEndPoint();

    public IPEndPoint Api { get; init; } = FreeEndPoint();

    public IPEndPoint Management { get; init; } = FreeEndPoint();

    /// <summary>The tenant's policy as the site file has it.</summary>
    public string Policy { get; init; } = "{}";

    /// <summary>More settings, or other values for those above.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The program's library, <c>SECUEDGE_GATEWAY</c> or the build output; null when it was not built.</summary>
    public static string? FindLibrary()
    {
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable("SECUEDGE_GATEWAY"),
            Path.Combine(AppContext.BaseDirectory, "secuedge.dll"),
            Path.Combine(TestData.RepositoryRoot, "src", "SecuEdge.Appliance", "bin", "Release", "net10.0", "secuedge.dll"),
            Path.Combine(TestData.RepositoryRoot, "src", "SecuEdge.Appliance", "bin", "Debug", "net10.0", "secuedge.dll"),
        ];
        return candidates.FirstOrDefault(path => path is not null && File.Exists(path));
    }

    /// <summary>A port that was free a moment ago; each is given once, and none that the system would lend to a connection meanwhile.</summary>
    public static IPEndPoint FreeEndPoint()
    {
        while (true)
        {
            var endpoint = new IPEndPoint(IPAddress.Loopback, FirstPort + (int)((uint)Interlocked.Increment(ref s_lastPort) % Ports));
            try
            {
                using var listener = new TcpListener(endpoint);
                listener.Start();
                return endpoint;
            }
            catch (SocketException)
            {
                // Somebody has it: the next one.
            }
        }
    }

    /// <summary>The environment to start with; writes the site file that it names.</summary>
    public Dictionary<string, string> PrepareEnvironment()
    {
        Directory.CreateDirectory(DataFolder);
        var site = Path.Combine(Path.GetDirectoryName(DataFolder)!, Path.GetFileName(DataFolder) + ".site.json");
        File.WriteAllText(site, Site());
        var environment = new Dictionary<string, string>
        {
            ["SECUEDGE__Data"] = DataFolder,
            ["SECUEDGE__Smtp__Hostname"] = "gateway.example",
            ["SECUEDGE__Listeners__Inbound"] = Inbound.ToString(),
            ["SECUEDGE__Listeners__Outbound"] = Outbound.ToString(),
            ["SECUEDGE__Listeners__Submission"] = Submission.ToString(),
            ["SECUEDGE__Listeners__Api"] = Api.ToString(),
            ["SECUEDGE__Listeners__Management"] = Management.ToString(),
            ["SECUEDGE__ClamAv__Supervise"] = "false",
            ["SECUEDGE__ClamAv__Enabled"] = Clamd is null ? "false" : "true",
            ["SECUEDGE__Site"] = site,
        };
        if (Clamd is not null)
        {
            environment["SECUEDGE__ClamAv__Endpoint"] = Clamd;
        }

        foreach (var (key, value) in Settings)
        {
            environment[key] = value;
        }

        return environment;
    }

    private string Site()
    {
        string[] nextHops = [NextHop.ToString()];
        return JsonSerializer.Serialize(new
        {
            tenants = new[]
            {
                new
                {
                    name = "acme",
                    domains = new[] { new { name = "acme.example", nextHops, recipients = new[] { "*" } } },
                    outbound = new { networks = new[] { "127.0.0.1/32" }, nextHops },
                    policy = JsonNode.Parse(Policy),
                },
            },
        });
    }
}
