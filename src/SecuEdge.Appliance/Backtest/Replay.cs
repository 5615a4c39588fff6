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
/// <item>A rule that is new or changed and cannot be answered makes the outcome unknown, and so does one that may decide and was not asked before.</item>
/// <item>One that is as it was and cannot be answered is known from what happened: either it decided then, or it did not hold.</item>
/// <item>Where it adds to the score, a threshold decided, and nobody wrote down who reached it. Whatever such rules may have added is tried: what does not
/// lead to what happened is ruled out, and the outcome is unknown only where the rest leads to different ones.</item>
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
        var decidedThen = past is not null && before.Unknowns.Exists(a => a.Rule.Rule.Name == past.DecidedBy);
        var isStillAsked = decidedThen && after.Unknowns.Exists(a => a.Rule.Rule.Name == past!.DecidedBy);
        var added = UnknownScores.Of(before.Unknowns, after.Unknowns, isPastKnown: past is not null);
        List<(Outcome From, Outcome To)> possible = [.. added.Possible.Select(a =>
        {
            var from = decidedThen ? new Outcome(past!.Action, past.DecidedBy) : Outcome.Of(before.DecideByAdded(a.Before));
            return (from, isStillAsked ? from : Outcome.Of(after.DecideByAdded(a.After)));
        })];
        if (past is not null && possible.FindAll(p => p.From == new Outcome(past.Action, past.DecidedBy)) is { Count: > 0 } likely)
        {
            possible = likely;
        }

        // The first is the one in which they did not hold.
        var (from, to) = possible[0];
        var isSettled = added.AreAll && (possible.TrueForAll(p => p.From.Action == p.To.Action) || possible.TrueForAll(p => (p.From.Action, p.To.Action) == (from.Action, to.Action)));
        return new ReplayedDecision
        {
            From = from.Action,
            FromDecidedBy = from.DecidedBy,
            To = to.Action,
            ToDecidedBy = to.DecidedBy,
            Happened = past?.Action,
            Doubtful = after.Unknowns.Find(a => isChanged(a.Rule) || IsAskedAnew(a, before)) ?? (isSettled ? null : added.Doubtful),
            Adds = Except(after.Effects, before.Effects),
            Leaves = Except(before.Effects, after.Effects),
            Answers = after.Answers,
        };
    }

    /// <summary>It may decide, and what happened says nothing of it: a rule before it decided, and does not any more.</summary>
    private static bool IsAskedAnew(RuleAnswer unknown, Asked before) =>
        unknown.Rule.Rule is { Mode: RuleMode.Enforce } rule && rule.Then.Any(a => a.IsFinal)
        && !before.Unknowns.Exists(a => a.Rule.Node == unknown.Rule.Node && a.Rule.Rule.Name == rule.Name);

    private static Asked Ask(SiteDirectory site, PolicyFacts facts, MailPath recipient)
    {
        var policy = PolicyOwner.PolicyOf(site, facts, recipient);
        var decide = Policy.DecideByAdded(facts, policy, recipient);
        var verdict = decide(0);
        return new Asked(
            added => added == 0 ? verdict : decide(added),
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

    private sealed record Asked(Func<double, Verdict> DecideByAdded, IReadOnlyList<RuleAnswer> Answers, List<RuleAnswer> Unknowns, List<string> Effects);

    private readonly record struct Outcome(VerdictAction Action, string DecidedBy)
    {
        public static Outcome Of(Verdict verdict) => new(verdict.Action, verdict.DecidedBy);
    }
}

/// <summary>What two policies make of one message for one recipient.</summary>
internal sealed record ReplayedDecision
{
    public required VerdictAction From { get; init; }

    public required string FromDecidedBy { get; init; }

    public required VerdictAction To { get; init; }

    public required string ToDecidedBy { get; init; }

    public required VerdictAction? Happened { get; init; }

    /// <summary>A rule that cannot be answered, is changed or may have added to the score, and matters; null when the outcome is known.</summary>
    public required RuleAnswer? Doubtful { get; init; }

    public required IReadOnlyList<string> Adds { get; init; }

    public required IReadOnlyList<string> Leaves { get; init; }

    /// <summary>Of the changed policy.</summary>
    public required IReadOnlyList<RuleAnswer> Answers { get; init; }

    public bool IsChanged => From != To || Adds.Count > 0 || Leaves.Count > 0;
}
