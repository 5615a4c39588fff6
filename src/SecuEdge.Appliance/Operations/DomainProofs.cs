using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Puts in force what the DNS said of a domain. A record beats a word: where a node above another tenant vouched for the same domain, that claim
/// waits for its own record from the same revision on, or a reseller could take, or keep, the mail of a domain by writing it down first.
/// </summary>
internal sealed class DomainProofs(SiteEditor editor, EventHub events, TimeProvider timeProvider)
{
    private const string Why = "It is proven in the DNS for another tenant; no mail is taken for it here until it is proven here, too.";

    /// <summary>The loser is told by the appliance: who proved the domain, and from where, is another tenant's.</summary>
    private static readonly Caller s_appliance = new("secuedge");

    /// <returns>The change; a conflict when somebody else proved the domain before, or the provider gave it to him.</returns>
    public async Task<Outcome<SiteChange>> ProveAsync(Caller caller, string tenant, string domain, CancellationToken cancellationToken)
    {
        DomainRoute? former = null;

        // What the caller himself may not vouch for is proven.
        var proven = caller with { Grants = Caller.Local.Grants };
        var outcome = await editor.ChangeAsync(
            proven,
            RevisionComment.Of("domain.verify", domain),
            site =>
            {
                former = site.FindDomain(domain) is { } other && other.Tenant.Tenant.Name != tenant ? other : null;
                return former?.Domain.Ownership == DomainOwnership.Proven ? TwoProofs(caller, former, site) : Changes(site, tenant, domain, former);
            },
            made => Deeds(caller, made, tenant, domain, former),
            placeOf: null,
            plan: false,
            cancellationToken);
        if (former is not null && outcome.Value is { IsApplied: true })
        {
            var (loser, contacts) = (former.Tenant.Tenant.Name, former.Tenant.Service.Contacts ?? []);
            events.Publish(new GatewayEvent(EventNames.DomainDisproved, timeProvider.GetUtcNow(), loser, former.Domain.Name, new DomainNotice(former.Domain.Name, Why, contacts)));
        }

        return outcome;
    }

    private static IReadOnlyList<Deed> Deeds(Caller caller, SiteChange made, string tenant, string domain, DomainRoute? former)
    {
        var proven = made.Changes.First(c => c.Name == tenant).After!;
        var deed = DomainOperations.DeedOf(caller, "domain.verify", proven, proven.Domains.First(d => d.Name == domain));
        return former?.Tenant.Tenant.Name is not { } loser
            ? [deed]
            :
            [
                deed,
                new Deed(s_appliance, "domain.disproved", loser, domain, Why),
                new Deed(caller, "domain.disproved", Tenant.Root, domain, $"Proven by '{tenant}', so the claim vouched for at '{loser}' is pending."),
            ];
    }

    private static Outcome<IReadOnlyList<TenantChange>> Changes(SiteDirectory site, string tenant, string domain, DomainRoute? former)
    {
        if (site.FindTenant(tenant)?.Tenant is not { } owner || !owner.Domains.Any(d => d.Name == domain))
        {
            return DomainOperations.NoDomain(domain);
        }

        List<TenantChange> changes = [TenantChange.Of(site, owner.Name, Claim(owner, domain, DomainOwnership.Proven))];
        if (former is not null)
        {
            changes.Add(TenantChange.Of(site, former.Tenant.Tenant.Name, Claim(former.Tenant.Tenant, domain, DomainOwnership.Pending)));
        }

        return new Outcome<IReadOnlyList<TenantChange>>(changes, null);
    }

    private static Tenant Claim(Tenant tenant, string domain, DomainOwnership ownership) =>
        tenant with { Domains = [.. tenant.Domains.Select(d => d.Name == domain ? d with { Ownership = ownership } : d)] };

    private static OperationProblem TwoProofs(Caller caller, DomainRoute former, SiteDirectory site)
    {
        var owner = TreeValidation.Owner(former.Tenant.Tenant.Name, name => caller.May(Permission.TenantsRead, name, site));
        return new OperationProblem(
            OperationFailure.Conflict, $"'{former.Domain.Name}' is proven by {owner}, too, and its mail goes there; ask the provider, who settles it by deleting one of the two", "name");
    }
}

/// <summary>What an event about a domain says.</summary>
/// <param name="Contacts">Whom to tell.</param>
public sealed record DomainNotice(string Domain, string Why, IReadOnlyList<string> Contacts);
