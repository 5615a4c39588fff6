using System.Net;
using System.Net.Sockets;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// The appliance itself and its link, where services trust whoever reaches them: a cloud's metadata, a control port. A next hop there is for whoever
/// runs the appliance to set. Private ranges are not meant: customers' servers stand there.
/// </summary>
internal static class OwnRange
{
    // EC2's metadata by IPv6 is the one of the clouds that lies in a private range.
    private static readonly IPAddress Metadata = IPAddress.Parse("fd00:ec2::254");

    /// <summary>Whether <c>host:port</c> is an address of this range, or a name that says so itself.</summary>
    public static bool Names(string hop) => SmtpEndpoint.TryParse(hop, out var endpoint) && NamesHost(endpoint.Host);

    /// <inheritdoc cref="Names"/>
    public static bool NamesHost(string host)
    {
        var name = host.TrimEnd('.');
        // RFC 6761 §6.3: these names are loopback, whatever the DNS says.
        return IPAddress.TryParse(name, out var address)
            ? Contains(address)
            : name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    public static bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain) || plain.IsIPv6LinkLocal || plain.Equals(IPAddress.IPv6Any) || plain.Equals(Metadata))
        {
            return true;
        }

        // RFC 1122 §3.2.1.3: 0.0.0.0/8 is this host; RFC 3927: 169.254.0.0/16 is this link.
        return plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes() is [0, ..] or [169, 254, ..];
    }
}
