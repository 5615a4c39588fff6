using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.MailFlow.Effects.Notices;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>What all tenants share, and none of them may take for itself.</summary>
public sealed class SharedLimitsTests
{
    [Fact]
    public void One_caller_and_one_node_hold_one_place_each()
    {
        var slots = new ReadingSlots(2, "back-test");
        var (first, second, third) = (new Caller("a"), new Caller("b"), new Caller("c"));
        var held = slots.Take(first, "acme");
        Assert.NotNull(held.Value);
        Assert.Equal("a back-test that you asked for is running already; try again when it has ended", slots.Take(first, "shop").Problem?.Detail);
        Assert.Equal("a back-test of ACME is running already; try again when it has ended", slots.Take(second, "ACME").Problem?.Detail);
        Assert.NotNull(slots.Take(second, "shop").Value);
        Assert.Equal(OperationFailure.Unavailable, slots.Take(third, "farm").Problem?.Failure);
        held.Value.Dispose();
        Assert.NotNull(slots.Take(third, "acme").Value);
    }

    [Fact]
    public void A_flood_of_one_tenant_does_not_silence_the_notices_of_another()
    {
        var time = new FakeTimeProvider();
        var limit = new NoticeLimit(time);
        var sent = Enumerable.Range(0, 30_000).Count(i => limit.Take("acme", "acme", "r", string.Create(CultureInfo.InvariantCulture, $"u{i}@x.example")) is not null);
        Assert.Equal(1000, sent);
        Assert.Equal(0, limit.Take("shop", "shop", "r", "boss@shop.example"));
        Assert.Null(limit.Take("shop", "shop", "r", "BOSS@shop.example"));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, limit.Take("shop", "shop", "r", "boss@shop.example"));
        Assert.Equal(0, limit.Take("acme", "acme", "r", "new@x.example"));
    }

    [Fact]
    public void A_tenant_whose_document_would_push_out_the_history_of_others_is_refused()
    {
        Domain[] domains = [.. Enumerable.Range(0, 20_000).Select(i => new Domain { Name = string.Create(CultureInfo.InvariantCulture, $"d{i:00000}.acme.example"), NextHops = ["mail.acme.example:25"] })];
        Assert.Contains(SiteValidation.Check(new Site { Tenants = [new Tenant { Name = "acme", Domains = domains }] }), e => e.StartsWith("tenants[0].name: the settings of 'acme' are", StringComparison.Ordinal));
    }
}
