using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>
/// Tells addresses of the Internet from those of one's own house: a tenant who names a webhook must not make the appliance call what only
/// the appliance can reach, such as a cloud's metadata at 169.254.169.254.
/// </summary>
internal static class PublicAddress
{
    /// <summary>IANA special-purpose registries for IPv4 (RFC 6890 and updates), multicast and reserved.</summary>
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Global unicast; everything else of IPv6 is local, multicast, or a wrapping of an IPv4 address.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Inside of global unicast: Teredo and other protocol assignments, documentation, 6to4 (which wraps IPv4).</summary>
    private static readonly IPNetwork[] SpecialInside = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    public static bool Is(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Special.Any(n => n.Contains(plain)),
            AddressFamily.InterNetworkV6 => GlobalUnicast.Contains(plain) && !SpecialInside.Any(n => n.Contains(plain)),
            _ => false,
        };
    }
}
