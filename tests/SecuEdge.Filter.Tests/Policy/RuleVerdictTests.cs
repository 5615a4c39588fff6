using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests.Policy;

/// <summary>What becomes of a message when findings and rules disagree.</summary>
public sealed class RuleVerdictTests
{
    private static readonly MailPath Anna = new("anna", "example.org");
    private static readonly Finding Infected = new("X_INFECTED", 0, MessageClass.Infected, VerdictAction.Quarantine, "Malware.", "");
    private static readonly Finding Unscanned = new("X_FAILED", 0, MessageClass.Clean, VerdictAction.Defer, "No engine could look.", "");
    private static readonly Finding Locked = new("LOCKED", 0, MessageClass.Encrypted, VerdictAction.Quarantine, "Locked archive.", "", VerdictAction.Hold);
    private static readonly Finding Program = new("PROGRAM", 0, MessageClass.Policy, VerdictAction.Quarantine, "A program.", "");
    private static readonly Finding Doubtful = new("DOUBTFUL", 5.5, MessageClass.Spam, null, "Looks like spam.", "");
    private static readonly Finding Spam = new("SPAM", 20, MessageClass.Spam, null, "Spam.", "");

    /// <summary>
    /// A rule may be stricter than antivirus, never laxer: what is thrown away or refused is not released. What nobody could look at is not ours
    /// to throw away, either.
    /// </summary>
    public static TheoryData<string, RuleAction, VerdictAction, string> Floors => new()
    {
        { "infected", new DeliverAction(), VerdictAction.Quarantine, "X_INFECTED" },
        { "infected", new HoldAction(5), VerdictAction.Quarantine, "X_INFECTED" },
        { "infected", new QuarantineAction { Queue = "legal" }, VerdictAction.Quarantine, "rule" },
        { "infected", new DiscardAction { Confirm = true }, VerdictAction.Discard, "rule" },
        { "infected", new RejectAction(), VerdictAction.Reject, "rule" },
        { "unscanned", new DeliverAction(), VerdictAction.Defer, "X_FAILED" },
        { "unscanned", new QuarantineAction(), VerdictAction.Defer, "X_FAILED" },
        { "unscanned", new DiscardAction { Confirm = true }, VerdictAction.Defer, "X_FAILED" },
        { "unscanned", new RejectAction(), VerdictAction.Reject, "rule" },
        { "locked", new DeliverAction(), VerdictAction.Hold, "LOCKED" },
        { "locked", new HoldAction(5), VerdictAction.Quarantine, "LOCKED" },
        { "locked", new QuarantineAction(), VerdictAction.Quarantine, "rule" },
        { "spam", new DeliverAction(), VerdictAction.Deliver, "rule" },
        { "spam", new HoldAction(5), VerdictAction.Reject, SecuEdge.Filter.Policy.Policy.RejectThreshold },
        { "program", new HoldAction(5), VerdictAction.Quarantine, "PROGRAM" },
        { "program", new DeliverAction(), VerdictAction.Deliver, "rule" },
        { "doubtful", new HoldAction(5), VerdictAction.Hold, "rule" },
        { "spam", new TagAction { Subject = "[x]" }, VerdictAction.Reject, SecuEdge.Filter.Policy.Policy.RejectThreshold },
    };

    [Theory]
    [MemberData(nameof(Floors))]
    public void A_rule_moves_a_message_as_far_as_its_floor_lets_it(string finding, RuleAction action, VerdictAction expected, string by)
    {
        var found = finding switch { "infected" => Infected, "unscanned" => Unscanned, "locked" => Locked, "program" => Program, "doubtful" => Doubtful, _ => Spam };
        var verdict = Decide([found], Rule("rule", action));
        Assert.Equal((expected, by), (verdict.Action, verdict.DecidedBy));
        Assert.Equal(by == "rule" ? action : null, verdict.Disposition?.Action);
    }

