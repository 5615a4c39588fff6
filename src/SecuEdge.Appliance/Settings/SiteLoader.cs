using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// The site as stored, put in force whatever it says: the appliance serves many, and the settings of one must not keep it from starting. What
/// cannot be used is replaced, step by step, by less:
/// <list type="number">
/// <item>the tenant as far as it can be read, suspended;</item>
/// <item>the same directly below the provider, where the trouble is its place;</item>
/// <item>its name alone, where its domains or networks collide with those of others, who wait from then on, too: nobody knows whose it is;</item>
/// <item>nothing.</item>
/// </list>
/// Mail of all of these waits (451): it is neither refused, nor let through without the policy that was asked for.
/// </summary>
internal static class SiteLoader
{
    /// <param name="site">What can be read of the documents.</param>
    /// <param name="unreadable">The others, and why.</param>
    public static SiteDirectory Load(Site site, IReadOnlyDictionary<string, string> unreadable, IReadOnlyDictionary<string, SettingsDocument> documents)
    {
        var tenants = site.Tenants.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var lost = unreadable.ToDictionary(u => u.Key, u => new Loss(u.Value), StringComparer.Ordinal);
        foreach (var name in lost.Keys.ToList())
        {
            Replace(tenants, name, lost, documents);
        }

        while (true)
        {
            var (directory, errors) = SiteValidation.TryCompile(
                new Site { Tenants = [.. tenants.Values.OrderBy(t => t.Name, StringComparer.Ordinal)] }, null, tenant => SiteDocuments.NameOf(tenant.Name) + " ");
            if (directory is not null)
            {
                directory.Unusable = [.. lost.Select(l => new UnusableTenant(l.Key, l.Value.Reason, directory.FindTenant(l.Key)?.Tenant))];
                return directory;
            }

            var wrong = errors.Select(e => (Error: e, Name: NameIn(e))).Where(e => e.Name is not null && tenants.ContainsKey(e.Name)).DistinctBy(e => e.Name).ToList();
            foreach (var (error, name) in wrong.Count > 0 ? wrong : [.. tenants.Keys.Select(n => (errors[0], (string?)n))])
            {
                lost.TryAdd(name!, new Loss(error[(error.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
                Replace(tenants, name!, lost, documents);
            }
        }
    }

    private static void Replace(Dictionary<string, Tenant> tenants, string name, Dictionary<string, Loss> lost, IReadOnlyDictionary<string, SettingsDocument> documents)
    {
        var standIn = UnusableTenant.StandInOf(name, documents[SiteDocuments.NameOf(name)].Json);
        switch (lost[name].Step++)
        {
            case 0:
                tenants[name] = standIn;
                break;
            case 1:
                tenants[name] = standIn with { Parent = null };
                break;
            case 2:
                tenants[name] = standIn with { Parent = null, Domains = [], Outbound = null };
                foreach (var other in tenants.Values.Where(t => t.Name != name && !lost.ContainsKey(t.Name) && Collide(t, standIn)).ToList())
                {
                    lost.Add(other.Name, new Loss($"a domain or network of it is stored as that of '{name}' too"));
                    Replace(tenants, other.Name, lost, documents);
                }

                break;
            default:
                tenants.Remove(name);
                break;
        }
    }

    private static bool Collide(Tenant one, Tenant other) =>
        one.Domains.Where(d => d.Ownership != DomainOwnership.Pending).Select(d => d.Name)
            .Intersect(other.Domains.Where(d => d.Ownership != DomainOwnership.Pending).Select(d => d.Name), StringComparer.OrdinalIgnoreCase).Any()
        || (one.Outbound?.Networks ?? []).Intersect(other.Outbound?.Networks ?? []).Any();

    /// <summary>Whose error it is, by the place that was asked for above.</summary>
    private static string? NameIn(string error) => error.IndexOf(' ', StringComparison.Ordinal) is var end and > 0 ? SiteDocuments.TenantOf(error[..end]) : null;

    private sealed class Loss(string reason)
    {
        public string Reason { get; } = reason;

        public int Step { get; set; }
    }
}
