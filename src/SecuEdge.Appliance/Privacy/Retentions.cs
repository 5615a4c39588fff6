using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Privacy;

/// <summary>How long things of a tenant are kept, with everything inherited.</summary>
/// <param name="PseudonymiseAfter">Null = never, as long as the stories are kept.</param>
/// <param name="Log">Null = as long as the appliance keeps its months.</param>
internal sealed record EffectiveRetention(TimeSpan Quarantine, TimeSpan Facts, TimeSpan? Log, TimeSpan? PseudonymiseAfter, TimeSpan Audit);

/// <summary>Resolves <see cref="Retention"/> through the tree: the nearest node that says a number of days decides, number by number.</summary>
internal static class Retentions
{
    // As the facts log keeps them by itself: two weeks show every weekday twice.
    private const int FactsDays = 14;

    // A year: what was done can be asked for until the next yearly review.
    private const int AuditDays = 365;

    /// <param name="quarantineDays">Where no node says anything.</param>
    public static EffectiveRetention Of(SiteDirectory site, string tenant, int quarantineDays)
    {
        var retention = new Retention();
        for (var at = (string?)tenant; at is not null; at = at == Tenant.Root ? null : site.FindTenant(at)?.Tenant.Parent ?? Tenant.Root)
        {
            if (site.FindTenant(at)?.Tenant.Service.Retention is { } own)
            {
                retention = new Retention
                {
                    QuarantineDays = retention.QuarantineDays ?? own.QuarantineDays,
                    FactsDays = retention.FactsDays ?? own.FactsDays,
                    LogDays = retention.LogDays ?? own.LogDays,
                    PseudonymiseAfterDays = retention.PseudonymiseAfterDays ?? own.PseudonymiseAfterDays,
                    AuditDays = retention.AuditDays ?? own.AuditDays,
                };
            }
        }

        return new EffectiveRetention(
            TimeSpan.FromDays(retention.QuarantineDays ?? quarantineDays),
            TimeSpan.FromDays(retention.FactsDays ?? FactsDays),
            Days(retention.LogDays),
            Days(retention.PseudonymiseAfterDays),
            TimeSpan.FromDays(retention.AuditDays ?? AuditDays));
    }

    private static TimeSpan? Days(int? days) => days is { } number ? TimeSpan.FromDays(number) : null;
}
