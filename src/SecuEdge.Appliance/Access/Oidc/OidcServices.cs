using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>Registration of signing in at an identity provider.</summary>
internal static class OidcServices
{
    public static IServiceCollection AddOidc(this IServiceCollection services, OidcOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<PendingLogins>();
        services.AddSingleton<OidcProvider>();
        services.AddSingleton<IdTokens>();
        services.AddSingleton<OidcAccounts>();
        services.AddSingleton<OidcOperations>();
        return services;
    }
}
