using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Privacy;

public sealed class RetentionsTests
{
    private static readonly SiteDirectory s_site = new(new Site
    {
        Tenants =
        [
            Tenant("provider", null, new Retention { AuditDays = 800, QuarantineDays = 20, LogDays = 400 }),
            Tenant("locked", null, new Retention { QuarantineDays = 7 }) with { Locks = ["service.retention"] },
            Tenant("under-lock", "locked", new Retention { QuarantineDays = 700, LogDays = 1 }),
            Tenant("north", null, new Retention { QuarantineDays = 10, PseudonymiseAfterDays = 90 }),
            Tenant("acme", "north", new Retention { QuarantineDays = 5 }),
            Tenant("globex", "north", null),
            Tenant("direct", null, new Retention { FactsDays = 0 }),
        ],
    });

    public static TheoryData<string, int, int, int?, int, int> Nodes => new()
    {
        { "acme", 5, 14, 400, 90, 800 },
        { "globex", 10, 14, 400, 90, 800 },
        { "north", 10, 14, 400, 90, 800 },
        { "direct", 20, 0, 400, 180, 800 },
        { "provider", 20, 14, 400, 180, 800 },
        { "unknown", 20, 14, 400, 180, 800 },
        { "under-lock", 7, 14, 400, 180, 800 },
    };

    [Theory]
    [MemberData(nameof(Nodes))]
    public void The_nearest_node_that_may_say_a_number_decides(string tenant, int quarantine, int facts, int? log, int pseudonyms, int audit)
    {
        var found = Retentions.Of(s_site, tenant, quarantineDays: 30);
        Assert.Equal(
            (quarantine, facts, log, pseudonyms, audit),
            ((int)found.Quarantine.TotalDays, (int)found.Facts.TotalDays, (int?)found.Log?.TotalDays, (int)found.PseudonymiseAfter.TotalDays, (int)found.Audit.TotalDays));
    }

    [Fact]
    public void Without_any_setting_the_appliances_own_numbers_hold()
    {
        var found = Retentions.Of(new SiteDirectory(Site.Empty), "acme", quarantineDays: 30);
        Assert.Equal((30, 14, null, 180, 365), (found.Quarantine.TotalDays, found.Facts.TotalDays, found.Log, found.PseudonymiseAfter.TotalDays, found.Audit.TotalDays));
    }

    private static Tenant Tenant(string name, string? parent, Retention? retention) =>
        new() { Name = name, Parent = parent, Service = new ServiceSettings { Retention = retention } };
}
