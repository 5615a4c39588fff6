namespace SecuEdge.Appliance.Operations;

/// <summary>What policies, rules and their lists need.</summary>
internal static class PolicyServices
{
    public static void AddPolicies(this IServiceCollection services)
    {
        services.AddSingleton<TenantParts>();
        services.AddSingleton<PolicyDoubts>();
        services.AddSingleton<PolicyOperations>();
        services.AddSingleton<RuleTrialOperations>();
        services.AddSingleton<NoticeOperations>();
    }
}
