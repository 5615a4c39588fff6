using System.Net;

namespace SecuEdge.Appliance.Settings;

/// <summary>Whose network an address is in. One look-up for each length of prefix in use, however many customers there are.</summary>
internal sealed class NetworkTable
{
    private readonly Dictionary<IPNetwork, TenantRoute> _networks = [];
    private readonly (int Length, bool IsIpv6)[] _lengths;

    public NetworkTable(IEnumerable<TenantRoute> tenants)
    {
        foreach (var tenant in tenants)
        {
            foreach (var network in tenant.Tenant.Outbound?.Networks ?? [])
            {
                _networks[SiteValidation.ParseNetwork(network)!.Value] = tenant;
            }
        }

        // The longest prefix wins, so a customer inside a reseller's range keeps its own policy.
        _lengths = [.. _networks.Keys.Select(n => (n.PrefixLength, n.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)).Distinct().OrderDescending()];
    }

    public TenantRoute? Find(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var isIpv6 = plain.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        foreach (var (length, isOfIpv6) in _lengths)
        {
            if (isIpv6 == isOfIpv6 && _networks.TryGetValue(SiteValidation.NetworkOf(plain, length), out var tenant))
            {
                return tenant;
            }
        }

        return null;
    }
}
