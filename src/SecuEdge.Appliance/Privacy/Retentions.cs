using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Privacy;

/// <summary>How long things of a tenant are kept, with everything inherited.</summary>
/// <param name="Log">Null = as long as the appliance keeps its months.</param>
internal sealed record EffectiveRetention(TimeSpan Quarantine, TimeSpan Facts, TimeSpan? Log, TimeSpan PseudonymiseAfter, TimeSpan Audit)
{
    /// <summary>As long as stories of messages say addresses: without them a refused attempt says nothing.</summary>
    public TimeSpan Refusals => Log is { } log && log < PseudonymiseAfter ? log : PseudonymiseAfter;
}

/// <summary><see cref="Retention"/> as the tree has it in force, locks and all, with the appliance's numbers where no node says any.</summary>
internal static class Retentions
{
    // As the facts log keeps them by itself: two weeks show every weekday twice.
    private const int FactsDays = 14;

    // Half a year: people ask for a mail within weeks, and whoever keeps addresses longer should have decided so (GDPR article 25).
    private const int PseudonymiseAfterDays = 180;

    // A year: what was done can be asked for until the next yearly review.
    private const int AuditDays = 365;

    /// <summary>What is in force where no node says anything, as settings show it. The log has no number of its own: it is kept as long as the appliance keeps its months.</summary>
    public static Retention Usual(int quarantineDays) =>
        new() { QuarantineDays = quarantineDays, FactsDays = FactsDays, PseudonymiseAfterDays = PseudonymiseAfterDays, AuditDays = AuditDays };

    /// <param name="tenant">One that is gone counts as the root.</param>
    /// <param name="quarantineDays">Where no node says anything.</param>
    public static EffectiveRetention Of(SiteDirectory site, string tenant, int quarantineDays)
    {
        var retention = (site.FindTenant(tenant) ?? site.Root).Service.Retention ?? new Retention();
        return new EffectiveRetention(
            TimeSpan.FromDays(retention.QuarantineDays ?? quarantineDays),
            TimeSpan.FromDays(retention.FactsDays ?? FactsDays),
            retention.LogDays is { } log ? TimeSpan.FromDays(log) : null,
            TimeSpan.FromDays(retention.PseudonymiseAfterDays ?? PseudonymiseAfterDays),
            TimeSpan.FromDays(retention.AuditDays ?? AuditDays));
    }
}
