using SecuEdge.Appliance.Operations;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Privacy;

internal static class PrivacyServices
{
    public static IServiceCollection AddPrivacy(this IServiceCollection services, IMessageUpkeep upkeep)
    {
        services.AddSingleton(upkeep);
        services.AddSingleton<Pseudonyms>();
        services.AddSingleton<RetentionRound>();
        services.AddSingleton<QuarantinedMail>();
        services.AddSingleton<PersonAccess>();
        services.AddSingleton<PersonData>();
        services.AddSingleton<PersonPlaces>();
        services.AddSingleton<PersonSummaries>();
        services.AddSingleton<PersonEraser>();
        services.AddSingleton<PersonOptions>();
        services.AddSingleton<PrivacyOperations>();
        services.AddSingleton<ITenantData, TenantMessages>();
        services.AddSingleton<ITenantData, TenantQuarantine>();
        services.AddSingleton<ITenantData, TenantFacts>();
        services.AddSingleton<ITenantData, TenantRefusals>();
        services.AddSingleton<ITenantData, TenantUsage>();
        services.AddSingleton<ITenantData, TenantAudit>();
        services.AddSingleton<ITenantData, TenantAccounts>();
        services.AddSingleton<ITenantData, TenantWebhooks>();
        services.AddSingleton<ITenantData, TenantHashLists>();
        services.AddSingleton<ITenantData, TenantRetroVerdicts>();
        services.AddSingleton<INodeBelongings, TenantWebhooks>();
        services.AddSingleton<INodeBelongings, TenantHashLists>();
        services.AddHostedService<BelongingsSweep>();
        return services;
    }
}
