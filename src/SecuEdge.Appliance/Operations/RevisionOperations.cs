using System.Globalization;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>The history of the settings: what changed, by whom, and back again. Everybody sees the part of it that is his.</summary>
internal sealed class RevisionOperations(ISettingsStore store, SiteHolder sites, SiteEditor editor)
{
    /// <param name="tenant">Only revisions that changed it; null = all.</param>
    public async Task<(IReadOnlyList<RevisionSummary> Items, string? Next)> ListAsync(
        Caller caller, string? tenant, int limit, int? below, CancellationToken cancellationToken)
    {
        var isVisible = Visible(caller);
        var page = await store.HistoryAsync(
            new RevisionQuery { Limit = limit, Below = below, Touches = d => isVisible(d) && (tenant is null || string.Equals(SiteDocuments.TenantOf(d), tenant, StringComparison.OrdinalIgnoreCase)) }, cancellationToken);
        return ([.. page.Items.Select(h => Summary(h, isVisible))], page.Next?.ToString(CultureInfo.InvariantCulture));
    }

    public async Task<Outcome<RevisionDetail>> GetAsync(Caller caller, int number, CancellationToken cancellationToken)
    {
        var isVisible = Visible(caller);
        if (await store.FindAsync(number, cancellationToken) is not { } revision || !revision.Header.Documents.Any(isVisible))
        {
            return NoRevision(number);
        }

        var (before, after) = (Pieces(revision, c => c.Before), Pieces(revision, c => c.After));
        List<SettingChange> changes = [.. revision.Changes.Where(c => isVisible(c.Document)).SelectMany(c => Difference(c, before, after))];
        return new RevisionDetail(Summary(revision.Header, isVisible), SiteDifference.Lines(changes))
        {
            Differences = SiteDifference.Bounded(changes.Take(SiteImport.MaxDifferences)),
        };
    }

    /// <summary>
    /// Makes tenants what they were once the revision was made; a new revision does it, and nothing of the history is lost. A tenant made later
    /// stays: what is lost with it no revision brings back.
    /// </summary>
    /// <param name="tenant">Only this one; null = all.</param>
    public async Task<Outcome<SiteImport>> RollBackAsync(Caller caller, int number, string? tenant, bool plan, CancellationToken cancellationToken)
    {
        var node = tenant ?? Tenant.Root;
        if (tenant is null && !caller.May(Permission.TenantsManage, Tenant.Root, sites.Current))
        {
            return new OperationProblem(OperationFailure.Forbidden, "only whoever manages the provider may roll everything back; name one tenant with ?tenant=", "tenant");
        }

        if (await store.AtAsync(number, cancellationToken) is not { } documents)
        {
            return NoRevision(number);
        }

        var (then, unreadable) = SiteDocuments.Read(documents);
        if (unreadable.Where(u => tenant is null || u.Key == tenant).Select(u => $"{u.Key}: {u.Value}").FirstOrDefault() is { } trouble)
        {
            return new OperationProblem(OperationFailure.Conflict, $"revision {number} was written by another version and cannot be used any more: {trouble}");
        }

        var comment = tenant is null ? $"roll back to revision {number}" : $"roll back '{tenant}' to revision {number}";
        var outcome = await editor.ChangeAsync(caller, comment, site => Changes(caller, site, then, tenant), made => SiteOperations.Deeds(caller, "site.rollback", node, made, comment), t => $"tenants[{t.Name}].", plan, cancellationToken);
        return outcome.Value is { } change ? change.Told() : outcome.Problem!;
    }

    private static Outcome<IReadOnlyList<TenantChange>> Changes(Caller caller, SiteDirectory site, Site then, string? tenant)
    {
        var was = then.Tenants.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var names = tenant is not null ? [tenant] : site.Site.Tenants.Select(t => t.Name).Union(was.Keys);
        List<TenantChange> changes = [.. names.Where(n => tenant is not null || was.ContainsKey(n)).Select(n => TenantChange.Of(site, n, was.GetValueOrDefault(n)) with { IsWhole = true })];

        // One tenant alone: whoever may not see it learns nothing, neither now nor from the past.
        return tenant is not null && !(changes[0].Before is not null ? caller.May(Permission.TenantsRead, tenant, site)
            : changes[0].After is { } gone && caller.May(Permission.TenantsRead, gone.Parent ?? Tenant.Root, site))
            ? SiteEditor.NoTenant(tenant)
            : tenant is not null && changes[0] is { Before: not null, After: null } ? new OperationProblem(
                OperationFailure.Conflict, $"'{tenant}' was made after that revision; to delete it, with its mail, use DELETE /api/v1/tenants/{tenant}", "tenant")
            : new Outcome<IReadOnlyList<TenantChange>>(changes, null);
    }

    private static IReadOnlyList<SettingChange> Difference(DocumentChange change, Dictionary<string, string> before, Dictionary<string, string> after)
    {
        var (was, becomes) = (Parse(change.Before), Parse(change.After));
        if (SiteDocuments.TenantOf(change.Document) is not { } tenant)
        {
            return SiteDifference.Changes(change.Document, was, becomes);
        }

        RecipientDocuments.ShowPieces(was, tenant, before);
        RecipientDocuments.ShowPieces(becomes, tenant, after);
        return SiteDifference.Changes($"tenants[{tenant}]", was, becomes);
    }

    private static Dictionary<string, string> Pieces(SettingsRevision revision, Func<DocumentChange, string?> side) =>
        revision.Changes.Where(c => RecipientDocuments.IsPiece(c.Document) && side(c) is not null).ToDictionary(c => c.Document, c => side(c)!, StringComparer.Ordinal);

    /// <summary>
    /// Documents of tenants are for those who may see the tenant, those of deleted ones for the root; all others for whoever sees the appliance.
    /// Pieces of a list are seen with their tenant, which always changes with them.
    /// </summary>
    private Func<string, bool> Visible(Caller caller)
    {
        var visible = caller.Visible(Permission.TenantsRead, sites.Current);
        var seesAppliance = caller.May(Permission.SystemRead, Tenant.Root, sites.Current);
        return document => !RecipientDocuments.IsPiece(document) && (SiteDocuments.TenantOf(document) is { } tenant ? visible?.Contains(tenant) != false : seesAppliance);
    }

    private static RevisionSummary Summary(RevisionHeader header, Func<string, bool> isVisible) =>
        new(header.Number, header.At, header.Author, header.Comment, [.. header.Documents.Where(isVisible)]);

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json, documentOptions: new() { MaxDepth = SiteJson.Options.MaxDepth });

    private static OperationProblem NoRevision(int number) =>
        new(OperationFailure.NotFound, $"there is no revision {number}; list what there is with GET /api/v1/config/revisions");
}

/// <summary>One change of the settings.</summary>
/// <param name="Documents">What it changed, as far as the caller may see it: <c>tenant/acme</c>.</param>
public sealed record RevisionSummary(int Number, DateTimeOffset At, string Author, string Comment, IReadOnlyList<string> Documents);

/// <summary>One change of the settings in full.</summary>
/// <param name="Changes">Lines beginning with + added, - removed or ~ changed.</param>
public sealed record RevisionDetail(RevisionSummary Revision, IReadOnlyList<string> Changes)
{
    /// <summary>The changes as data, the first 1000 of them, with whole values up to 64 KB each.</summary>
    public IReadOnlyList<SettingChange> Differences { get; init; } = [];
}
