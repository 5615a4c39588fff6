using System.Globalization;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests.Policy;

/// <summary>How long a rule holds mail.</summary>
public sealed class HoldUntilTests
{
    private static readonly TimeZoneInfo s_paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    /// <summary>When it came, until which day and hour in Paris, and when that is. All in UTC; Paris is one hour ahead in winter, two in summer.</summary>
    [Theory]
    [InlineData("2026-11-28T09:00", DayOfWeek.Monday, "08:00", "2026-11-30T07:00")]
    [InlineData("2026-11-30T06:59", DayOfWeek.Monday, "08:00", "2026-11-30T07:00")]
    [InlineData("2026-11-30T07:00", DayOfWeek.Monday, "08:00", "2026-12-07T07:00")]
    [InlineData("2026-11-28T23:30", DayOfWeek.Sunday, "00:45", "2026-11-28T23:45")]
    [InlineData("2026-11-28T19:00", null, "08:00", "2026-11-29T07:00")]
    [InlineData("2026-11-28T06:00", null, "08:00", "2026-11-28T07:00")]
    [InlineData("2026-03-28T12:00", DayOfWeek.Sunday, "02:30", "2026-03-29T01:30")]
    [InlineData("2026-10-24T12:00", DayOfWeek.Monday, "08:00", "2026-10-26T07:00")]
    public void A_day_and_hour_are_meant_in_the_tenants_time_zone(string now, DayOfWeek? weekday, string at, string end)
    {
        var hold = new HoldAction { Until = new HoldUntil { Weekday = weekday, At = TimeOnly.Parse(at, CultureInfo.InvariantCulture) } };
        Assert.Equal(Utc(end), hold.EndAfter(Utc(now), s_paris));
    }

    [Fact]
    public void Without_a_time_it_is_an_hour_and_two_times_are_an_error()
    {
        var now = Utc("2026-11-28T09:00");
        Assert.Equal(TimeSpan.FromHours(1), new HoldAction().EndAfter(now, s_paris) - now);
        Assert.Equal(TimeSpan.FromMinutes(5), new HoldAction(5).EndAfter(now, s_paris) - now);
        Assert.Empty(Check(new HoldAction()));
        Assert.Empty(Check(new HoldAction { Until = new HoldUntil { At = new TimeOnly(8, 0) } }));
        Assert.Equal(["rules[0].then[0].minutes: 0 is not between 1 and 1440"], Check(new HoldAction(0)));
        Assert.StartsWith("rules[0].then[0].until: ", Assert.Single(Check(new HoldAction(5) { Until = new HoldUntil { At = new TimeOnly(8, 0) } })), StringComparison.Ordinal);
    }

    [Fact]
    public void The_decision_says_until_when_and_the_reason_in_which_time_zone()
    {
        var rules = RuleSet.Compile(
            new PolicyLayer
            {
                Node = "bakery",
                TimeZone = s_paris,
                Rules =
                [
                    new Rule
                    {
                        Name = "weekend",
                        When = new TimeCondition { Weekdays = [DayOfWeek.Saturday, DayOfWeek.Sunday] },
                        Then = [new HoldAction { Until = new HoldUntil { Weekday = DayOfWeek.Monday, At = new TimeOnly(8, 0) } }],
                    },
                ],
            },
            null);
        var facts = new PolicyFacts { Reference = "R", Tenant = "bakery", Direction = Direction.Inbound, Recipients = ["a@bakery.example"], At = Utc("2026-11-28T09:00") };
        var decision = rules.Decide(facts, 0, MessageClass.Clean, new MailPath("a", "bakery.example"));
        Assert.Equal(Utc("2026-11-30T07:00"), decision.Disposition!.HeldUntil);
        Assert.Equal("Saturday 2026-11-28 10:00 Europe/Paris is inside the time asked for.", decision.Answers[0].Why);
    }

    private static IReadOnlyList<string> Check(HoldAction hold) =>
        RuleSet.Check(new PolicyLayer { Node = "bakery", Rules = [new Rule { Name = "hold", Then = [hold] }] }, null);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
