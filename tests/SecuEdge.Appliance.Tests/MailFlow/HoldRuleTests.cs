using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Appliance.Tests.MailFlow.Effects;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class HoldRuleTests
{
    // Held mail is judged again: before its time (an engine changed), when its time is over, and when even the longest time is.
    [Theory]
    [InlineData("Deliver", false, "Wait", "Release", "Release")]
    [InlineData("Tag", false, "Wait", "Release", "Release")]
    [InlineData("Hold", false, "Wait", "Release", "Release")]
    [InlineData("Hold", true, "Wait", "Prolong", "Quarantine")]
    [InlineData("Hold", false, "Wait", "Quarantine", "Quarantine", true)]
    [InlineData("Deliver", false, "Wait", "Release", "Release", true)]
    [InlineData("Deliver", true, "Wait", "Release", "Release")]
    [InlineData("Quarantine", false, "Quarantine", "Quarantine", "Quarantine")]
    [InlineData("Reject", false, "Quarantine", "Quarantine", "Quarantine")]
    [InlineData("Defer", false, "Wait", "TryAgain", "Quarantine")]
    public void What_follows_from_the_new_verdict(string action, bool isFloored, string early, string over, string last, bool isUndecided = false)
    {
        var verdict = Enum.Parse<VerdictAction>(action);
        Assert.Equal(early, HoldRule.Decide(verdict, isFloored, isUndecided, new HoldClock(IsDue: false, IsOver: false, IsLast: false)).ToString());
        Assert.Equal(over, HoldRule.Decide(verdict, isFloored, isUndecided, new HoldClock(IsDue: true, IsOver: true, IsLast: false)).ToString());
        Assert.Equal(last, HoldRule.Decide(verdict, isFloored, isUndecided, new HoldClock(IsDue: true, IsOver: true, IsLast: true)).ToString());
    }

    /// <summary>Action of the verdict, action of the thresholds, minutes of a rule, whether a finding asks for a hold; what it leaves as, and minutes held.</summary>
    [Theory]
    [InlineData(VerdictAction.Hold, VerdictAction.Tag, null, true, VerdictAction.Tag, 30)]
    [InlineData(VerdictAction.Hold, VerdictAction.Deliver, null, true, VerdictAction.Deliver, 30)]
    [InlineData(VerdictAction.Hold, VerdictAction.Deliver, 1, true, VerdictAction.Deliver, 30)]
    [InlineData(VerdictAction.Hold, VerdictAction.Tag, 1, false, VerdictAction.Tag, 1)]
    [InlineData(VerdictAction.Hold, VerdictAction.Deliver, 60, true, VerdictAction.Deliver, 60)]
    [InlineData(VerdictAction.Deliver, VerdictAction.Tag, null, false, VerdictAction.Deliver, null)]
    [InlineData(VerdictAction.Tag, VerdictAction.Tag, null, false, VerdictAction.Tag, null)]
    public void A_hold_keeps_its_mark_and_its_longest_time(VerdictAction action, VerdictAction threshold, int? byRule, bool isAsked, VerdictAction released, int? minutes)
    {
        var verdict = EffectScene.Verdict() with
        {
            Action = action,
            Disposition = byRule is { } m ? Rewrite.Effect(new HoldAction(m)) with { HeldUntil = DateTimeOffset.UnixEpoch.AddMinutes(m) } : null,
            Rules =
            [
                new("OUTBREAK_UNSEEN", isAsked, isAsked ? VerdictAction.Hold : VerdictAction.Deliver, ""),
                new("TAG_SCORE", threshold == VerdictAction.Tag, threshold, ""),
                new("a-rule", true, VerdictAction.Hold, "") { Mode = RuleMode.Enforce },
            ],
        };
        Assert.Equal(released, HoldRule.Released(verdict));
        var record = RecipientPlans.Accepted(new MailPath("a", "acme.example"), verdict, TimeSpan.FromMinutes(30), DateTimeOffset.UnixEpoch);
        Assert.Equal(minutes, (record.HeldUntil - DateTimeOffset.UnixEpoch)?.TotalMinutes);
        Assert.Equal(byRule is null ? null : record.HeldUntil, record.RuleHoldsUntil);
    }

    [Theory]
    [InlineData("Deliver", false, "Release")]
    [InlineData("Hold", true, "Wait")]
    [InlineData("Defer", false, "Wait")]
    public void An_engine_change_after_the_tenants_time_while_it_is_held_on_longer(string action, bool isFloored, string step) =>
        Assert.Equal(step, HoldRule.Decide(Enum.Parse<VerdictAction>(action), isFloored, isUndecided: false, new HoldClock(IsDue: false, IsOver: true, IsLast: false)).ToString());
}
