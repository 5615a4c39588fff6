using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Usage;

namespace SecuEdge.Appliance.Operations;

/// <summary>Shows and changes tenants. What a caller may not see answers as if it were not there.</summary>
internal sealed class TenantOperations(SiteEditor editor, SiteHolder sites, ApplianceOptions options, TimeProvider timeProvider)
{
    public (IReadOnlyList<TenantSummary> Items, string? Next) List(Caller caller, TenantQuery query)
    {
        var site = sites.Current;
        var visible = caller.Visible(Permission.TenantsRead, site);
        var page = (query.Parent is null ? site.Tenants : site.Children(query.Parent))
            .Where(t => visible?.Contains(t.Tenant.Name) != false && (query.After is null || string.CompareOrdinal(t.Tenant.Name, query.After) > 0) && query.Matches(t.Tenant))
            .OrderBy(t => t.Tenant.Name, StringComparer.Ordinal)
            .Take(query.Limit + 1)
            .ToList();
        return ([.. page.Take(query.Limit).Select(t => Summary(t, site))], page.Count > query.Limit ? page[query.Limit - 1].Tenant.Name : null);
    }

    public Outcome<Versioned<Tenant>> Get(Caller caller, string name) =>
        Find(caller, name, Permission.TenantsRead) is { } route ? Versioned.Of(route) : SiteEditor.NoTenant(name);

    /// <param name="domain">A domain of the tenant; null = the tenant itself.</param>
    /// <param name="mailbox">A mailbox of the domain.</param>
    public Outcome<IReadOnlyList<EffectiveSetting>> Settings(Caller caller, string name, string? domain, string? mailbox)
    {
        var site = sites.Current;
        if ((Find(caller, name, Permission.TenantsRead) ?? Find(caller, name, Permission.PolicyRead)) is not { } route)
        {
            return SiteEditor.NoTenant(name);
        }

        var place = domain is null ? null : route.Tenant.Domains.FirstOrDefault(d => DomainName.AreSame(d.Name, domain));
        if (domain is not null && place is null)
        {
            return DomainOperations.NoDomain(domain);
        }

        if (mailbox is not null && place is null)
        {
            return new OperationProblem(OperationFailure.Invalid, "name the domain of the mailbox, too", "domain");
        }

        // A mailbox without settings of its own inherits all of them.
        var box = mailbox is null ? null
            : place!.Mailboxes.FirstOrDefault(m => DomainRoute.LocalPart(m.Address).Equals(DomainRoute.LocalPart(mailbox), StringComparison.OrdinalIgnoreCase))
            ?? new Mailbox { Address = mailbox };
        return new Outcome<IReadOnlyList<EffectiveSetting>>(
            EffectiveSettings.Of(route, place, box, ServiceSettings.Usual(Retentions.Usual(options.QuarantineDays)), node => site.FindTenant(node) is null || caller.May(Permission.TenantsRead, node, site) || caller.May(Permission.PolicyRead, node, site)), null);
    }

    public Task<Outcome<Versioned<Tenant>>> CreateAsync(Caller caller, string json, CancellationToken cancellationToken)
    {
        var (tenant, errors) = SiteJson.Parse<Tenant>(json);
        return tenant is null
            ? Task.FromResult<Outcome<Versioned<Tenant>>>(SiteEditor.Invalid(errors))
            : ChangeAsync(
                caller,
                tenant.Name,
                null,
                "tenant.create",
                site => site.FindTenant(tenant.Name) is null || IsImplied(tenant.Name, site) ? Placed(caller, tenant, site) : Taken(tenant.Name),
                cancellationToken);
    }

    /// <summary>Replaces a tenant, or makes it.</summary>
    public Task<Outcome<Versioned<Tenant>>> PutAsync(Caller caller, string name, string json, int? expectedRevision, CancellationToken cancellationToken)
    {
        var (tenant, errors) = SiteJson.Parse<Tenant>(json);
        return tenant is null
            ? Task.FromResult<Outcome<Versioned<Tenant>>>(SiteEditor.Invalid(errors))
            : ChangeAsync(
                caller,
                name,
                expectedRevision,
                "tenant.put",
                site =>
                {
                    var place = Placed(caller, Named(tenant, name) ?? tenant, site);
                    return place.Value is not { } placed ? place.Problem!
                        : !MayKnow(caller, name, placed, site) || (expectedRevision is not null && site.FindTenant(name) is null) ? SiteEditor.NoTenant(name)
                        : Named(tenant, name) is null ? WrongName(tenant.Name, name)
                        : OwnershipKept(caller, placed, site);
                },
                cancellationToken);
    }

