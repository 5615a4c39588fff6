using System.Net;
using System.Net.Sockets;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Access;

/// <summary>Where a request may come from, and how an address is written and counted.</summary>
internal static class AddressRanges
{
    private const int Ipv6SitePrefix = 64;
    private const int MappedPrefix = 96;

    /// <summary>An IPv4 address seen through an IPv6 listener is the IPv4 address.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <param name="networks">Addresses and CIDR networks; empty = anywhere.</param>
    /// <param name="address">Null (no network at all) is in no range.</param>
    public static bool Contain(IReadOnlyList<string> networks, IPAddress? address) =>
        networks.Count == 0 || (address is not null && networks.Any(n => SiteValidation.ParseNetwork(n) is { } network && Contains(network, Plain(address))));

    /// <summary>Whether one of the networks holds all of this one.</summary>
    public static bool IsWithin(string network, IReadOnlyList<string> networks) =>
        SiteValidation.ParseNetwork(network) is { } inner
        && networks.Any(n => SiteValidation.ParseNetwork(n) is { } outer && outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress));

    /// <summary>What counts as one client: an IPv4 address, or the /64 of an IPv6 address, within which anybody has as many as he likes.</summary>
    public static string Client(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        var plain = Plain(address);
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return plain.ToString();
        }

        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(Ipv6SitePrefix / 8).Clear();
        return $"{new IPAddress(bytes)}/{Ipv6SitePrefix}";
    }

    /// <summary>A network may be written in the mapped form, too: <c>::ffff:192.0.2.0/120</c>. <c>::/0</c> is IPv6 and nothing else.</summary>
    private static bool Contains(IPNetwork network, IPAddress address) =>
        network.Contains(address) || (network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefix && network.Contains(address.MapToIPv6()));
}
