using System.Net;
using System.Net.Sockets;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Operations;

/// <summary>Which next hops lie on the appliance itself or on its link, where services trust whoever reaches them.</summary>
internal static class NextHopRange
{
    /// <summary>Loopback, link-local or unspecified. Private ranges are not: customers' servers stand there.</summary>
    public static bool IsOfThisMachine(string hop)
    {
        if (!SmtpEndpoint.TryParse(hop, out var endpoint))
        {
            return false;
        }

        var host = endpoint.Host.TrimEnd('.');
        // RFC 6761 §6.3: these names are loopback, whatever the DNS says.
        return IPAddress.TryParse(host, out var address)
            ? IsOfThisMachine(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsOfThisMachine(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.Equals(IPAddress.IPv6Any))
        {
            return true;
        }

        // RFC 1122 §3.2.1.3: 0.0.0.0/8 is this host; RFC 3927: 169.254.0.0/16 is this link.
        return address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [0, ..] or [169, 254, ..];
    }
}
