using System.Net;
using SecuEdge.TestKit;

namespace SecuEdge.Load.Systems;

/// <summary>
/// The gateway as it ships, over its outbound listener (a relay for its own network, as Postfix here is): durable spool, MIME anatomy and
/// all checks that apply, with or without clamd.
/// </summary>
internal sealed class SecuEdgeGateway : MailSystem
{
    private readonly GatewayLaunch _launch;

    private readonly bool _hasRules;

    /// <param name="hasRules">With the YARA engine and its own rules, as it ships; off where it is compared with those that have none.</param>
    public SecuEdgeGateway(string folder, IPEndPoint sink, string library, ClamdScanner? scanner, bool hasRules = false)
        : base(scanner is null ? "secuedge" : hasRules ? "secuedge+clamd+yara" : "secuedge+clamd", folder)
    {
        Scanner = scanner;
        _hasRules = hasRules;
        _launch = new GatewayLaunch
        {
            DataFolder = Path.Combine(Folder, "data"),
            NextHop = sink,
            Clamd = scanner is null ? null : "unix:" + scanner.SocketPath,
            Outbound = Entry,
            // Every session of the load comes from one address, which the limit of 50 would stop at 200 sessions; Postfix has none here, either.
            Settings = new Dictionary<string, string>
            {
                ["SECUEDGE__Smtp__MaxConnectionsPerAddress"] = "1000",
                ["SECUEDGE__Yara__Enabled"] = hasRules ? "true" : "false",
            },
        };
        WaitUntilReady(Processes.Start(FindProgram("dotnet")!, [library, "run"], Path.Combine(Folder, "output.log"), _launch.PrepareEnvironment()));
    }

    public override string Description => Scanner is null
        ? "outbound listener, MIME anatomy and all checks but antivirus; durable (spool synced before the 250)"
        : "MIME anatomy (attachments in the cage), all structure checks, clamd over the Unix socket" + (_hasRules ? ", YARA with its own rules" : "");
}
