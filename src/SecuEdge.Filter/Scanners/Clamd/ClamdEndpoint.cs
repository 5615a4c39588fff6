using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Filter.Scanners.Clamd;

/// <summary>Where clamd listens: <c>unix:/path</c> or <c>tcp:host:port</c>.</summary>
internal sealed class ClamdEndpoint
{
    // A full listen queue answers EAGAIN at once on Unix sockets; it drains as fast as clamd accepts.
    private const int MaxBusyAttempts = 10;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(20);

    private readonly EndPoint _address;

    private ClamdEndpoint(EndPoint address) => _address = address;

    /// <summary>Only a Unix socket can carry file descriptors.</summary>
    public bool IsUnix => _address is UnixDomainSocketEndPoint;

    public static bool TryParse(string text, [NotNullWhen(true)] out ClamdEndpoint? endpoint)
    {
        endpoint = null;
        if (text.StartsWith("unix:/", StringComparison.Ordinal))
        {
            // sun_path holds 108 bytes with its terminator.
            var path = text["unix:".Length..];
            endpoint = System.Text.Encoding.UTF8.GetByteCount(path) < 108 ? new(new UnixDomainSocketEndPoint(path)) : null;
            return endpoint is not null;
        }

        var colon = text.LastIndexOf(':');
        if (!text.StartsWith("tcp:", StringComparison.Ordinal) || colon <= "tcp:".Length
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return false;
        }

        var host = text["tcp:".Length..colon];
        endpoint = IPAddress.TryParse(host, out var address) ? new(new IPEndPoint(address, port))
            : Uri.CheckHostName(host) == UriHostNameType.Dns ? new(new DnsEndPoint(host, port))
            : null;
        return endpoint is not null;
    }

    /// <summary>Throws <see cref="SocketException"/> when nobody listens: at once, so that mail is deferred without waiting.</summary>
    public async Task<Socket> ConnectAsync(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var socket = IsUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(_address, cancellationToken);
                return socket;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock && attempt < MaxBusyAttempts)
            {
                socket.Dispose();
                await Task.Delay(BusyPause, timeProvider, cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
