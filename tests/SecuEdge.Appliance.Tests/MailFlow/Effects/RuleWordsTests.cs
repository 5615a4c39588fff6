using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

/// <summary>How long a rule in monitor mode would have held a message, in words.</summary>
public sealed class RuleWordsTests
{
    public static TheoryData<HoldAction, string> Holds => new()
    {
        { new HoldAction(), "held it for 60 minutes" },
        { new HoldAction(1440), "held it for 1440 minutes" },
        { new HoldAction { Until = new HoldUntil { At = new TimeOnly(8, 0) } }, "held it until 08:00" },
        { new HoldAction { Until = new HoldUntil { Weekday = DayOfWeek.Monday, At = new TimeOnly(7, 30) } }, "held it until Monday 07:30" },
    };

    [Theory]
    [MemberData(nameof(Holds))]
    public void A_hold_says_how_long(HoldAction hold, string words) =>
        Assert.Equal(
            $"Rule 'weekend' of acme (only watched) would have {words}",
            RuleWords.WouldHave(new PlacedRule(new Rule { Name = "weekend", Then = [hold] }, "acme")));
}
