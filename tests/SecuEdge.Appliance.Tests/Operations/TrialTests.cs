using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>An evaluation from its first minute to its end.</summary>
public sealed class TrialTests
{
    private static readonly TrialRequest Request = new() { Name = "fresh", Parent = "north", Domain = "Fresh.example", NextHops = ["10.1.1.1:25"], Days = 14 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_call_makes_everything_and_says_what_to_set()
    {
        await using var rig = await TreeRig.StartAsync();
        var started = (await rig.Trials.StartAsync(TreeRig.Manager("north"), Request, Cancellation)).Value!;
        Assert.Equal(("fresh", "fresh.example", "mx.test.example"), (started.Tenant, started.Domain, started.MxName));
        Assert.Equal(new SmarthostDetail("mx.test.example", 26), started.Smarthost);
        Assert.Equal("_secuedge-challenge.fresh.example", started.Verification.Name);
        Assert.Equal(rig.Time.GetUtcNow().AddDays(14), started.End);
        Assert.Contains("451", started.Afterwards, StringComparison.Ordinal);
        Assert.Contains(started.Warnings, w => w.StartsWith("the smarthost refuses mail of 'fresh'", StringComparison.Ordinal));
        Assert.Contains(started.Warnings, w => w.StartsWith("every address of fresh.example is taken", StringComparison.Ordinal));
        Assert.Equal("fresh", rig.Sites.Current.FindDomain("fresh.example")!.Tenant.Tenant.Name);
        Assert.Equal("north", rig.Sites.Current.FindTenant("fresh")!.Parent!.Tenant.Name);
    }

    [Theory]
    [InlineData("vm", false)]
    [InlineData("gateway.local", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("mx.example.com", true)]
    [InlineData("mx.example.com.", true)]
    public void Only_what_the_DNS_can_have_is_a_public_name(string name, bool isPublic) => Assert.Equal(isPublic, OwnNames.IsPublic(name));

    [Theory]
    [InlineData("south", "fresh", OperationFailure.NotFound)]
    [InlineData("north", "acme", OperationFailure.Conflict)]
    [InlineData("north", "Bad Name", OperationFailure.Invalid)]
    public async Task What_cannot_be_is_said(string who, string name, object failure)
    {
        await using var rig = await TreeRig.StartAsync();
        Assert.Equal(failure, (await rig.Trials.StartAsync(TreeRig.Manager(who), Request with { Name = name }, Cancellation)).Problem!.Failure);
    }

    [Fact]
    public async Task A_trial_of_another_age_is_refused()
    {
        await using var rig = await TreeRig.StartAsync();
        var trial = new Trial { Start = DateTimeOffset.MinValue, End = DateTimeOffset.MinValue.AddDays(1) };
        var problem = (await rig.Editor.ChangeAsync(TreeRig.Manager("north"), "acme", (Tenant t) => t with { Trial = trial }, t => new Deed(TreeRig.Manager("north"), "test", t.Name, "", ""), "", null, Cancellation)).Problem!;
        Assert.Equal("trial", problem.Field);
    }

    [Fact]
    public async Task Its_end_is_told_once_in_time_and_after_a_restart_not_again()
    {
        await using var rig = await TreeRig.StartAsync();
        await rig.Trials.StartAsync(TreeRig.Manager("north"), Request, Cancellation);
        using var listener = rig.Events.Subscribe();
        var told = new List<string>();
        for (var hour = 0; hour < 20 * 24; hour++)
        {
            await rig.Watch.LookAsync(Cancellation);
            if (hour % 10 == 0)
            {
                rig.RestartWatch();
            }

            told.AddRange(Drain(listener).Select(e => $"day {hour / 24}: {e.Name} {((TrialNotice)e.Data).DaysLeft} for {e.Tenant} to {((TrialNotice)e.Data).Contacts[0]}"));
            rig.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(
            [
                "day 7: trial.ending 7 for fresh to help@north.example",
                "day 13: trial.ending 1 for fresh to help@north.example",
                "day 14: trial.ended 0 for fresh to help@north.example",
            ],
            told);
        var audited = await rig.Audit.SearchAsync(new AuditQuery { Limit = 200 }, Cancellation);
        Assert.Equal(3, audited.Items.Count(e => e.Action is "trial.ending" or "trial.ended" && e.Tenant == "fresh"));
        Assert.True(rig.Sites.Current.FindTenant("fresh")!.IsSuspended(rig.Time.GetUtcNow()));
    }

    [Fact]
    public async Task An_appliance_that_was_off_says_only_the_latest_and_a_prolonged_trial_begins_again()
    {
        await using var rig = await TreeRig.StartAsync();
        await rig.Trials.StartAsync(TreeRig.Manager("north"), Request, Cancellation);
        using var listener = rig.Events.Subscribe();
        rig.Time.Advance(TimeSpan.FromDays(15));
        await rig.Watch.LookAsync(Cancellation);
        Assert.Equal(["trial.ended"], Drain(listener).Select(e => e.Name));
        Assert.Equal("trial.end", (await rig.Tenants.SetStateAsync(TreeRig.Manager("north"), "fresh", TenantState.Active, Cancellation)).Problem!.Field);

        var end = rig.Time.GetUtcNow().AddDays(3);
        await rig.Tenants.PatchAsync(TreeRig.Manager("north"), "fresh", $$$"""{"trial":{"end":"{{{end:O}}}"}}""", null, Cancellation);
        await rig.Watch.LookAsync(Cancellation);
        await rig.Watch.LookAsync(Cancellation);
        Assert.Equal(["trial.ending"], Drain(listener).Select(e => e.Name));
        Assert.False(rig.Sites.Current.FindTenant("fresh")!.IsSuspended(rig.Time.GetUtcNow()));
    }

    private static List<GatewayEvent> Drain(EventHub.Subscription listener)
    {
        var events = new List<GatewayEvent>();
        while (listener.TryRead(out var happened))
        {
            events.Add(happened.Event);
        }

        return events;
    }
}
