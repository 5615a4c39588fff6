using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Access.Passkeys;

/// <summary>Registration of passkeys.</summary>
internal static class PasskeyServices
{
    public static IServiceCollection AddPasskeys(this IServiceCollection services)
    {
        services.AddSingleton<RelyingParty>();
        services.AddSingleton<PasskeyCeremonies>();
        services.AddSingleton<PasskeyOperations>();
        services.AddSingleton<PasskeyLoginOperations>();
        return services;
    }
}
