using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>One tenant changed by importing the whole site with it.</summary>
internal sealed class SiteTenantEditor(SiteOperations operations, SiteHolder sites) : ITenantEditor, IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public async Task<Outcome<Tenant>> ChangeAsync(
        Caller caller, string tenant, Func<Tenant, Outcome<Tenant>> change, string comment, int? expectedRevision, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (expectedRevision is { } expected && operations.Revision?.Number != expected)
            {
                return new OperationProblem(
                    OperationFailure.Stale, $"revision {operations.Revision?.Number ?? 0} is in force, not {expected}; read it again and repeat your change");
            }

            var site = sites.Current.Site;
            var before = sites.Current.FindTenant(tenant)?.Tenant
                ?? (tenant.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase) ? new Tenant { Name = Tenant.Root, Kind = TenantKind.Provider } : null);
            if (before is null)
            {
                return new OperationProblem(OperationFailure.NotFound, $"there is no tenant '{tenant}'");
            }

            var outcome = change(before);
            if (outcome.Value is not { } after)
            {
                return outcome;
            }

            var isNew = !site.Tenants.Any(t => ReferenceEquals(t, before));
            IReadOnlyList<Tenant> tenants = isNew ? [.. site.Tenants, after] : [.. site.Tenants.Select(t => ReferenceEquals(t, before) ? after : t)];
            var import = await operations.ImportAsync(caller, SiteJson.Write(site with { Tenants = tenants }), comment, plan: false, cancellationToken);
            return import.Problem is { } problem ? problem : after;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();
}