    [Fact]
    public void What_the_verdict_says_of_rules_is_what_was_asked_when_it_was_made()
    {
        // After the verdict the score is 16 and the class another: asked again, all these would answer otherwise.
        var verdict = Decide(
            [],
            Rule("more", new ScoreAction(16)),
            Rule("low", new TagAction { Subject = "[low]" }) with { When = new ScoreCondition(null, 5) },
            Rule("watching", new DeliverAction()) with { When = new ScoreCondition(null, 5), Mode = RuleMode.Monitor },
            Rule("clean", new QuarantineAction()) with { When = new ClassCondition([MessageClass.Clean]) },
            Rule("late", new RejectAction()));

        Assert.Equal((16d, MessageClass.Policy, "clean"), (verdict.Score, verdict.Class, verdict.DecidedBy));
        Assert.Equal(
            [("more", Truth.Yes, true), ("low", Truth.Yes, true), ("watching", Truth.Yes, true), ("clean", Truth.Yes, true), ("late", Truth.No, false)],
            verdict.Answers.Select(a => (a.Rule.Rule.Name, a.Holds, a.WasAsked)));
        Assert.Equal("watching", Assert.Single(verdict.Monitored).Rule.Name);
        Assert.Equal(["low"], verdict.Effects.Select(e => e.Rule));
    }

    [Theory]
    [InlineData("00:05:00", VerdictAction.Hold)]
    [InlineData("off", VerdictAction.Deliver)]
    public void A_new_file_holds_the_mail_of_those_whose_settings_hold(string setting, VerdictAction expected)
    {
        Finding unseen = new("OUTBREAK_UNSEEN", 0, MessageClass.Suspicious, VerdictAction.Hold, "New.", "");
        var policy = TenantPolicy.Default with { OutbreakHold = new() { Inbound = setting == "off" ? null : TimeSpan.Parse(setting, System.Globalization.CultureInfo.InvariantCulture) } };
        Assert.Equal(expected, SecuEdge.Filter.Policy.Policy.Decide(Facts([unseen]), policy, Anna).Action);
    }

