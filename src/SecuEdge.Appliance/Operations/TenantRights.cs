using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Who may change what of a tenant, whichever way the change comes (one field, a whole tenant, a file, a roll-back):
/// <list type="bullet">
/// <item>whoever manages the node <i>above</i>: everything; creating, deleting, suspending; a domain on his word;</item>
/// <item>whoever manages the node itself: its own domains, names and settings, but not what was agreed with the node above; a reseller's locks are
/// his, too, because they bind those below him and nobody else. Those of a customer bind his own domains and mailboxes: an agreement;</item>
/// <item>its policy needs <see cref="Permission.PolicyWrite"/>, besides.</item>
/// </list>
/// The root has nobody above it and is its own parent.
/// </summary>
internal static class TenantRights
{
    /// <summary>Null when the caller may make all the changes.</summary>
    /// <remarks>Asked before anything is checked, so that errors tell nothing of what the caller may not see.</remarks>
    public static OperationProblem? Refusal(Caller caller, SiteDirectory before, IReadOnlyList<TenantChange> changes)
    {
        var made = changes.Where(c => c.Before is null && c.After is not null).DistinctBy(c => c.Name).ToDictionary(c => c.Name, c => ParentOf(c.After!), StringComparer.OrdinalIgnoreCase);
        foreach (var change in changes)
        {
            // The root is there before it is written down.
            var known = change.Before is null && change.Name == Tenant.Root ? change with { Before = new Tenant { Name = Tenant.Root, Kind = TenantKind.Provider } } : change;
            if (Refusal(caller, before, made, known) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Whether the caller manages the node above, so that his word counts for a domain.</summary>
    public static bool MayVouch(Caller caller, Tenant tenant, SiteDirectory site) => caller.May(Permission.TenantsManage, ParentOf(tenant), site);

    private static OperationProblem? Refusal(Caller caller, SiteDirectory before, Dictionary<string, string> made, TenantChange change)
    {
        // A node that is about to be made is nobody's yet: its parent decides. A moved one needs both parents.
        var isAbove = (change.Before is null || MayVouch(caller, change.Before, before)) && (change.After is null || caller.May(Permission.TenantsManage, Existing(ParentOf(change.After), made), before));
        if (change.Before is null || change.After is null)
        {
            return isAbove ? change.After is { } fresh && IsProvenByWord(caller, before, null, fresh) ? ProvenByWord(change.Name) : null
                : change.Before is not null && caller.May(Permission.TenantsRead, change.Name, before)
                    ? Forbidden($"'{change.Name}' can only be deleted by whoever manages '{ParentOf(change.Before)}'", "")
                : change.Before is null && caller.May(Permission.TenantsRead, Existing(ParentOf(change.After!), made), before)
                    ? Forbidden($"you may not create tenants below '{ParentOf(change.After!)}'; ask for tenantsManage on it", "parent")
                : SiteEditor.NoTenant(change.Before is null ? ParentOf(change.After!) : change.Name);
        }

        if (!caller.May(Permission.TenantsRead, change.Name, before) && !caller.May(Permission.PolicyRead, change.Name, before))
        {
            return SiteEditor.NoTenant(change.Name);
        }

        if (IsProvenByWord(caller, before, change.Before, change.After))
        {
            return ProvenByWord(change.Name);
        }

        var fields = Changed(change.Before, change.After);
        foreach (var (field, needs) in fields)
        {
            if (needs == Right.Above && !isAbove)
            {
                return Forbidden($"'{field}' of '{change.Name}' can only be changed by whoever manages '{ParentOf(change.Before)}'", field);
            }

            var permission = needs == Right.Policy ? Permission.PolicyWrite : Permission.TenantsManage;
            if (needs != Right.Above && !caller.May(permission, change.Name, before))
            {
                return Forbidden($"you may not change '{field}' of '{change.Name}'; ask for {(permission == Permission.PolicyWrite ? "policyWrite" : "tenantsManage")} on it", field);
            }
        }

        return null;
    }

    /// <summary>The node itself, or the first above it that is not only made by the same change.</summary>
    private static string Existing(string node, Dictionary<string, string> made)
    {
        for (var steps = 0; steps <= made.Count && made.TryGetValue(node, out var parent); steps++)
        {
            node = parent;
        }

        return node;
    }

    private static IEnumerable<(string Field, Right Needs)> Changed(Tenant before, Tenant after)
    {
        // What was agreed with the node above: its place, its state, its limits.
        if ((before.Parent ?? Tenant.Root) != (after.Parent ?? Tenant.Root))
        {
            yield return ("parent", Right.Above);
        }

        foreach (var (field, differs) in ((string, bool)[])
                 [
                     ("kind", before.Kind != after.Kind),
                     ("state", before.State != after.State),
                     ("trial", before.Trial != after.Trial),
                     ("service.mailboxQuota", before.Service.MailboxQuota != after.Service.MailboxQuota),
                     // A network says whose mail something is, and may lie within somebody else's.
                     ("outbound.networks", !(before.Outbound?.Networks ?? []).SequenceEqual(after.Outbound?.Networks ?? [])),
                     ("domains.ownership", IsOwnershipChanged(before, after)),
                 ])
        {
            if (differs)
            {
                yield return (field, Right.Above);
            }
        }

        if (!before.Locks.SequenceEqual(after.Locks))
        {
            yield return ("locks", before.Kind == TenantKind.Customer ? Right.Above : Right.Node);
        }

        var (policyBefore, policyAfter) = (PolicyOf(before), PolicyOf(after));
        if (!SiteDocuments.AreSame(policyBefore, policyAfter))
        {
            yield return ("policy", Right.Policy);
        }

        foreach (var (field, hops, known) in HopsOf(before, after))
        {
            if (hops.Except(known, StringComparer.OrdinalIgnoreCase).Any(OwnRange.Names))
            {
                yield return (field, Right.Above);
            }
        }

        if (!SiteDocuments.AreSame(new Tenant { Directories = before.Directories }, new Tenant { Directories = after.Directories }))
        {
            yield return ("directories", Right.Node);
        }

        if (!SiteDocuments.AreSame(WithoutPolicy(before), WithoutPolicy(after)))
        {
            yield return ("domains", Right.Node);
        }
    }

    /// <summary>The reply of a next hop is shown to whoever set it, so nobody may point one at the appliance's own services who is only let in.</summary>
    private static IEnumerable<(string Field, IEnumerable<string> Hops, IEnumerable<string> Known)> HopsOf(Tenant before, Tenant after) =>
    [
        ("domains.nextHops", after.Domains.SelectMany(d => d.NextHops), before.Domains.SelectMany(d => d.NextHops)),
        ("outbound.nextHops", after.Outbound?.NextHops ?? [], before.Outbound?.NextHops ?? []),
    ];

    /// <summary>A domain that takes mail, and did not do so for this tenant before.</summary>
    private static bool IsOwnershipChanged(Tenant before, Tenant after)
    {
        if (after.Domains.Count == 0 || ReferenceEquals(before.Domains, after.Domains))
        {
            return false;
        }

        var known = before.Domains.ToLookup(d => d.Name, d => d.Ownership, StringComparer.OrdinalIgnoreCase);
        return after.Domains.Any(d => d.Ownership != DomainOwnership.Pending && !known[d.Name].Contains(d.Ownership));
    }

    /// <summary>Everybody's mail follows a proven domain, so only the DNS or the provider says that of one.</summary>
    private static bool IsProvenByWord(Caller caller, SiteDirectory site, Tenant? before, Tenant after) =>
        after.Domains.Any(d => d.Ownership == DomainOwnership.Proven
            && before?.Domains.Any(b => b.Ownership == DomainOwnership.Proven && b.Name.Equals(d.Name, StringComparison.OrdinalIgnoreCase)) != true)
        && !caller.May(Permission.TenantsManage, Tenant.Root, site);

    private static OperationProblem ProvenByWord(string tenant) =>
        Forbidden($"a domain of '{tenant}' is proven by its DNS record alone; write \"vouched\" or \"pending\", and have it verified", "domains.ownership");

    private static Tenant PolicyOf(Tenant tenant) => new()
    {
        Policy = tenant.Policy,
        Rules = tenant.Rules,
        Objects = tenant.Objects,
        WordLists = tenant.WordLists,
        Groups = tenant.Groups,
        Holidays = tenant.Holidays,
        NoticeTemplates = tenant.NoticeTemplates,
        Domains = [.. tenant.Domains.Where(d => d.Mailboxes.Count > 0 || d.Policy != new PolicySettings()).Select(d => new Domain { Name = d.Name, Policy = d.Policy, Mailboxes = d.Mailboxes })],
    };

    private static Tenant WithoutPolicy(Tenant tenant) => tenant with
    {
        Parent = null,
        Kind = TenantKind.Customer,
        State = TenantState.Active,
        Trial = null,
        Locks = [],
        Outbound = tenant.Outbound is null ? null : tenant.Outbound with { Networks = [] },
        Service = tenant.Service with { MailboxQuota = null },
        Policy = new PolicySettings(),
        Rules = [],
        Objects = [],
        WordLists = [],
        Groups = [],
        Holidays = [],
        NoticeTemplates = [],
        Domains = [.. tenant.Domains.Select(d => d with { Ownership = DomainOwnership.Pending, Policy = new PolicySettings(), Mailboxes = [] })],
    };

    private static string ParentOf(Tenant tenant) => tenant.Parent ?? Tenant.Root;

    private static OperationProblem Forbidden(string detail, string field) => new(OperationFailure.Forbidden, detail, field.Length == 0 ? null : field);

    private enum Right
    {
        /// <summary>Managing the node above.</summary>
        Above,

        /// <summary>Managing the node.</summary>
        Node,

        /// <summary>Writing the policy of the node.</summary>
        Policy,
    }
}
