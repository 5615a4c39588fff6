using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Smtp;

/// <summary>
/// Counts the open connections of all listeners, in all and per client. Kestrel's own limit closes the surplus without a word; this one
/// lets the session say why.
/// </summary>
public sealed class SmtpConnectionLimits(SmtpServerOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, int> openByClient = [];
    private int open;

    /// <summary>Connections open now.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Counts a connection in; every call needs a <see cref="Leave"/>. False when there are too many.</summary>
    internal bool Enter() => Interlocked.Increment(ref open) <= options.MaxConnections;

    internal void Leave() => Interlocked.Decrement(ref open);

    /// <summary>Counts a client's connection in; only when true a <see cref="Leave(IPAddress)"/> must follow.</summary>
    internal bool Enter(IPAddress address)
    {
        var client = ClientOf(address);
        lock (gate)
        {
            var count = openByClient.GetValueOrDefault(client);
            if (count >= options.MaxConnectionsPerAddress)
            {
                return false;
            }

            openByClient[client] = count + 1;
            return true;
        }
    }

    internal void Leave(IPAddress address)
    {
        var client = ClientOf(address);
        lock (gate)
        {
            var count = openByClient[client] - 1;
            if (count > 0)
            {
                openByClient[client] = count;
            }
            else
            {
                openByClient.Remove(client);
            }
        }
    }

    // RFC 6177: a site has at least a /64, so one client may come from any address in it.
    private static IPAddress ClientOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
