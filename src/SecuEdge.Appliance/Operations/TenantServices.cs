using Microsoft.Extensions.DependencyInjection.Extensions;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Appliance.Operations;

/// <summary>What the tenant tree needs.</summary>
internal static class TenantServices
{
    public static void AddTenants(this IServiceCollection services)
    {
        services.AddSingleton(p => new RevisionBudget(p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IChangeCheck>(p => new RuleValues(() => p.GetRequiredService<MessageFilter>().Catalogue, () => p.GetRequiredService<IReadOnlyList<IScanner>>().Select(s => s.Name)));
        services.AddSingleton(new OwnListeners());
        services.AddSingleton<IChangeCheck>(p => p.GetRequiredService<OwnListeners>());
        services.AddSingleton<IChangeCheck, BareSuffixes>();
        services.AddSingleton<SiteEditor>();
        services.TryAddSingleton<ITenantEditor>(p => p.GetRequiredService<SiteEditor>());
        services.AddSingleton<ITokenIssuer, TokenIssuer>();
        services.AddSingleton<SiteOperations>();
        services.AddSingleton<SiteFile>();
        services.AddSingleton<DomainChallenge>();
        services.AddSingleton<TenantOperations>();
        services.AddSingleton<TenantExport>();
        services.AddSingleton<TenantDeletion>();
        services.AddSingleton<DeletedTenants>();
        services.AddSingleton<DeletedTenantOperations>();
        services.AddSingleton<TrialOperations>();
        services.AddSingleton<DomainProofs>();
        services.AddSingleton<DomainOperations>();
        services.AddSingleton<RecipientOperations>();
        services.AddSingleton<RevisionOperations>();
        services.AddHostedService<TrialWatch>();
    }
}
