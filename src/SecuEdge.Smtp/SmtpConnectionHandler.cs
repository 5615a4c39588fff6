using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace SecuEdge.Smtp;

/// <summary>
/// Kestrel's entry to the SMTP server, one per listener: finds out who the client is (PROXY protocol), applies the connection limits, runs
/// the session, and ends it politely when the server stops.
/// </summary>
public sealed partial class SmtpConnectionHandler : ConnectionHandler
{
    /// <summary>The PROXY protocol asks for at least 3 seconds, time for one retransmission.</summary>
    private static readonly TimeSpan ProxyHeaderLimit = TimeSpan.FromSeconds(5);

    private readonly SmtpListener listener;
    private readonly SmtpConnectionLimits limits;
    private readonly ILogger logger;
    private readonly List<IPNetwork> proxyNetworks = [];

    public SmtpConnectionHandler(
        ListenerRole role,
        ISmtpTransactions transactions,
        SmtpServerOptions options,
        TlsCertificateSource certificates,
        SmtpConnectionLimits limits,
        TimeProvider time,
        ILogger<SmtpConnectionHandler> logger)
    {
        this.limits = limits;
        this.logger = logger;
        listener = new SmtpListener
        {
            Role = role,
            Transactions = transactions,
            Options = options,
            Certificates = certificates,
            Time = time,
            Logger = logger,
        };
        foreach (var text in options.ProxyNetworks)
        {
            proxyNetworks.Add(ProxyProtocol.TryParseNetwork(text, out var network)
                ? network
                : throw new ArgumentException($"{nameof(options.ProxyNetworks)}: '{text}' is no network", nameof(options)));
        }
    }

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await using var wire = new SmtpWire(connection.Transport, listener.Options.MaxCommandLineBytes, listener.Time);
        using var givingUp = new CancellationTokenSource();

        // A stopping server first asks, later aborts; only then the gateway's work for this client is cancelled too.
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        using var stop = lifetime?.ConnectionClosedRequested.Register(wire.Stop);
        using var abort = connection.ConnectionClosed.Register(() => CancelIf(wire.IsStopping, givingUp));
        var isWithinLimit = limits.Enter();
        try
        {
            await RunAsync(connection, wire, isWithinLimit, givingUp.Token);
        }
        catch (ConnectionEndedException)
        {
            // Before there was a session: a port scan or the health check of a load balancer.
        }
        catch (OperationCanceledException) when (givingUp.IsCancellationRequested)
        {
            // The server has run out of patience.
        }
        catch (Exception exception)
        {
            LogSessionFailed(exception, connection.ConnectionId);
        }
        finally
        {
            limits.Leave();
        }
    }

    private static void CancelIf(bool isStopping, CancellationTokenSource source)
    {
        if (isStopping)
        {
            source.Cancel();
        }
    }

    private async Task RunAsync(ConnectionContext context, SmtpWire wire, bool isWithinLimit, CancellationToken cancellationToken)
    {
        var remote = EndPointOf(context.RemoteEndPoint);
        var local = EndPointOf(context.LocalEndPoint);
        var isInternal = listener.Role == ListenerRole.Internal;
        if (!isInternal && proxyNetworks.Exists(network => network.Contains(remote.Address)))
        {
            if (await ReadProxyHeaderAsync(wire) is not { } header)
            {
                LogProxyHeaderMissing(remote.Address);
                await wire.SayFarewellAsync(SmtpReplies.ProxyHeaderExpected);
                return;
            }

            remote = header.Source is null ? remote : EndPointOf(header.Source);
            local = header.Destination is null ? local : EndPointOf(header.Destination);
        }

        var connection = Describe(context, remote, local);
        if (!isWithinLimit)
        {
            await RefuseAsync(connection, wire, SmtpReplies.TooManyConnections);
            return;
        }

        if (isInternal)
        {
            await new SmtpSession(wire, connection, listener).RunAsync(cancellationToken);
            return;
        }

        if (!limits.Enter(remote.Address))
        {
            await RefuseAsync(connection, wire, SmtpReplies.TooManyConnectionsOfAddress);
            return;
        }

        try
        {
            await new SmtpSession(wire, connection, listener).RunAsync(cancellationToken);
        }
        finally
        {
            limits.Leave(remote.Address);
        }
    }

    private Task RefuseAsync(SmtpConnection connection, SmtpWire wire, SmtpReply reply)
    {
        listener.Transactions.Refused(connection, SmtpStage.Connect, reply);
        return wire.SayFarewellAsync(reply);
    }

    private SmtpConnection Describe(ConnectionContext context, IPEndPoint remote, IPEndPoint local)
    {
        var openedAt = listener.Time.GetUtcNow();

        // Set where the listener speaks TLS from the first byte (RFC 8314 §3.3).
        var tls = context.Features.Get<ITlsHandshakeFeature>();
        return new SmtpConnection
        {
            Id = Guid.CreateVersion7(openedAt).ToString("N"),
            Role = listener.Role,
            Remote = remote,
            Local = local,
            OpenedAt = openedAt,
            TlsVersion = tls is null ? null : TlsUpgrade.Name(tls.Protocol),
            TlsCipher = tls?.NegotiatedCipherSuite?.ToString(),
        };
    }

    private static async Task<ProxyHeader?> ReadProxyHeaderAsync(SmtpWire wire)
    {
        var seenBytes = 0L;
        while (true)
        {
            var block = await wire.ReadBlockAsync(ProxyHeaderLimit);
            switch (ProxyProtocol.Read(block, out var header))
            {
                case ProxyHeaderStatus.Complete:
                    wire.AdvanceTo(block.GetPosition(header.Length));
                    return header;
                case ProxyHeaderStatus.Incomplete when block.Length > seenBytes:
                    seenBytes = block.Length;
                    wire.KeepForNextBlock(block);
                    break;
                default:
                    wire.AdvanceTo(block.End);
                    return null;
            }
        }
    }

    // A dual-stack socket shows IPv4 clients as ::ffff:192.0.2.1; lists and limits want the real thing.
    private static IPEndPoint EndPointOf(EndPoint? endPoint) => endPoint switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port),
        IPEndPoint plain => plain,

        // Unix sockets have no address; whoever may open one is local.
        _ => new IPEndPoint(IPAddress.Loopback, 0),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Address} is in ProxyNetworks but sent no valid PROXY protocol header")]
    private partial void LogProxyHeaderMissing(IPAddress address);

    [LoggerMessage(Level = LogLevel.Error, Message = "The session of connection {ConnectionId} broke off")]
    private partial void LogSessionFailed(Exception exception, string connectionId);
}
