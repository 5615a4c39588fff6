using System.Net;
using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Settings;

/// <summary>What can be wrong between tenants: names, parents, and who owns which domain and network.</summary>
internal static partial class TreeValidation
{
    /// <param name="isChanged">Whether a tenant is what somebody changes now: of two that collide, the error is in his.</param>
    /// <param name="mayName">Whether whoever reads the errors may know of a tenant.</param>
    public static void Check(Site site, IReadOnlyList<string> places, Func<Tenant, bool> isChanged, Func<string, bool> mayName, List<string> errors)
    {
        var tenants = new Dictionary<string, Tenant>(StringComparer.OrdinalIgnoreCase);
        for (var t = 0; t < site.Tenants.Count; t++)
        {
            var tenant = site.Tenants[t];
            if (!TenantName().IsMatch(tenant.Name))
            {
                errors.Add($"{places[t]}name: '{tenant.Name}' is not a name; use 1-63 lower-case letters, digits, dots and dashes");
            }
            else if (!tenants.TryAdd(tenant.Name, tenant))
            {
                errors.Add($"{places[t]}name: '{tenant.Name}' is used twice; every tenant needs its own name");
            }
        }

        var domains = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var networks = new Dictionary<IPNetwork, string>();
        // Of two that collide the later one is at fault: those that are as they were come first, and before them those that may not be named.
        foreach (var t in Enumerable.Range(0, site.Tenants.Count).OrderBy(t => mayName(site.Tenants[t].Name)).ThenBy(t => isChanged(site.Tenants[t])))
        {
            CheckParent(site.Tenants[t], places[t], tenants, errors);
            CheckDomains(site.Tenants[t], places[t], domains, mayName, errors);
            CheckNetworks(site.Tenants[t], places[t], networks, mayName, errors);
        }

        NetworkOverlap.Check(site, places, tenants, networks, isChanged, mayName, errors);
    }

    private static void CheckParent(Tenant tenant, string at, Dictionary<string, Tenant> tenants, List<string> errors)
    {
        var isRoot = tenant.Name == Tenant.Root;
        if (isRoot != (tenant.Kind == TenantKind.Provider))
        {
            errors.Add(isRoot
                ? $"{at}kind: '{Tenant.Root}' is the root of the tree; write \"provider\""
                : $"{at}kind: only '{Tenant.Root}' is a provider; write \"reseller\" or \"customer\"");
        }

        if (isRoot && tenant.Parent is not null)
        {
            errors.Add($"{at}parent: nothing is above '{Tenant.Root}'; leave it out");
        }

        if (isRoot || tenant.Parent is not { } name || name == Tenant.Root)
        {
            return;
        }

        if (!tenants.TryGetValue(name, out var parent))
        {
            errors.Add($"{at}parent: there is no tenant '{name}'; name a reseller, or leave it out for the provider");
        }
        else if (IsInCycle(tenant, tenants))
        {
            errors.Add($"{at}parent: '{name}' is below '{tenant.Name}' itself; a tree has no circles");
        }
        else if (parent.Kind == TenantKind.Customer)
        {
            errors.Add($"{at}parent: '{name}' is a customer; only the provider and resellers have tenants below them");
        }
    }

    private static bool IsInCycle(Tenant tenant, Dictionary<string, Tenant> tenants)
    {
        var at = tenant;
        for (var steps = 0; steps <= tenants.Count; steps++)
        {
            if (at.Parent is not { } name || !tenants.TryGetValue(name, out var parent))
            {
                return false;
            }

            at = parent;
        }

        return true;
    }

    private static void CheckDomains(Tenant tenant, string at, Dictionary<string, string> domains, Func<string, bool> mayName, List<string> errors)
    {
        HashSet<string>? own = tenant.Domains.Count > 1 ? new HashSet<string>(StringComparer.OrdinalIgnoreCase) : null;
        for (var d = 0; d < tenant.Domains.Count; d++)
        {
            var domain = tenant.Domains[d];
            if (own?.Add(domain.Name) == false)
            {
                errors.Add($"{at}domains[{d}].name: '{domain.Name}' is there twice");
            }
            // Anybody may claim a domain; only what is proven or vouched for is his.
            else if (domain.Ownership != DomainOwnership.Pending && !domains.TryAdd(domain.Name, tenant.Name))
            {
                errors.Add($"{at}domains[{d}].name: '{domain.Name}' already belongs to {Owner(domains[domain.Name], mayName)}");
            }
        }
    }

    private static void CheckNetworks(Tenant tenant, string at, Dictionary<IPNetwork, string> networks, Func<string, bool> mayName, List<string> errors)
    {
        for (var n = 0; n < (tenant.Outbound?.Networks.Count ?? 0); n++)
        {
            var text = tenant.Outbound!.Networks[n];
            if (SiteValidation.ParseNetwork(text) is { } network && !networks.TryAdd(network, tenant.Name) && networks[network] != tenant.Name)
            {
                errors.Add($"{at}outbound.networks[{n}]: '{text}' already belongs to {Owner(networks[network], mayName)}");
            }
        }
    }

    internal static string Owner(string tenant, Func<string, bool> mayName) => mayName(tenant) ? $"tenant '{tenant}'" : "another tenant";

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TenantName();
}
