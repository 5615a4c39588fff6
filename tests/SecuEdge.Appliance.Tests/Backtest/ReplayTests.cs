using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Tests.Backtest;

/// <summary>What a back-test knows of mail for which a rule about words may have added to the score: bodies are never recorded.</summary>
public sealed class ReplayTests
{
    private static readonly PastVerdict Delivered = new(VerdictAction.Deliver, Policy.NothingMatched);

    private static readonly PastVerdict Kept = new(VerdictAction.Quarantine, Policy.QuarantineThreshold);

    private static readonly Rule Friends = OfSender("friends", new DeliverAction());

    private static readonly Rule Strangers = OfSender("strangers", new QuarantineAction());

    private static readonly Dictionary<string, (PastVerdict? Past, Tenant Before, Tenant After, string Expected)> Cases = new()
    {
        ["kept by its words, and freed by a new rule"] = (Kept, Acme(Words(6)), Acme(Words(6), Friends), "Quarantine Deliver"),
        ["kept by its words, and by a new rule"] = (Kept, Acme(Words(6)), Acme(Words(6), Strangers), "Quarantine Quarantine"),
        ["kept by its words, and the same rules"] = (Kept, Acme(Words(6)), Acme(Words(6)), "Quarantine Quarantine"),
        ["kept by its words, and the threshold is raised"] = (Kept, Acme(Words(6)), Acme(10, Words(6)), "Quarantine Tag"),
        ["kept by its words, and their rule goes"] = (Kept, Acme(Words(6)), Acme(), "Quarantine Deliver"),
        ["delivered, so it had no such words, and a new rule keeps it"] = (Delivered, Acme(Words(6)), Acme(Words(6), Strangers), "Deliver Quarantine"),
        ["delivered, so it had no such words, and the threshold is lowered"] = (Delivered, Acme(Words(6)), Acme(5, Words(6)), "Deliver Deliver"),
        ["delivered, with words or without, and the threshold is lowered"] = (Delivered, Acme(Words(4)), Acme(3.5, Words(4)), "unknown: words"),
        ["kept by one of two lists, and the threshold is raised"] = (Kept, Acme(Words(6), Words(10, "more")), Acme(8, Words(6), Words(10, "more")), "unknown: words"),
        ["a rule on trial adds nothing"] = (null, Acme(Words(6) with { Mode = RuleMode.Monitor }), Acme(Words(6) with { Mode = RuleMode.Monitor }, Strangers), "Deliver Quarantine"),
        ["not recorded what happened, and freed if it was kept"] = (null, Acme(Words(6)), Acme(Words(6), Friends), "unknown: words"),
        ["not recorded what happened, and the same rules"] = (null, Acme(Words(6)), Acme(Words(6)), "Deliver Deliver"),
        ["a rule about words decided, and still does"] = (new(VerdictAction.Reject, "words"), Acme(Refusal()), Acme(Refusal(), Strangers), "Reject Reject"),
        ["a rule goes that decided before one about words was asked"] = (new(VerdictAction.Deliver, "friends"), Acme(Friends with { Priority = 95 }, Refusal()), Acme(Refusal()), "unknown: words"),
        ["a rule about words decided, and goes"] = (new(VerdictAction.Reject, "words"), Acme(Refusal()), Acme(), "Reject Deliver"),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_happened_tells_what_nobody_can_ask_any_more(string name)
    {
        var (past, before, after, expected) = Cases[name];
        var facts = new PolicyFacts
        {
            Reference = "R",
            At = DateTimeOffset.UnixEpoch,
            Tenant = "acme",
            Direction = Direction.Inbound,
            Sender = "eva@else.example",
            Recipients = ["info@acme.example"],
            Verdicts = past is null ? [] : [past],
        };
        var replay = new Replay(new SiteDirectory(new Site { Tenants = [before] }), new SiteDirectory(new Site { Tenants = [after] }), r => r.Rule.Name is "friends" or "strangers");
        var decision = replay.Judge(facts, 0);
        Assert.Equal(expected, decision.Doubtful is { } doubtful ? $"unknown: {doubtful.Rule.Rule.Name}" : $"{decision.From} {decision.To}");
    }

    private static Rule Words(double add, string name = "words") => new() { Name = name, Priority = 90, When = new WordsCondition { List = "gambling-en" }, Then = [new ScoreAction(add)] };

    private static Rule Refusal() => Words(6) with { Then = [new RejectAction()] };

    private static Rule OfSender(string name, RuleAction action) => new() { Name = name, When = new SenderCondition { Addresses = ["@else.example"] }, Then = [action] };

    private static Tenant Acme(params Rule[] rules) => new() { Name = "acme", Rules = rules };

    private static Tenant Acme(double quarantineScore, params Rule[] rules) =>
        Acme(rules) with { Policy = new PolicySettings { TagScore = Math.Min(5, quarantineScore), QuarantineScore = quarantineScore } };
}
