using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>Reads and changes the site as a file, whole or a part of the tree. Importing the same file twice changes nothing and makes no revision.</summary>
internal sealed class SiteOperations(ISettingsStore store, SiteHolder holder, SiteEditor editor)
{
    private const int MaxAudited = 50;

    /// <summary>The number in force; 0 before the first change.</summary>
    public int Revision => store.Revision;

    public string Export() => SiteJson.Write(holder.Current.Site);

    /// <summary>What the caller may see of it.</summary>
    public string Export(Caller caller)
    {
        var site = holder.Current;
        var visible = caller.Visible(Permission.TenantsRead, site);
        return SiteJson.Write(visible is null ? site.Site : site.Site with { Tenants = [.. site.Site.Tenants.Where(t => visible.Contains(t.Name))] });
    }

    /// <summary>Puts the stored site in force; called once at start.</summary>
    /// <param name="notes">For whoever looks after the appliance: what was settled on the way.</param>
    /// <returns>Tenants whose settings cannot be used, and whose mail waits.</returns>
    public async Task<IReadOnlyList<UnusableTenant>> LoadAsync(Action<IEnumerable<string>> notes, CancellationToken cancellationToken)
    {
        var (unusable, settled) = await editor.LoadAsync(cancellationToken);
        notes(settled.Select(s => s.Note));
        return unusable;
    }

    /// <summary>The whole site.</summary>
    /// <param name="plan">Only say what would change.</param>
    public Task<Outcome<SiteImport>> ImportAsync(Caller caller, string json, string comment, bool plan, CancellationToken cancellationToken) =>
        ImportAsync(caller, json, new SiteScope(Tenant.Root, KeepOthers: false), comment, plan, cancellationToken);

    /// <summary>The node that a file describes; when nobody says so, the caller's own.</summary>
    public Outcome<string> NodeOf(Caller caller, string? tenant) => tenant ?? OwnNode.Of(caller, Permission.TenantsManage, holder.Current, "tenant");

    /// <summary>Null when he may; asked before the file is even read, which may be large.</summary>
    public OperationProblem? Refusal(Caller caller, SiteScope scope) =>
        caller.May(Permission.TenantsManage, scope.Node, holder.Current) ? null
        : caller.May(Permission.TenantsRead, scope.Node, holder.Current)
            ? new OperationProblem(OperationFailure.Forbidden, $"you may not change '{scope.Node}' and what is below it; ask for tenantsManage on it")
            : SiteEditor.NoTenant(scope.Node);

    public async Task<Outcome<SiteImport>> ImportAsync(Caller caller, string json, SiteScope scope, string comment, bool plan, CancellationToken cancellationToken)
    {
        if (Refusal(caller, scope) is { } refusal)
        {
            return refusal;
        }

        var (site, errors) = SiteJson.Parse<Site>(json);
        if (site is null)
        {
            return SiteEditor.Invalid(errors);
        }

        if (site.Tenants.CountBy(t => t.Name, StringComparer.OrdinalIgnoreCase).Any(c => c.Value > 1))
        {
            // Said with the places of the file, which are lost once the tenants are sorted by name.
            return SiteEditor.Invalid(SiteValidation.Check(site));
        }

        var places = site.Tenants.Select((t, i) => (t.Name, i)).ToDictionary(t => t.Name, t => $"tenants[{t.i}].", StringComparer.OrdinalIgnoreCase);
        var outcome = await editor.ChangeAsync(
            caller,
            comment,
            current => Changes(current, site, scope, plan),
            made => Deeds(caller, "site.import", scope.Node, made, comment),
            t => places.GetValueOrDefault(t.Name, $"tenants[{t.Name}]."),
            plan,
            cancellationToken);
        if (outcome.Value is not { } change)
        {
            return outcome.Problem!;
        }

        return change.Told();
    }

    /// <summary>Each tenant sees in its audit log that it was changed; beyond some dozens, only the node above does.</summary>
    internal static IReadOnlyList<Deed> Deeds(Caller caller, string action, string node, SiteChange change, string comment)
    {
        var nodes = change.Changes.Count <= MaxAudited ? change.Changes.Select(c => c.Name).Append(node).Distinct() : [node];
        var detail = $"Revision {change.Revision} changes {change.Changes.Count} tenant(s). {comment}".TrimEnd();
        return [.. nodes.Select(n => new Deed(caller, action, n, n, detail))];
    }

    private static Outcome<IReadOnlyList<TenantChange>> Changes(SiteDirectory current, Site wanted, SiteScope scope, bool plan)
    {
        var within = current.Subtree(scope.Node).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var named = wanted.Tenants.ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < wanted.Tenants.Count; i++)
        {
            var tenant = wanted.Tenants[i];
            var parent = tenant.Parent ?? Tenant.Root;

            // Both the tenant that is replaced and the place of the new one must lie in the part of the tree that is imported.
            var isOutside = current.FindTenant(tenant.Name) is not null ? !within.Contains(tenant.Name) : !within.Contains(parent) && !named.ContainsKey(parent);
            if (scope.Node != Tenant.Root && isOutside)
            {
                return new OperationProblem(OperationFailure.Invalid, $"'{tenant.Name}' is not below '{scope.Node}'; leave it out", $"tenants[{i}].name");
            }
        }

        List<TenantChange> deleted =
        [
            .. current.Site.Tenants
                .Where(t => scope.Deletes(t.Name) && within.Contains(t.Name) && !named.ContainsKey(t.Name) && (scope.Node == Tenant.Root || t.Name != scope.Node))
                .Select(t => new TenantChange(t.Name, t, null)),
        ];
        if (!plan && scope.MayDelete is { } expected && deleted.Count != expected)
        {
            return new OperationProblem(
                OperationFailure.Conflict,
                $"the file leaves out {string.Join(", ", deleted.Take(MaxAudited).Select(d => d.Name))}, which would be deleted with all mail; add part=true to keep them, or confirm={deleted.Count}",
                "confirm");
        }

        var before = current.Site.Tenants.ToDictionary(t => t.Name, StringComparer.Ordinal);
        return new Outcome<IReadOnlyList<TenantChange>>([.. deleted, .. wanted.Tenants.Select(t => new TenantChange(t.Name, before.GetValueOrDefault(t.Name), t) { IsWhole = true })], null);
    }
}

/// <summary>Which part of the tree a file describes.</summary>
/// <param name="Node">This and everything below it.</param>
/// <param name="KeepOthers">Tenants that the file does not name stay; otherwise they are deleted.</param>
internal sealed record SiteScope(string Node, bool KeepOthers)
{
    /// <summary>With <see cref="KeepOthers"/>, those that go nevertheless.</summary>
    public IReadOnlySet<string> Gone { get; init; } = new HashSet<string>();

    /// <summary>How many tenants the caller knows he deletes; null where nobody is asked.</summary>
    public int? MayDelete { get; init; }

    public bool Deletes(string tenant) => !KeepOthers || Gone.Contains(tenant);
}

/// <param name="Changes">Lines beginning with + - or ~; empty when the file equals what is in force.</param>
public sealed record SiteImport(IReadOnlyList<string> Changes, bool Applied, int Revision)
{
    /// <summary>More are told in lines alone.</summary>
    internal const int MaxDifferences = 1000;

    /// <summary>The changes as data, the first 1000 of them, with whole values up to 64 KB each.</summary>
    public IReadOnlyList<SettingChange> Differences { get; init; } = [];
}
