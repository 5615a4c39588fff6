using SecuEdge.Appliance.MailFlow;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>What a story says of rules to one recipient tells him nothing of another: the others may have been blind copies.</summary>
public sealed class JudgedReasonsTests
{
    private static readonly Rule OfMany = new() { Name = "of-many", When = new RecipientCondition { Addresses = ["a*@acme.example"] }, Then = [new QuarantineAction()] };

    /// <summary>Of more recipients than have a sentence each.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(19)]
    public void A_reason_names_nobody_but_those_whom_it_is_for(int others)
    {
        var recipients = People("b", others).Concat(People("a", 25)).ToList();
        var reasons = JudgedReasons.Of(recipients, Decide(recipients, OfMany));
        Assert.NotEmpty(reasons);
        foreach (var reason in reasons)
        {
            var isSaidToOthers = (reason with { Recipients = [] }).Names([.. recipients.Where(r => !reason.Recipients.SequenceEqual([r]))]);
            Assert.False(isSaidToOthers, $"'{reason.Why}' is said to {string.Join(' ', reason.Recipients)}");
        }
    }

    [Fact]
    public void The_rest_of_a_long_list_learns_which_rule_it_was()
    {
        List<string> recipients = [.. People("a", 1), .. People("b", 19), .. People("a", 6).Skip(1)];
        var reasons = JudgedReasons.Of(recipients, Decide(recipients, OfMany));
        Assert.Equal(["a0@acme.example", "a1@acme.example a2@acme.example a3@acme.example a4@acme.example a5@acme.example"], reasons.Select(r => string.Join(' ', r.Recipients)));
        Assert.All(reasons, r => Assert.Equal(("of-many", "acme", true), (r.Rule, r.Node, r.IsDecisive)));
        Assert.Contains("a0@acme.example", reasons[0].Why, StringComparison.Ordinal);
        Assert.Equal("Holds for this recipient.", reasons[1].Why);
    }

    [Fact]
    public void What_a_rule_says_of_the_message_it_says_once_for_all()
    {
        var recipients = People("a", 25).ToList();
        var reason = Assert.Single(JudgedReasons.Of(recipients, Decide(recipients, OfMany with { When = new SizeCondition(null, 1000) })));
        Assert.Empty(reason.Recipients);
        Assert.Contains("900 bytes", reason.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 2, 3)]
    [InlineData(1, 4, 1)]
    [InlineData(30, 1, 10)]
    public void What_a_rule_would_have_done_for_some_is_said_to_each_of_them_and_not_to_how_many(int some, int others, int lines)
    {
        List<string> recipients = [.. People("b", others), .. People("a", some)];
        var events = JudgedReasons.Watched(recipients, Decide(recipients, OfMany with { Mode = RuleMode.Monitor }), DateTimeOffset.UnixEpoch).ToList();
        Assert.Equal(People("a", lines), events.Select(e => e.Recipient));
        Assert.All(events, e => Assert.Equal("Rule 'of-many' of acme (only watched) would have kept it in quarantine", e.Text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_a_rule_would_have_done_for_all_is_one_line(int count)
    {
        var recipients = People("a", count).ToList();
        var line = Assert.Single(JudgedReasons.Watched(recipients, Decide(recipients, OfMany with { Mode = RuleMode.Monitor }), DateTimeOffset.UnixEpoch));
        Assert.Null(line.Recipient);
    }

    private static IEnumerable<string> People(string name, int count) => Enumerable.Range(0, count).Select(i => $"{name}{i}@acme.example");

    private static List<Verdict> Decide(IReadOnlyList<string> recipients, params Rule[] rules)
    {
        var facts = new PolicyFacts { Reference = "R", At = DateTimeOffset.UnixEpoch, Tenant = "acme", Direction = Direction.Inbound, SizeBytes = 900, Recipients = recipients };
        var policy = TenantPolicy.Default with { Rules = RuleSet.Compile(new PolicyLayer { Node = "acme", Rules = rules }, null) };
        var memory = new MessageMemory();
        return [.. recipients.Select(r => Policy.Decide(facts, policy, MailPath.TryParse(r, out var path) ? path : throw new ArgumentException(r), memory))];
    }
}
