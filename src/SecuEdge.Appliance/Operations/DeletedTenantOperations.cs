using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>What is left of deleted tenants: to be fetched again by those above it, and erased for good when its time is over.</summary>
internal sealed partial class DeletedTenantOperations(
    DeletedTenants deleted, ISettingsStore settings, SiteHolder sites, Auditor auditor, TimeProvider timeProvider, ILogger<DeletedTenantOperations> logger)
{
    private static readonly Caller s_appliance = new("secuedge");

    /// <summary>Newest first.</summary>
    public IReadOnlyList<DeletedTenant> List(Caller caller) => [.. deleted.All.Where(t => MayHave(caller, t))];

    public Outcome<DeletedTenant> Find(Caller caller, string id) =>
        deleted.All.FirstOrDefault(t => t.Id == id) is { } tenant && MayHave(caller, tenant) ? tenant : NotFound(id);

    /// <summary>The export once more.</summary>
    public async Task<Outcome<(DeletedTenant Tenant, Stream Export)>> ExportAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var found = Find(caller, id);
        if (found.Value is not { } tenant)
        {
            return found.Problem!;
        }

        if (tenant.Quarantine is { IsIncluded: true, Messages: > 0 } && !caller.May(Permission.ContentRead, NodeOf(tenant), sites.Current))
        {
            return new OperationProblem(OperationFailure.Forbidden, $"the export holds {tenant.Quarantine.Messages} quarantined messages; ask for contentRead on '{NodeOf(tenant)}'");
        }

        if (deleted.Open(id) is not { } export)
        {
            return NotFound(id);
        }

        try
        {
            await auditor.RecordAsync(caller, "tenant.export", NodeOf(tenant), tenant.Name, $"Fetches the export that was kept when it was deleted on {tenant.DeletedAt:u}.", cancellationToken);
        }
        catch
        {
            await export.DisposeAsync();
            throw;
        }

        return (tenant, export);
    }

    /// <summary>Before its time.</summary>
    public async Task<Outcome<DeletedTenant>> EraseAsync(Caller caller, string id)
    {
        var found = Find(caller, id);
        if (found.Value is { } tenant)
        {
            await EraseAsync(caller, tenant, "Erases what was kept of it, before its time.");
        }

        return found;
    }

    /// <summary>All whose time is over.</summary>
    public async Task ExpireAsync()
    {
        foreach (var tenant in deleted.All.Where(t => t.ErasedAt <= timeProvider.GetUtcNow()))
        {
            await EraseAsync(s_appliance, tenant, "Erases what was kept of it: its time is over.");
        }
    }

    private async Task EraseAsync(Caller caller, DeletedTenant tenant, string detail)
    {
        await auditor.DoAsync([new Deed(caller, "tenant.erase", NodeOf(tenant), tenant.Name, detail)], async () =>
        {
            // Rolled back, or made anew: then its past is in use.
            if (sites.Current.FindTenant(tenant.Name) is null)
            {
                await settings.ForgetAsync(d => SiteDocuments.OwnerOf(d) == tenant.Name, CancellationToken.None);
            }

            deleted.Remove(tenant.Id);
        });
        LogErased(tenant.Name);
    }

    private bool MayHave(Caller caller, DeletedTenant tenant) => caller.May(Permission.PrivacyManage, NodeOf(tenant), sites.Current);

    /// <summary>The node above may be gone, too.</summary>
    private string NodeOf(DeletedTenant tenant) => sites.Current.FindTenant(tenant.Parent)?.Tenant.Name ?? Tenant.Root;

    private static OperationProblem NotFound(string id) =>
        new(OperationFailure.NotFound, $"there is no export '{id}' of a deleted tenant; list what there is with GET /api/v1/deleted-tenants");

    [LoggerMessage(Level = LogLevel.Information, Message = "What was kept of the deleted tenant {Tenant} was erased")]
    private partial void LogErased(string tenant);
}