    [Fact]
    public void A_rule_on_trial_changes_nothing_and_says_what_it_would_have_done()
    {
        var verdict = Decide([], Rule("trial", new TagAction { Subject = "[x]" }, new ScoreAction(50), new RejectAction()) with { Mode = RuleMode.Monitor });
        Assert.Equal((VerdictAction.Deliver, SecuEdge.Filter.Policy.Policy.NothingMatched, 0d), (verdict.Action, verdict.DecidedBy, verdict.Score));
        Assert.Empty(verdict.Effects);
        var outcome = verdict.Rules.Single(r => r.Rule == "trial");
        Assert.Equal((VerdictAction.Reject, RuleMode.Monitor), (outcome.Action, outcome.Mode));
        Assert.Contains("it would have asked for", outcome.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Mail_that_a_rule_did_something_to_is_not_said_to_have_matched_nothing()
    {
        var verdict = Decide([], Rule("mark", new TagAction { Subject = "[x]" }));
        Assert.Equal("mark", verdict.Author);
        // What is recorded for back-tests stays as it was: who decided where it goes.
        Assert.Equal(SecuEdge.Filter.Policy.Policy.NothingMatched, verdict.DecidedBy);
        Assert.Equal("points", Decide([], Rule("points", new ScoreAction(1))).Author);
        Assert.Equal(SecuEdge.Filter.Policy.Policy.NothingMatched, Decide([]).Author);
        Assert.Equal(SecuEdge.Filter.Policy.Policy.NothingMatched, Decide([], Rule("watch", new TagAction { Subject = "[x]" }) with { Mode = RuleMode.Monitor }).Author);
    }

    [Fact]
    public void Reasons_say_what_was_compared_and_keep_the_words_of_the_message_apart()
    {
        var facts = Facts([]) with
        {
            Subject = "about money",
            Text = new MessageText("about money", "please make a secret transfer", []),
            Headers = [new("X-Note", "private remark")],
            Attachments = [new AttachmentFacts { Path = "1.2", Name = "fake.mp3", Kind = AttachmentKind.Audio, Type = "audio/mpeg", SizeBytes = 2000, Sha256 = "" }],
        };
        var verdict = Decide(
            facts,
            Rule("text", new TagAction { Subject = "[x]" }) with { When = new PatternCondition { Pattern = "secret \\w+" } },
            Rule("header", new TagAction { Subject = "[y]" }) with { When = new HeaderCondition { Name = "X-Note", Contains = "remark" } },
            Rule("watched", new RejectAction()) with { When = new NotCondition(new PatternCondition { Pattern = "nowhere" }), Mode = RuleMode.Monitor },
            Rule("not", new TagAction { Subject = "[z]" }) with { When = new PatternCondition { Pattern = "nowhere" } },
            Rule("mp3", new QuarantineAction()) with { When = new AttachmentCondition { Extensions = ["mp3"] } },
            Rule("late", new TagAction { Subject = "[late]" }));
        var reasons = RuleReason.Of(verdict);
        Assert.Equal(["mp3", "text", "header", "watched"], reasons.Select(r => r.Rule));
        Assert.Equal((true, "File 'fake.mp3' (audio/mpeg, 2 KB) is what is asked for.", null), (reasons[0].IsDecisive, reasons[0].Why, reasons[0].Words));
        Assert.Equal("The text has what a pattern of the rule asks for.", reasons[1].Why);
        Assert.Contains("'secret transfer'", reasons[1].Words, StringComparison.Ordinal);
        Assert.Equal("Header X-Note is what is asked for.", reasons[2].Why);
        Assert.Contains("remark", reasons[2].Words, StringComparison.Ordinal);
        Assert.True(reasons[3].IsWatching);
        Assert.DoesNotContain(reasons, r => r.Why.Contains("secret", StringComparison.Ordinal) || r.Why.Contains("remark", StringComparison.Ordinal));
    }

    [Fact]
    public void A_threshold_is_a_reason_with_its_figures_and_long_sentences_are_cut()
    {
        var spam = Decide([new Finding("GTUBE", 1000, MessageClass.Spam, null, "Test.", "")]);
        var reason = Assert.Single(RuleReason.Of(spam));
        Assert.Contains("Score 1000 reaches", reason.Why, StringComparison.Ordinal);
        var long_ = Decide([], Rule("long", new TagAction { Subject = "[x]" }) with { When = new NotCondition(new AnyCondition([.. Enumerable.Range(0, 20).Select(i => new FindingCondition([$"NO_SUCH_FINDING_{i}", "AND_ANOTHER_ONE"]))])) });
        Assert.Equal(RuleReason.MaxChars, Assert.Single(RuleReason.Of(long_)).Why.Length);
    }

    [Fact]
    public void Each_condition_of_a_rule_on_the_bench_is_answered_with_the_names_of_its_node()
    {
        var layer = new PolicyLayer { Node = "acme", Objects = [new() { Name = "big", Is = new SizeCondition(1000, null) }] };
        var tried = ConditionTrial.Run(
            new AllCondition([new ObjectCondition("big"), new NotCondition(new FirstContactCondition())]), layer, null, Facts([]) with { SizeBytes = 900 }, 0, MessageClass.Clean, Anna);
        Assert.Equal(
            [("when", "all", Truth.No), ("when.of[0]", "object", Truth.No), ("when.of[1]", "not", Truth.Unknown), ("when.of[1].of", "firstContact", Truth.Unknown)],
            tried.Select(t => (t.Place, t.Type, t.Holds)));
        Assert.Equal("Size 900 bytes is below 1 KB.", tried[1].Why);
        Assert.Throws<ArgumentException>(() => ConditionTrial.Run(new ObjectCondition("none"), layer, null, Facts([]), 0, MessageClass.Clean, Anna));
    }

    private static Verdict Decide(PolicyFacts facts, params Rule[] rules) =>
        SecuEdge.Filter.Policy.Policy.Decide(facts, TenantPolicy.Default with { Rules = RuleSet.Compile(new PolicyLayer { Node = "acme", Rules = rules }, null) }, Anna);

    private static Verdict Decide(IReadOnlyList<Finding> findings, params Rule[] rules) =>
        SecuEdge.Filter.Policy.Policy.Decide(Facts(findings), TenantPolicy.Default with { Rules = RuleSet.Compile(new PolicyLayer { Node = "acme", Rules = rules }, null) }, Anna);

    private static PolicyFacts Facts(IReadOnlyList<Finding> findings) =>
        new() { Reference = "R", At = DateTimeOffset.UnixEpoch, Tenant = "acme", Direction = Direction.Inbound, Findings = findings };

    private static Rule Rule(string name, params RuleAction[] then) => new() { Name = name, Then = then };
}
