using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Tests;

public sealed class RecoveryTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static readonly SiteDirectory s_site = new(new Site
    {
        Tenants =
        [
            new Tenant { Name = "brief", Service = new ServiceSettings { Retention = new Retention { LogDays = 7 } } },
            new Tenant { Name = "long" },
        ],
    });

    /// <summary>Whose message, how old, and whether a start gives it back to the log.</summary>
    [Theory]
    [InlineData("brief", 6, true)]
    [InlineData("brief", 8, false)]
    [InlineData("long", 200, true)]
    [InlineData("gone", 1, false)]
    [InlineData("", 200, true)]
    public void A_start_restores_what_its_tenant_still_keeps(string tenant, int days, bool isKept)
    {
        var record = new MessageRecord { Reference = "R-1", Tenant = tenant, ReceivedAt = Now.AddDays(-days), Direction = Direction.Inbound, ConnectionId = "", ClientAddress = "", ReversePath = "", Recipients = [] };
        Assert.Equal(isKept, Recovery.IsKept(record, s_site, 30, Now));
    }
}
