namespace SecuEdge.Appliance.Settings;

/// <summary>
/// What an appliance stored when domains had no canonical form: two tenants with the same domain in two spellings, or one tenant with both. The
/// mail of everybody else must not wait until somebody has decided, so one of them keeps the domain and the other waits for its DNS record.
/// </summary>
internal static class DomainClaims
{
    /// <summary>A proof keeps its domain before a word, an older document before a newer one.</summary>
    /// <returns>The same site when nothing collides; with it a sentence for each claim that was settled.</returns>
    public static (Site Site, IReadOnlyList<SettledClaim> Settled) Settle(Site site, Func<string, int> revisionOf)
    {
        var settled = new List<SettledClaim>();
        var tenants = site.Tenants.Select(t => WithoutDoubles(t, settled)).ToDictionary(t => t.Name, StringComparer.Ordinal);
        var active = tenants.Values.SelectMany(t => t.Domains, (t, d) => (Tenant: t.Name, Domain: d)).Where(c => c.Domain.Ownership != DomainOwnership.Pending);
        foreach (var claims in active.GroupBy(c => c.Domain.Name, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).ToList())
        {
            var ordered = claims.OrderByDescending(c => c.Domain.Ownership == DomainOwnership.Proven).ThenBy(c => revisionOf(c.Tenant)).ThenBy(c => c.Tenant, StringComparer.Ordinal).ToList();
            foreach (var (loser, domain) in ordered.Skip(1))
            {
                tenants[loser] = Replaced(tenants[loser], domain, domain with { Ownership = DomainOwnership.Pending });
                settled.Add(new SettledClaim(
                    loser, domain.Name, $"The domain {domain.Name} of tenant '{loser}' is pending: tenant '{ordered[0].Tenant}' has it, too, in another spelling. Its DNS record settles whose it is."));
            }
        }

        return settled.Count == 0 ? (site, settled) : (new Site { Tenants = [.. site.Tenants.Select(t => tenants[t.Name])] }, settled);
    }

    private static Tenant WithoutDoubles(Tenant tenant, List<SettledClaim> settled)
    {
        foreach (var group in tenant.Domains.GroupBy(d => d.Name, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).ToList())
        {
            // The one that takes mail stays where it stands; it learns the mailboxes of the other, so that none is lost.
            var kept = group.FirstOrDefault(d => d.Ownership != DomainOwnership.Pending) ?? group.First();
            var joined = kept with
            {
                Recipients = [.. group.SelectMany(d => d.Recipients).DistinctBy(DomainRoute.LocalPart, StringComparer.OrdinalIgnoreCase)],
                Mailboxes = [.. kept.Mailboxes.Concat(group.SelectMany(d => d.Mailboxes)).DistinctBy(m => DomainRoute.LocalPart(m.Address), StringComparer.OrdinalIgnoreCase)],
            };
            tenant = tenant with { Domains = [.. tenant.Domains.Where(d => d.Name != group.Key || ReferenceEquals(d, kept)).Select(d => ReferenceEquals(d, kept) ? joined : d)] };
            settled.Add(new SettledClaim(tenant.Name, group.Key, $"Tenant '{tenant.Name}' had the domain {group.Key} in two spellings; they are one now, with the mailboxes of both."));
        }

        return tenant;
    }

    private static Tenant Replaced(Tenant tenant, Domain before, Domain after) =>
        tenant with { Domains = [.. tenant.Domains.Select(d => ReferenceEquals(d, before) ? after : d)] };
}

/// <param name="Note">What became of the claim, in a sentence for whoever looks after the appliance.</param>
internal sealed record SettledClaim(string Tenant, string Domain, string Note);
