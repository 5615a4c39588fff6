using SecuEdge.Appliance.Directories.Ldap;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Telemetry;

namespace SecuEdge.Appliance.Directories;

internal static class DirectoryServices
{
    public static IServiceCollection AddDirectories(this IServiceCollection services, DirectoryOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<DirectoryWall>();
        services.AddSingleton<LdapConnector>();
        services.AddSingleton<DirectoryReader>();
        services.AddSingleton<DirectorySecrets>();
        services.AddSingleton<DirectoryShelf>();
        services.AddSingleton<DirectoryStates>();
        services.AddSingleton<DirectorySync>();
        services.AddSingleton<DirectoryRecipients>();
        services.AddSingleton<DirectoryOperations>();
        services.AddSingleton<ITenantData, TenantDirectories>();
        services.AddHostedService<DirectoryUpdates>();
        return services;
    }

    public static void RegisterDirectoryMetrics(this IServiceProvider services) => DirectoryMetrics.Register(
        services.GetRequiredService<GatewayMetrics>(),
        services.GetRequiredService<DirectoryShelf>(),
        services.GetRequiredService<DirectoryStates>(),
        services.GetRequiredService<TimeProvider>());
}
