using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// Networks of tenants of which one lies in the other. The longest prefix wins, so that a customer inside a range keeps its own policy; but
/// where a reseller says which networks his customers have, he could take another's servers out of that one's range.
/// </summary>
internal static class NetworkOverlap
{
    /// <param name="owners">Network → the name of its tenant.</param>
    public static void Check(
        Site site,
        IReadOnlyList<string> places,
        Dictionary<string, Tenant> tenants,
        Dictionary<IPNetwork, string> owners,
        Func<Tenant, bool> isChanged,
        Func<string, bool> mayName,
        List<string> errors)
    {
        // Names that are wrong or there twice are mended first: without them nobody can say whose a network is.
        if (errors.Count > 0 || !site.Tenants.Any(t => t.Kind == TenantKind.Reseller))
        {
            return;
        }

        var placeByName = site.Tenants.Select((tenant, i) => (tenant.Name, places[i])).DistinctBy(t => t.Name).ToDictionary(t => t.Name, t => t.Item2);
        var lengths = owners.Keys.Select(n => (n.BaseAddress.AddressFamily, n.PrefixLength)).Distinct().ToLookup(l => l.AddressFamily, l => l.PrefixLength);
        foreach (var (inner, owner) in owners)
        {
            foreach (var length in lengths[inner.BaseAddress.AddressFamily].Where(l => l < inner.PrefixLength))
            {
                var outer = SiteValidation.NetworkOf(inner.BaseAddress, length);
                if (owners.TryGetValue(outer, out var other) && MayNotOverlap(owner, other, tenants))
                {
                    errors.Add(mayName(owner) && (isChanged(tenants[owner]) || !isChanged(tenants[other]) || !mayName(other))
                        ? $"{Place(owner, inner)}: '{inner}' lies in a network of {TreeValidation.Owner(other, mayName)}; have it taken out there first"
                        : $"{Place(other, outer)}: '{outer}' contains a network of {TreeValidation.Owner(owner, mayName)}; name only the customer's own servers");
                }
            }
        }

        string Place(string name, IPNetwork network)
        {
            var networks = tenants[name].Outbound!.Networks;
            var index = Enumerable.Range(0, networks.Count).First(n => SiteValidation.ParseNetwork(networks[n]) == network);
            return $"{placeByName[name]}outbound.networks[{index}]";
        }
    }

    private static bool MayNotOverlap(string one, string other, Dictionary<string, Tenant> tenants)
    {
        var (above, aboveOther) = (PathOf(one, tenants), PathOf(other, tenants));
        return !above.Contains(other) && !aboveOther.Contains(one) && (above.Count > 1 || aboveOther.Count > 1);
    }

    /// <summary>The tenant and those above it, without the root; a circle, which is an error of its own, ends it.</summary>
    private static List<string> PathOf(string name, Dictionary<string, Tenant> tenants)
    {
        List<string> path = [];
        for (var at = name; at is not null && at != Tenant.Root && !path.Contains(at); at = tenants.GetValueOrDefault(at)?.Parent)
        {
            path.Add(at);
        }

        return path;
    }
}
