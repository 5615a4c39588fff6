using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Backtest;

/// <summary>
/// One recorded message judged twice for one recipient: by the policy in force and by the changed one. Both are asked of the same facts, so
/// that what the policy became since the message came is not taken for an effect of the change.
/// <list type="number">
/// <item>A rule that is new or changed and cannot be answered makes the outcome unknown.</item>
/// <item>One that is as it was and cannot be answered is known from what happened: either it decided then, or it did not hold.</item>
/// </list>
/// </summary>
internal sealed class Replay(SiteDirectory current, SiteDirectory changed, Func<PlacedRule, bool> isChanged)
{
    public ReplayedDecision Judge(PolicyFacts facts, int index)
    {
        var recipient = MailPath.TryParse(facts.Recipients[index], out var path) ? path : MailPath.Null;
        var past = index < facts.Verdicts.Count ? facts.Verdicts[index] : null;
        var before = Ask(current, facts, recipient);
        var after = Ask(changed, facts, recipient);
        var doubtful = after.Unknowns.FirstOrDefault(a => isChanged(a.Rule));
        var decidedThen = past is not null && before.Unknowns.Exists(a => a.Rule.Rule.Name == past.DecidedBy);
        var from = decidedThen ? (past!.Action, past.DecidedBy) : (before.Verdict.Action, before.Verdict.DecidedBy);
        var isStillAsked = decidedThen && after.Unknowns.Exists(a => a.Rule.Rule.Name == past!.DecidedBy);
        var to = isStillAsked ? from : (after.Verdict.Action, after.Verdict.DecidedBy);
        return new ReplayedDecision
        {
            From = from.Item1,
            FromDecidedBy = from.Item2,
            To = to.Item1,
            ToDecidedBy = to.Item2,
            Happened = past?.Action,
            Doubtful = doubtful,
            Adds = Except(after.Effects, before.Effects),
            Leaves = Except(before.Effects, after.Effects),
            Answers = after.Answers,
        };
    }

    private static Asked Ask(SiteDirectory site, PolicyFacts facts, MailPath recipient)
    {
        var policy = PolicyOwner.PolicyOf(site, facts, recipient);
        var verdict = Policy.Decide(facts, policy, recipient);
        return new Asked(
            verdict,
            verdict.Answers,
            [.. verdict.Answers.Where(a => a.Holds == Truth.Unknown)],
            [.. verdict.Effects.Select(e => $"{e.Rule}: {Name(e.Action)}").Distinct()]);
    }

    private static IReadOnlyList<string> Except(List<string> some, List<string> others) =>
        some.Count == 0 ? [] : [.. some.Where(s => !others.Contains(s))];

    /// <summary><c>TagAction</c> is said as <c>tag</c>, as in the rule.</summary>
    private static string Name(RuleAction action)
    {
        var name = action.GetType().Name;
        return System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name.EndsWith("Action", StringComparison.Ordinal) ? name[..^"Action".Length] : name);
    }

    private sealed record Asked(Verdict Verdict, IReadOnlyList<RuleAnswer> Answers, List<RuleAnswer> Unknowns, List<string> Effects);
}

/// <summary>What two policies make of one message for one recipient.</summary>
internal sealed record ReplayedDecision
{
    public required VerdictAction From { get; init; }

    public required string FromDecidedBy { get; init; }

    public required VerdictAction To { get; init; }

    public required string ToDecidedBy { get; init; }

    public required VerdictAction? Happened { get; init; }

    /// <summary>A changed rule that cannot be answered; null when the outcome is known.</summary>
    public required RuleAnswer? Doubtful { get; init; }

    public required IReadOnlyList<string> Adds { get; init; }

    public required IReadOnlyList<string> Leaves { get; init; }

    /// <summary>Of the changed policy.</summary>
    public required IReadOnlyList<RuleAnswer> Answers { get; init; }

    public bool IsChanged => From != To || Adds.Count > 0 || Leaves.Count > 0;
}