    /// <summary>A JSON merge patch (RFC 7396): what is named changes, null takes away.</summary>
    public Task<Outcome<Versioned<Tenant>>> PatchAsync(Caller caller, string name, string json, int? expectedRevision, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            name,
            expectedRevision,
            "tenant.patch",
            site =>
            {
                if (Find(caller, name, Permission.TenantsRead) is not { } route)
                {
                    return SiteEditor.NoTenant(name);
                }

                var (tenant, errors) = MergePatch.Apply(route.Tenant, json);
                return tenant is null ? SiteEditor.Invalid(errors)
                    : Named(tenant, name) is { } named ? OwnershipKept(caller, named, site)
                    : WrongName(tenant.Name, name);
            },
            cancellationToken);

    public Task<Outcome<Versioned<Tenant>>> SetStateAsync(Caller caller, string name, TenantState state, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            name,
            null,
            state == TenantState.Suspended ? "tenant.suspend" : "tenant.resume",
            site => site.FindTenant(name) is not { } route ? SiteEditor.NoTenant(name)
                : state == TenantState.Active && route.Tenant.Trial is { AtEnd: TrialEnd.Suspend } trial && trial.End <= timeProvider.GetUtcNow()
                    ? new OperationProblem(OperationFailure.Conflict, $"its trial ended on {trial.End:yyyy-MM-dd}; change trial.end, or take the trial away with PATCH {{\"trial\":null}}", "trial.end")
                : route.Tenant with { State = state },
            cancellationToken);

    public TenantSummary Summary(TenantRoute route, SiteDirectory site) => new()
    {
        Name = route.Tenant.Name,
        Kind = route.Tenant.Kind,
        Parent = route.Parent?.Tenant.Name,
        DisplayName = route.Tenant.DisplayName.Length > 0 ? route.Tenant.DisplayName : route.Tenant.Name,
        State = route.Tenant.State,
        IsSuspended = route.IsSuspended(timeProvider.GetUtcNow()),
        Trial = route.Tenant.Trial,
        Domains = route.Tenant.Domains.Count,
        Recipients = route.Tenant.Domains.Sum(ConfiguredMailboxes.Listed),
        Tenants = site.Children(route.Tenant.Name).Count(),
        Revision = route.Revision,
    };

    private async Task<Outcome<Versioned<Tenant>>> ChangeAsync(
        Caller caller, string name, int? expectedRevision, string action, Func<SiteDirectory, Outcome<Tenant>> change, CancellationToken cancellationToken)
    {
        var key = name.ToLowerInvariant();
        var outcome = await editor.ChangeAsync(
            caller,
            RevisionComment.Of(action, key),
            site =>
            {
                if (site.FindTenant(key) is not null && Find(caller, key, Permission.TenantsRead) is null && action != "tenant.create")
                {
                    return SiteEditor.NoTenant(name);
                }

                // First whether there is anything for him to change: a revision is something to know, too.
                var changed = change(site);
                return changed.Value is not { } after ? changed.Problem!
                    : expectedRevision is { } expected && SiteEditor.Stale(site, key, expected) is { } stale ? stale
                    : new Outcome<IReadOnlyList<TenantChange>>([TenantChange.Of(site, key, after)], null);
            },
            made => [new Deed(caller, action, key, key, string.Join("; ", made.Lines().Take(20)))],
            placeOf: null,
            plan: false,
            cancellationToken);
        return outcome.Value is { } done ? Versioned.Of(done.Site.FindTenant(key)!) : outcome.Problem!;
    }

    private TenantRoute? Find(Caller caller, string name, Permission permission) =>
        sites.Current.FindTenant(name) is { } route && caller.May(permission, route.Tenant.Name, sites.Current) ? route : null;

    /// <summary>Whoever cannot vouch for a domain gets new ones as pending, and keeps those he has as they are.</summary>
    private static Tenant OwnershipKept(Caller caller, Tenant tenant, SiteDirectory site)
    {
        if (site.FindTenant(tenant.Name)?.Tenant is not { } before || TenantRights.MayVouch(caller, before, site))
        {
            return tenant;
        }

        var known = before.Domains.ToDictionary(d => d.Name, d => d.Ownership, StringComparer.OrdinalIgnoreCase);
        return tenant with { Domains = [.. tenant.Domains.Select(d => d with { Ownership = known.GetValueOrDefault(d.Name, DomainOwnership.Pending) })] };
    }

