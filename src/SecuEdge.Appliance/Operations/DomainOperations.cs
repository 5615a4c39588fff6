using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Usage;

namespace SecuEdge.Appliance.Operations;

/// <summary>Shows and changes mail domains, and settles whose they are.</summary>
internal sealed class DomainOperations(SiteEditor editor, SiteHolder sites, DomainChallenge challenge, DomainProofs proofs)
{
    /// <param name="tenant">Only its own; null = all that the caller may see.</param>
    /// <param name="after">Name of the last one of the page before.</param>
    public (IReadOnlyList<DomainDetail> Items, string? Next) List(Caller caller, string? tenant, int limit, string? after)
    {
        var site = sites.Current;
        var visible = caller.Visible(Permission.TenantsRead, site);
        var page = site.Tenants
            .Where(t => visible?.Contains(t.Tenant.Name) != false && (tenant is null || t.Tenant.Name.Equals(tenant, StringComparison.OrdinalIgnoreCase)))
            .SelectMany(t => t.Domains)
            .Select(d => (Key: $"{d.Domain.Name.ToLowerInvariant()} {d.Tenant.Tenant.Name}", Route: d))
            .Where(d => after is null || string.CompareOrdinal(d.Key, after) > 0)
            .OrderBy(d => d.Key, StringComparer.Ordinal)
            .Take(limit + 1)
            .ToList();
        return ([.. page.Take(limit).Select(d => Detail(Versioned.Of(d.Route.Tenant), d.Route.Domain))], page.Count > limit ? page[limit - 1].Key : null);
    }

    public Outcome<DomainDetail> Get(Caller caller, string name) =>
        Find(caller, name) is { } route ? Detail(Versioned.Of(route.Tenant), route.Domain) : NoDomain(name);

    /// <summary>A new domain: taken at once on the word of whoever manages the node above, otherwise waiting for its record in the DNS.</summary>
    public Task<Outcome<DomainDetail>> CreateAsync(Caller caller, string tenant, Domain domain, CancellationToken cancellationToken) =>
        ChangeAsync(caller, tenant, domain.Name, null, "domain.create", site =>
        {
            if (site.FindTenant(tenant)?.Tenant is not { } owner || !caller.May(Permission.TenantsRead, owner.Name, site))
            {
                return SiteEditor.NoTenant(tenant);
            }

            if (Own(owner, domain.Name) is not null)
            {
                return new OperationProblem(OperationFailure.Conflict, $"'{owner.Name}' has the domain '{domain.Name}' already; change it with PUT /api/v1/domains/{domain.Name}", "name");
            }

            var ownership = TenantRights.MayVouch(caller, owner, site) ? domain.Ownership : DomainOwnership.Pending;
            return owner with { Domains = [.. owner.Domains, domain with { Ownership = ownership }] };
        }, cancellationToken);

    /// <param name="change">From the domain as it is.</param>
    public Task<Outcome<DomainDetail>> PutAsync(Caller caller, string name, Func<Domain, Domain> change, int? expectedRevision, CancellationToken cancellationToken) =>
        Find(caller, name) is not { } found
            ? Task.FromResult<Outcome<DomainDetail>>(NoDomain(name))
            : ChangeAsync(caller, found.Tenant.Tenant.Name, found.Domain.Name, expectedRevision, "domain.put", site => Replaced(site, found, change), cancellationToken);

    public async Task<OperationProblem?> DeleteAsync(Caller caller, string name, int? expectedRevision, CancellationToken cancellationToken)
    {
        if (Find(caller, name) is not { } found)
        {
            return NoDomain(name);
        }

        var outcome = await editor.ChangeAsync(
            caller,
            found.Tenant.Tenant.Name,
            owner => owner with { Domains = [.. owner.Domains.Where(d => d.Name != found.Domain.Name)] },
            _ => new Deed(caller, "domain.delete", found.Tenant.Tenant.Name, found.Domain.Name, "No mail is taken for it any more."),
            RevisionComment.Of("domain.delete", found.Domain.Name),
            expectedRevision,
            cancellationToken);
        return outcome.Problem;
    }

    /// <summary>Looks the record up now, or takes the caller's word for it.</summary>
    public async Task<Outcome<DomainDetail>> VerifyAsync(Caller caller, string name, bool vouch, CancellationToken cancellationToken)
    {
        if (Find(caller, name) is not { } found)
        {
            return NoDomain(name);
        }

        var owner = found.Tenant.Tenant;
        if (found.Domain.Ownership != DomainOwnership.Pending)
        {
            return Detail(Versioned.Of(found.Tenant), found.Domain);
        }

        if (vouch)
        {
            return await ChangeAsync(caller, owner.Name, found.Domain.Name, null, "domain.vouch", site => Replaced(site, found, d => d with { Ownership = DomainOwnership.Vouched }), cancellationToken);
        }

        if (!caller.May(Permission.TenantsManage, owner.Name, sites.Current))
        {
            return new OperationProblem(OperationFailure.Forbidden, $"you may not change domains of '{owner.Name}'; ask for tenantsManage on it");
        }

        var record = challenge.RecordFor(owner.Name, found.Domain.Name);
        if (await challenge.IsProvenAsync(owner.Name, found.Domain.Name, cancellationToken) is not { } isProven)
        {
            return new OperationProblem(OperationFailure.Unavailable, $"the DNS did not answer for {record.Name}; try again in a minute");
        }

        if (!isProven)
        {
            return new OperationProblem(OperationFailure.Conflict, $"{record.Name} has no TXT record \"{record.Value}\" yet; make it, wait until it is published, and try again");
        }

        var outcome = await proofs.ProveAsync(caller, owner.Name, found.Domain.Name, cancellationToken);
        return outcome.Value?.Site.FindTenant(owner.Name) is { } proven ? Detail(Versioned.Of(proven), Own(proven.Tenant, found.Domain.Name)!) : outcome.Problem!;
    }

