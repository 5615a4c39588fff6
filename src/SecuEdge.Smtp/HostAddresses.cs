using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Smtp;

/// <summary>Where a host may be reached, best first.</summary>
/// <param name="Trouble">Why there is nowhere; empty otherwise.</param>
public sealed record HostAddresses(IReadOnlyList<IPAddress> Addresses, string Trouble);

/// <summary>Finds the addresses of a host by its name. Whoever connects uses these and asks nobody again, so that what was checked is what is reached.</summary>
public delegate Task<HostAddresses> HostLookup(string host, CancellationToken cancellationToken);

/// <summary>The operating system's way: hosts file and DNS.</summary>
public static class SystemHostLookup
{
    public static async Task<HostAddresses> FindAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken) is { Length: > 0 } found ? new HostAddresses(found, "") : Unknown;
        }
        catch (SocketException)
        {
            return Unknown;
        }
    }

    private static HostAddresses Unknown { get; } = new([], "the name cannot be resolved");
}
