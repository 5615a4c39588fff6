using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access;

/// <summary>Registration of everything that says who may.</summary>
internal static class AccessServices
{
    public static IServiceCollection AddAccess(this IServiceCollection services, AccessOptions options, AccountStore store)
    {
        services.AddSingleton(options);
        services.AddSingleton(store);
        services.AddSingleton<FirstToken>();
        services.AddSingleton<GrantBook>();
        services.AddSingleton<TokenBook>();
        services.AddSingleton<SessionBook>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<LoginLimiter>();
        services.AddSingleton<LoginNotes>();
        services.AddSingleton<AccessMetrics>();
        services.AddSingleton<TokenOperations>();
        services.AddSingleton<UserOperations>();
        services.AddSingleton<OwnProof>();
        services.AddSingleton<OwnAccountOperations>();
        services.AddSingleton<SessionOperations>();
        services.AddSingleton<LoginOperations>();
        services.AddSingleton<DelegationOperations>();
        services.AddSingleton<AccessSweep>();
        services.AddHostedService(p => p.GetRequiredService<AccessSweep>());
        return services;
    }
}
