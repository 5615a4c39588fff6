using SecuEdge.Appliance.MailFlow;
using SecuEdge.Filter;

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

    [Theory]
    [InlineData("Deliver", false, "Release")]
    [InlineData("Hold", true, "Wait")]
    [InlineData("Defer", false, "Wait")]
    public void An_engine_change_after_the_tenants_time_while_it_is_held_on_longer(string action, bool isFloored, string step) =>
        Assert.Equal(step, HoldRule.Decide(Enum.Parse<VerdictAction>(action), isFloored, isUndecided: false, new HoldClock(IsDue: false, IsOver: true, IsLast: false)).ToString());
}
