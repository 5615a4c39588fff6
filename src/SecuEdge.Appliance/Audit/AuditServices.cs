using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Audit;

internal static class AuditServices
{
    public static IServiceCollection AddAudit(this IServiceCollection services, AuditLog log, SyslogOptions syslog)
    {
        services.AddSingleton(log);
        services.AddSingleton<IAuditLog>(log);
        services.AddSingleton(syslog);
        services.AddSingleton<Auditor>();
        services.AddSingleton<AuditOperations>();
        services.AddHostedService<AuditWatch>();
        services.AddHostedService<SyslogForwarder>();
        return services;
    }
}
