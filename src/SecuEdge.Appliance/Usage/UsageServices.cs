using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Usage;

internal static class UsageServices
{
    public static IServiceCollection AddUsage(this IServiceCollection services, UsageLog usage)
    {
        services.AddSingleton(usage);
        services.AddSingleton<IUsageLog>(usage);
        services.AddSingleton<UsageOperations>();
        services.AddSingleton<QuotaWatch>();
        services.AddHostedService(p => p.GetRequiredService<QuotaWatch>());
        return services;
    }

    /// <summary>From now on only addresses in a tenant's own domains count as its mailboxes, and those that nobody listed count apart. Called when the site is known.</summary>
    public static void CountOwnMailboxes(this IServiceProvider services)
    {
        var sites = services.GetRequiredService<SiteHolder>();
        var usage = services.GetRequiredService<UsageLog>();
        var directories = services.GetRequiredService<DirectoryRecipients>();
        usage.IsOwn = (tenant, domain) =>
            sites.Current.FindDomain(domain) is { } route && route.Tenant.Tenant.Name.Equals(tenant, StringComparison.OrdinalIgnoreCase);
        usage.IsListed = address =>
            address.LastIndexOf('@') is var at and > 0 && (sites.Current.FindDomain(address[(at + 1)..]) is not { } route || ConfiguredMailboxes.Knows(route, directories, address[..at]));
    }
}
