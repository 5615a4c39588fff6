using SecuEdge.Appliance.MailFlow;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>Mail that a rule held from Friday 17:00 until Monday 08:00; records of older versions do not say when the rule's time ends.</summary>
public sealed class WeekendHoldTests
{
    private static readonly TimeSpan Weekend = TimeSpan.FromHours(63);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_engine_that_is_away_does_not_convict_what_a_rule_held_over_the_weekend(bool isOld)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Check.Action = VerdictAction.Defer;
        await rig.StartAsync();
        var reference = await rig.SubmitAsync(HeldByRule(rig, isOld));
        rig.Time.Advance(TimeSpan.FromHours(40));
        rig.Queue.AskReview();
        await rig.WaitUntilAsync(() => rig.Check.Asked.Count == 1 && rig.AllHeldWait(1));

        rig.Time.Advance(Weekend - TimeSpan.FromHours(40));
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var due = rig.Time.GetUtcNow() + rig.Hold.RetryDelay;
            await rig.Log.WaitForAsync(reference, r => r.Recipients[0].HeldUntil == due, rig.Token);
            await rig.WaitUntilAsync(() => rig.AllHeldWait(1));
            rig.Check.Action = attempt == 1 ? VerdictAction.Defer : null;
            rig.Time.Advance(rig.Hold.RetryDelay);
        }

        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_rule_held_is_not_held_for_ever_either(bool isOld)
    {
        await using var rig = new DeliveryRig();
        rig.Check.Action = VerdictAction.Defer;
        await rig.StartAsync();
        var reference = await rig.SubmitAsync(HeldByRule(rig, isOld));
        rig.Time.Advance(Weekend);
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var due = rig.Time.GetUtcNow() + rig.Hold.RetryDelay;
            await rig.Log.WaitForAsync(reference, r => r.Recipients[0].HeldUntil == due, rig.Token);
            await rig.WaitUntilAsync(() => rig.AllHeldWait(1));
            rig.Time.Advance(attempt == 1 ? rig.Hold.RetryDelay : rig.Hold.Longest - rig.Hold.RetryDelay);
        }

        Assert.Equal(MessageState.Quarantined, (await rig.WaitUntilFinishedAsync(reference)).State);
    }

    [Fact]
    public async Task What_engines_disagree_about_after_a_weekend_waits_for_new_signatures_and_goes_with_them()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Check.Action = VerdictAction.Hold;
        rig.Check.Floor = VerdictAction.Hold;
        await rig.StartAsync();
        var reference = await rig.SubmitAsync(HeldByRule(rig, isOld: false));
        rig.Time.Advance(Weekend);
        var last = rig.Time.GetUtcNow() + rig.Hold.Longest;
        await rig.Log.WaitForAsync(reference, r => r.Recipients[0].HeldUntil == last, rig.Token);
        await rig.WaitUntilAsync(() => rig.AllHeldWait(1));
        rig.Check.Action = null;
        rig.Queue.AskReview();
        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    private static MessageRecord HeldByRule(DeliveryRig rig, bool isOld)
    {
        var until = rig.Time.GetUtcNow() + Weekend;
        return rig.Inbound("info@acme.example").Change(
            [0], r => r with { Action = VerdictAction.Hold, State = MessageState.Held, HeldUntil = until, IsHeldByRule = true, RuleHoldsUntil = isOld ? null : until });
    }
}