    /// <summary>
    /// Below which node it is, when nobody says so: a new one below the caller's own, one that is there where it is. For whoever may do so at the
    /// provider, nothing said is the provider, as in the site file.
    /// </summary>
    private static Outcome<Tenant> Placed(Caller caller, Tenant tenant, SiteDirectory site)
    {
        if (tenant.Parent is not null || tenant.Name == Tenant.Root || caller.May(Permission.TenantsManage, Tenant.Root, site))
        {
            return tenant;
        }

        if (site.FindTenant(tenant.Name) is { } known && caller.May(Permission.TenantsRead, known.Tenant.Name, site))
        {
            return tenant with { Parent = known.Tenant.Parent };
        }

        var own = OwnNode.Of(caller, Permission.TenantsManage, site, "parent");
        return own.Value is { } node ? tenant with { Parent = node } : own.Problem!;
    }

    /// <summary>A tenant that is not there yet is as unknown as a foreign one to whoever does not see the place where it would be.</summary>
    private static bool MayKnow(Caller caller, string name, Tenant wanted, SiteDirectory site) =>
        site.FindTenant(name) is not null || caller.May(Permission.TenantsRead, wanted.Parent ?? Tenant.Root, site);

    private static bool IsImplied(string name, SiteDirectory site) => name == Tenant.Root && !site.Site.Tenants.Contains(site.Root.Tenant);

    private static Tenant? Named(Tenant tenant, string name) =>
        tenant.Name.Length == 0 || tenant.Name.Equals(name, StringComparison.OrdinalIgnoreCase) ? tenant with { Name = name.ToLowerInvariant() } : null;

    private static OperationProblem WrongName(string name, string expected) =>
        new(OperationFailure.Invalid, $"'{name}' is not '{expected}'; a tenant keeps its name, so leave it out or create another one", "name");

    private static OperationProblem Taken(string name) => new(OperationFailure.Conflict, $"the name '{name}' is taken; choose another one", "name");
}

/// <summary>Which tenants are listed; filters are combined with and.</summary>
/// <param name="Parent">Only those directly below; null = all.</param>
/// <param name="After">Name of the last one of the page before.</param>
internal sealed record TenantQuery(string? Parent, string? Text, TenantState? State, DateTimeOffset? TrialEndsBefore, int Limit, string? After)
{
    public bool Matches(Tenant tenant) =>
        (State is null || tenant.State == State)
        && (TrialEndsBefore is null || tenant.Trial?.End < TrialEndsBefore)
        && (string.IsNullOrEmpty(Text) || Has(tenant.Name) || Has(tenant.DisplayName) || tenant.Domains.Any(d => Has(d.Name)));

    private bool Has(string word) => word.Contains(Text!, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A thing and the revision that last changed it.</summary>
internal sealed record Versioned<T>(T Value, int Revision);

internal static class Versioned
{
    public static Versioned<Tenant> Of(TenantRoute route) => new(route.Tenant, route.Revision);
}

/// <summary>A node of the tree in a list.</summary>
public sealed record TenantSummary
{
    public required string Name { get; init; }

    public required TenantKind Kind { get; init; }

    /// <summary>The node above; absent on the provider.</summary>
    public required string? Parent { get; init; }

    /// <summary>As people call it.</summary>
    public required string DisplayName { get; init; }

    /// <summary>As it was set for the node itself.</summary>
    public required TenantState State { get; init; }

    /// <summary>Whether it takes no mail now: it, or a node above, is suspended or its trial is over.</summary>
    public required bool IsSuspended { get; init; }

    /// <summary>Start and end of its evaluation; absent when it is none.</summary>
    public required Trial? Trial { get; init; }

    /// <summary>Number of its domains.</summary>
    public required int Domains { get; init; }

    /// <summary>Number of its listed recipients.</summary>
    public required int Recipients { get; init; }

    /// <summary>Number of tenants directly below it.</summary>
    public required int Tenants { get; init; }

    /// <summary>The revision that last changed it, which is its ETag.</summary>
    public required int Revision { get; init; }
}
