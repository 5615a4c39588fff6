using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests.Policy;

/// <summary>Conditions that name groups of directories.</summary>
public sealed class DirectoryGroupTests
{
    private static readonly PolicyLayer Above = new() { Node = "Reseller", Directories = ["hosting"] };

    [Theory]
    [InlineData("office/Sales", Truth.Yes)]
    [InlineData("OFFICE/sales", Truth.Yes)]
    [InlineData("office/Other", Truth.No)]
    [InlineData("hosting/Gold", Truth.Yes)]
    [InlineData("hosting/Silver", Truth.No)]
    public void A_recipient_is_in_the_groups_that_the_facts_say(string group, Truth expected) => Assert.Equal(expected, Ask(group, Known).Holds);

    [Fact]
    public void Without_recorded_groups_nobody_knows()
    {
        var answer = Ask("office/Sales", null);
        Assert.Equal(Truth.Unknown, answer.Holds);
        Assert.Contains("groups of directories were not recorded", answer.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("office/Other", Truth.Unknown)]
    [InlineData("hosting/Silver", Truth.No)]
    public void A_directory_never_read_makes_only_its_own_groups_unknown(string group, Truth expected) =>
        Assert.Equal(expected, Ask(group, Known with { Unread = ["acme/office"] }).Holds);

    [Fact]
    public void The_sentence_names_the_group_or_those_he_is_in()
    {
        Assert.Contains("is among the recipients asked for; it is in acme/office/sales", Ask("office/Sales", Known).Why, StringComparison.Ordinal);
        Assert.Contains("is not among the recipients asked for; its groups are acme/office/sales, reseller/hosting/gold", Ask("office/Other", Known).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Direction.Outbound, Truth.Yes)]
    [InlineData(Direction.Inbound, Truth.No)]
    public void Only_own_senders_are_in_groups(Direction direction, Truth expected)
    {
        var rules = Compile(new SenderCondition { Groups = ["office/Sales"] });
        var facts = Facts(Known) with { Direction = direction, Sender = "Eva@corp.example" };
        Assert.Equal(expected, rules.Decide(facts, 0, MessageClass.Clean, MailPath.Null).Answers[0].Holds);
    }

    [Theory]
    [InlineData("nowhere/Sales", "there is no directory 'nowhere' here or above; write directory/group, there are office, hosting")]
    [InlineData("sales", "there is no group 'sales' here or above")]
    [InlineData("office/", "there is no directory 'office' here or above")]
    public void A_group_of_no_directory_is_refused(string group, string expected) =>
        Assert.Contains(expected, Assert.Single(RuleSet.Check(Layer(new RecipientCondition { Groups = [group] }), RuleSet.Compile(Above, null))), StringComparison.Ordinal);

    [Fact]
    public void Recorded_facts_keep_a_bounded_number_of_groups_and_say_so()
    {
        var many = new GroupFacts { Of = Enumerable.Range(0, 10).ToDictionary(i => $"p{i}@corp.example", i => (IReadOnlyList<string>)[.. Enumerable.Range(0, 100).Select(g => $"acme/office/g{g}")]) };
        var recorded = RecordedFacts.Of(Facts(many), []).Groups!;
        Assert.True(recorded.AreCut);
        Assert.Equal(500, recorded.Of.Sum(o => o.Value.Count));
        Assert.Same(Known, RecordedFacts.Of(Facts(Known), []).Groups);
    }

    private static GroupFacts Known { get; } = new()
    {
        Of = new Dictionary<string, IReadOnlyList<string>> { ["eva@corp.example"] = ["acme/office/sales", "reseller/hosting/gold"] },
    };

    private static RuleAnswer Ask(string group, GroupFacts? known) =>
        Compile(new RecipientCondition { Groups = [group] }).Decide(Facts(known), 0, MessageClass.Clean, MailPath.TryParse("eva@corp.example", out var eva) ? eva : MailPath.Null).Answers[0];

    private static RuleSet Compile(Condition when) => RuleSet.Compile(Layer(when), RuleSet.Compile(Above, null));

    private static PolicyLayer Layer(Condition when) => new()
    {
        Node = "acme",
        Directories = ["office"],
        Rules = [new Rule { Name = "people", When = when, Then = [new QuarantineAction()] }],
    };

    private static PolicyFacts Facts(GroupFacts? groups) => new() { Reference = "R", At = DateTimeOffset.UnixEpoch, Tenant = "acme", Direction = Direction.Inbound, Groups = groups };
}
