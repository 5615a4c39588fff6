using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests.Policy;

/// <summary>Nothing passes silently because a rule could not be asked to its end.</summary>
public sealed class UndecidedRulesTests
{
    private static readonly MailPath Anna = new("anna", "example.org");

    private static readonly AttachmentCondition Docm = new() { Extensions = ["docm"] };

    // What is known only of mail that is authenticated, which nothing here is.
    private static readonly AuthenticationCondition Nobody = new(AuthenticationMethod.Dmarc, ["pass"]);

    private static readonly PolicyFacts Cut = new()
    {
        Reference = "R",
        At = DateTimeOffset.UnixEpoch,
        Tenant = "acme",
        Direction = Direction.Inbound,
        Attachments = [new() { Path = "1", Name = "photos.zip", Type = "application/zip", Kind = AttachmentKind.Archive }],
        AreAttachmentsCut = true,
        Text = new MessageText("", "wire the money", []),
    };

    private static readonly Dictionary<string, (Rule Rule, VerdictAction Expected)> Rules = new()
    {
        ["quarantine"] = (Rule(Docm, new QuarantineAction()), VerdictAction.Hold),
        ["reject"] = (Rule(Docm, new RejectAction()), VerdictAction.Hold),
        ["hold"] = (Rule(Docm, new HoldAction(5)), VerdictAction.Hold),
        ["discard"] = (Rule(Docm, new DiscardAction { Confirm = true }), VerdictAction.Hold),
        ["removal"] = (Rule(Docm, new RemoveAttachmentsAction()), VerdictAction.Hold),
        ["removal of what may be among the rest"] = (Rule(null, new RemoveAttachmentsAction { Which = Docm }), VerdictAction.Hold),
        ["removal of what made it hold"] = (Rule(new AttachmentCondition { Extensions = ["zip"] }, new RemoveAttachmentsAction()), VerdictAction.Hold),
        ["removal of all"] = (Rule(null, new RemoveAttachmentsAction()), VerdictAction.Deliver),
        ["tag"] = (Rule(Docm, new TagAction { Subject = "[x]" }), VerdictAction.Deliver),
        ["deliver"] = (Rule(Docm, new DeliverAction()), VerdictAction.Deliver),
        ["on trial"] = (Rule(Docm, new QuarantineAction()) with { Mode = RuleMode.Monitor }, VerdictAction.Deliver),
        ["switched off"] = (Rule(Docm, new QuarantineAction()) with { Enabled = false }, VerdictAction.Deliver),
        ["of the other direction"] = (Rule(Docm, new QuarantineAction()) with { Direction = RuleDirection.Outbound }, VerdictAction.Deliver),
        ["count"] = (Rule(new AttachmentCountCondition(null, 5), new QuarantineAction()), VerdictAction.Hold),
        ["not"] = (Rule(new NotCondition(Docm), new QuarantineAction()), VerdictAction.Hold),
        ["and: the rest says no"] = (Rule(new AllCondition([Docm, new SizeCondition(1000, null)]), new QuarantineAction()), VerdictAction.Deliver),
        ["and: the rest says yes"] = (Rule(new AllCondition([Docm, new SizeCondition(null, 1000)]), new QuarantineAction()), VerdictAction.Hold),
        ["and: the rest is never known"] = (Rule(new AllCondition([Docm, Nobody]), new QuarantineAction()), VerdictAction.Deliver),
        ["or: the rest is never known"] = (Rule(new AnyCondition([Docm, Nobody]), new QuarantineAction()), VerdictAction.Hold),
        ["not or: the rest is never known"] = (Rule(new NotCondition(new AnyCondition([Docm, Nobody])), new QuarantineAction()), VerdictAction.Deliver),
        ["never known at all"] = (Rule(Nobody, new QuarantineAction()), VerdictAction.Deliver),
        ["found"] = (Rule(new AttachmentCondition { Extensions = ["zip"] }, new QuarantineAction()), VerdictAction.Quarantine),
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_rule_that_keeps_mail_and_saw_only_a_part_of_it_holds_it(string what)
    {
        var (rule, expected) = Rules[what];
        var verdict = Decide(Cut, new MessageMemory(), rule);
        Assert.Equal(expected, verdict.Action);
        Assert.Equal(expected == VerdictAction.Hold ? "RULES_UNDECIDED" : null, verdict.Undecided?.Code);
        Assert.Equal(expected == VerdictAction.Hold ? "'r' of acme" : null, verdict.Undecided?.Detail);
    }

    [Fact]
    public void Recorded_facts_hold_nothing_and_whole_ones_are_decided()
    {
        var rule = Rule(Docm, new QuarantineAction());
        Assert.Equal(VerdictAction.Deliver, Decide(Cut with { Text = null }, new MessageMemory(), rule).Action);
        Assert.Equal(VerdictAction.Deliver, Decide(Cut with { AreAttachmentsCut = false }, new MessageMemory(), rule).Action);
    }

    [Fact]
    public void A_rule_asked_later_does_not_let_it_pass_nor_does_a_setting()
    {
        var policy = Policy(Rule(Docm, new QuarantineAction()) with { Priority = 90 }, Rule(null, new DeliverAction()) with { Name = "friends" });
        var actions = new Dictionary<string, VerdictAction> { ["RULES_UNDECIDED"] = VerdictAction.Deliver };
        Assert.Equal(VerdictAction.Hold, SecuEdge.Filter.Policy.Policy.Decide(Cut, policy with { Actions = actions }, Anna).Action);
        // Who is asked before lets it pass: the other is not asked at all.
        Assert.Equal(VerdictAction.Deliver, Decide(Cut, new MessageMemory(), Rule(Docm, new QuarantineAction()), Rule(null, new DeliverAction()) with { Name = "friends", Priority = 90 }).Action);
    }

    [Theory]
    [InlineData(0, VerdictAction.Quarantine, "r")]
    [InlineData(9, VerdictAction.Hold, "RULES_UNDECIDED")]
    public void A_pattern_that_had_no_time_left_holds_the_mail(int seconds, VerdictAction expected, string by)
    {
        var worked = TimeSpan.Zero;
        var memory = new MessageMemory(() => worked += TimeSpan.FromSeconds(seconds));
        var verdict = Decide(Cut, memory, Rule(new PatternCondition { Pattern = "wire" }, new QuarantineAction()));
        Assert.Equal((expected, by), (verdict.Action, verdict.DecidedBy));
    }

    private static Verdict Decide(PolicyFacts facts, MessageMemory memory, params Rule[] rules) =>
        SecuEdge.Filter.Policy.Policy.Decide(facts, Policy(rules), Anna, memory);

    private static TenantPolicy Policy(params Rule[] rules) =>
        TenantPolicy.Default with { Rules = RuleSet.Compile(new PolicyLayer { Node = "acme", Rules = rules }, null) };

    private static Rule Rule(Condition? when, RuleAction then) => new() { Name = "r", When = when, Then = [then] };
}
