using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace SecuEdge.Appliance.Audit;

/// <summary>One connection to the collector, with TLS unless it is switched off. The collector sends nothing: whatever comes back is the end.</summary>
internal sealed class SyslogConnection : IAsyncDisposable
{
    // linux/tcp.h: what the kernel knows of a connection; bytes acknowledged stand there as 64 bits, since Linux 4.1.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int AcknowledgedOffset = 120;

    // linux/tcp.h: how long the other side may acknowledge nothing before the connection is over; otherwise that takes a quarter of an hour.
    private const int TcpUserTimeout = 18;
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly CountedStream _counted;
    private readonly long _acknowledgedBefore;
    private readonly Stream _stream;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _ended;

    private SyslogConnection(Socket socket, CountedStream counted, long acknowledgedBefore, Stream stream)
    {
        _socket = socket;
        _counted = counted;
        _acknowledgedBefore = acknowledgedBefore;
        _stream = stream;
        _ended = WatchAsync();
    }

    /// <summary>The collector has closed, or the way to it is broken.</summary>
    public bool IsOver => _ended.IsCompleted;

    /// <summary>Bytes given to the kernel up to now, those of TLS among them.</summary>
    public long Sent => _counted.Written;

    /// <summary>How many of them the host of the collector has. Elsewhere than on Linux nobody can say, and all are taken to have arrived.</summary>
    public long Acknowledged => AcknowledgedBy(_socket) is { } bytes ? bytes - _acknowledgedBefore : Sent;

    public static async Task<SyslogConnection> OpenAsync(SyslogOptions options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var endpoint = options.Parse() ?? throw new InvalidOperationException("No collector is set.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(endpoint, both.Token);
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes((int)SilenceLimit.TotalMilliseconds));
            }

            // Connecting itself counts as one.
            var acknowledgedBefore = AcknowledgedBy(socket) ?? 0;
            var counted = new CountedStream(socket);
            stream = counted;
            if (options.Tls)
            {
                var tls = new SslStream(stream, leaveInnerStreamOpen: false);
                stream = tls;
                await tls.AuthenticateAsClientAsync(Authentication(options, endpoint.Host), both.Token);
            }

            return new SyslogConnection(socket, counted, acknowledgedBefore, stream);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await CloseAsync();
            throw new IOException($"no connection within {options.ConnectTimeout.TotalSeconds:0} seconds");
        }
        catch
        {
            await CloseAsync();
            throw;
        }

        async ValueTask CloseAsync()
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            socket.Dispose();
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan limit, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _stream.WriteAsync(bytes, both.Token);
            await _stream.FlushAsync(both.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            throw new IOException($"the collector took nothing for {limit.TotalSeconds:0} seconds");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _socket.Close();
        await _ended;
        await _stream.DisposeAsync();
        _ending.Dispose();
    }

    private static long? AcknowledgedBy(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[AcknowledgedOffset + sizeof(long)];
        return socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length ? BitConverter.ToInt64(info[AcknowledgedOffset..]) : null;
    }

    private static SslClientAuthenticationOptions Authentication(SyslogOptions options, string host)
    {
        var authentication = new SslClientAuthenticationOptions { TargetHost = options.ServerName.Length > 0 ? options.ServerName : host };
        if (options.AuthorityFile.Length > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(options.AuthorityFile);
            authentication.CertificateChainPolicy = policy;
        }

        return authentication;
    }

    private async Task WatchAsync()
    {
        var buffer = new byte[256];
        try
        {
            while (await _stream.ReadAsync(buffer, _ending.Token) > 0)
            {
                // Nothing is expected; a collector that talks is not in our way.
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Over, either way.
        }
    }

    /// <summary>Counts what goes out below TLS, as the kernel counts what is acknowledged.</summary>
    private sealed class CountedStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private long _written;

        public long Written => Interlocked.Read(ref _written);

        // TLS and we write by this one alone.
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken);
            Interlocked.Add(ref _written, buffer.Length);
        }
    }
}