    /// <summary>The same words whether there is none, or none that the caller may know of.</summary>
    public static OperationProblem NoDomain(string name) =>
        new(OperationFailure.NotFound, $"there is no domain '{name}'; list what there is with GET /api/v1/domains");

    /// <summary>The domain of that name that the caller may see; of several, the one he manages, then the one that takes mail.</summary>
    internal DomainRoute? Find(Caller caller, string name)
    {
        var site = sites.Current;
        return site.DomainsNamed(name)
            .Where(d => caller.May(Permission.TenantsRead, d.Tenant.Tenant.Name, site))
            .OrderByDescending(d => caller.May(Permission.TenantsManage, d.Tenant.Tenant.Name, site))
            .FirstOrDefault();
    }

    internal static Outcome<Tenant> Replaced(SiteDirectory site, DomainRoute found, Func<Domain, Domain> change) =>
        site.FindTenant(found.Tenant.Tenant.Name)?.Tenant is { } owner && Own(owner, found.Domain.Name) is { } current
            ? owner with { Domains = [.. owner.Domains.Select(d => ReferenceEquals(d, current) ? change(d) : d)] }
            : NoDomain(found.Domain.Name);

    private static Domain? Own(Tenant tenant, string name) => tenant.Domains.FirstOrDefault(d => DomainName.AreSame(d.Name, name));

    private async Task<Outcome<DomainDetail>> ChangeAsync(
        Caller caller, string tenant, string domain, int? expectedRevision, string action, Func<SiteDirectory, Outcome<Tenant>> change, CancellationToken cancellationToken)
    {
        var outcome = await editor.ChangeAsync(
            caller, tenant, owner => change(sites.Current), changed => DeedOf(caller, action, changed, Own(changed, domain)!), RevisionComment.Of(action, domain), expectedRevision, cancellationToken);
        return outcome.Value is { } changed ? Detail(changed, Own(changed.Value, domain)!) : outcome.Problem!.At(AsSent);
    }

    /// <summary>One domain was sent, so only one can be wrong.</summary>
    private static string AsSent(string field) =>
        field.StartsWith("domains[", StringComparison.Ordinal) && field.IndexOf("].", StringComparison.Ordinal) is var end and > 0 ? field[(end + 2)..] : field;

    internal static Deed DeedOf(Caller caller, string action, Tenant tenant, Domain domain) => new(
        caller, action, tenant.Name, domain.Name, $"Ownership: {domain.Ownership.ToString().ToLowerInvariant()}; next hops: {string.Join(", ", domain.NextHops)}.");

    private DomainDetail Detail(Versioned<Tenant> tenant, Domain domain) => new()
    {
        Name = domain.Name,
        Tenant = tenant.Value.Name,
        Ownership = domain.Ownership,
        Verification = domain.Ownership == DomainOwnership.Pending ? challenge.RecordFor(tenant.Value.Name, domain.Name) : null,
        NextHops = domain.NextHops,
        TakesAnyRecipient = DomainRoute.TakesAny(domain),
        Directory = domain.Directory,
        Recipients = ConfiguredMailboxes.Listed(domain),
        Policy = domain.Policy,
        Mailboxes = domain.Mailboxes,
        Revision = tenant.Revision,
    };
}

/// <summary>A mail domain.</summary>
public sealed record DomainDetail
{
    public required string Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>How we know that; a pending one takes no mail.</summary>
    public required DomainOwnership Ownership { get; init; }

    /// <summary>The record that proves it; absent unless it is pending.</summary>
    public required DnsRecord? Verification { get; init; }

    /// <summary>The customer's mail servers as <c>host:port</c>, tried in order.</summary>
    public required IReadOnlyList<string> NextHops { get; init; }

    /// <summary>Whether every local part is taken, listed or not.</summary>
    public required bool TakesAnyRecipient { get; init; }

    /// <summary>Directory with its recipients besides those listed; absent when there is none.</summary>
    public string? Directory { get; init; }

    /// <summary>Number of listed recipients; GET /domains/{name}/recipients lists them.</summary>
    public required int Recipients { get; init; }

    /// <summary>What the domain sets besides its tenant.</summary>
    public required PolicySettings Policy { get; init; }

    /// <summary>Mailboxes with settings of their own.</summary>
    public required IReadOnlyList<Mailbox> Mailboxes { get; init; }

    /// <summary>The revision that last changed its tenant, which is its ETag.</summary>
    public required int Revision { get; init; }
}
