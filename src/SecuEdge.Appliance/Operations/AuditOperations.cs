using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Operations;

/// <summary>Reading the audit log: everybody sees what concerns the nodes whose audit he may read. Nobody changes it.</summary>
internal sealed class AuditOperations(AuditLog log, Auditor auditor, SiteHolder sites)
{
    public async Task<Outcome<AuditPage>> SearchAsync(Caller caller, AuditQuery query, string? tenant, CancellationToken cancellationToken)
    {
        if (Visible(caller, tenant) is not { } nodes)
        {
            return SiteEditor.NoTenant(tenant!);
        }

        var page = await log.SearchAsync(query with { Tenants = nodes.Names }, cancellationToken);
        return page with { Items = [.. page.Items.Select(nodes.Shown)] };
    }

    /// <summary>Oldest first, without end of page; that it was taken is an entry, too.</summary>
    public async Task<Outcome<IAsyncEnumerable<AuditEntry>>> ExportAsync(Caller caller, AuditQuery query, string? tenant, CancellationToken cancellationToken)
    {
        if (Visible(caller, tenant) is not { } nodes)
        {
            return SiteEditor.NoTenant(tenant!);
        }

        var what = $"Exported{(query.Since is { } since ? $" from {since:u}" : "")}{(query.Until is { } until ? $" until {until:u}" : "")}";
        await auditor.RecordAsync(caller, "audit.export", tenant ?? caller.Home(Permission.AuditRead), "", what, cancellationToken);
        return new Outcome<IAsyncEnumerable<AuditEntry>>(log.ReadAsync(query with { Tenants = nodes.Names }, cancellationToken).Select(nodes.Shown), null);
    }

    /// <summary>Null when the tenant asked for does not exist for this caller.</summary>
    private VisibleNodes? Visible(Caller caller, string? tenant)
    {
        var site = sites.Current;
        var seesAll = caller.May(Permission.AuditRead, Tenant.Root, site);
        if (tenant is null)
        {
            return new VisibleNodes(caller.Visible(Permission.AuditRead, site), seesAll);
        }

        // The appliance's own entries have no node, or the root's name.
        return caller.May(Permission.AuditRead, tenant, site) && (tenant == Tenant.Root || site.FindTenant(tenant) is not null)
            ? new VisibleNodes(tenant == Tenant.Root ? null : site.Subtree(tenant).ToHashSet(StringComparer.OrdinalIgnoreCase), seesAll)
            : null;
    }

    /// <param name="Names">Null = all.</param>
    /// <param name="SeesAll">Whoever may see the rest of the log, too, may count in it.</param>
    private sealed record VisibleNodes(IReadOnlySet<string>? Names, bool SeesAll)
    {
        public AuditEntry Shown(AuditEntry entry) => SeesAll ? entry : entry.InPart();
    }
}
