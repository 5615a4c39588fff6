using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy;

/// <summary>What findings and thresholds say, before rules decide.</summary>
/// <param name="Decisive">Null when nothing speaks against the message.</param>
/// <param name="Floor">The weakest action allowed, and the finding that says so.</param>
internal sealed record Weighing(
    IReadOnlyList<RuleOutcome> Outcomes, double Score, MessageClass Class, RuleOutcome? Decisive, VerdictAction Floor, string? FloorBy);

/// <summary>Joins what the findings say with what the rules decided.</summary>
internal static class RuleVerdict
{
    public static Verdict Of(Weighing weighed, RuleDecision decision)
    {
        var asked = decision.Disposition is { } disposition ? ActionOf(disposition.Action) : null;
        var (action, by, isOutdone) = (asked, weighed.Decisive) switch
        {
            (null, var decisive) => (decisive?.Action ?? VerdictAction.Deliver, decisive?.Rule ?? Policy.NothingMatched, false),
            // "Keep, look again" is caution: it must not let through what would have been stopped without it.
            (VerdictAction.Hold, { Action: > VerdictAction.Hold } decisive) => (decisive.Action, decisive.Rule, true),
            ({ } own, _) when own < weighed.Floor => (weighed.Floor, weighed.FloorBy!, true),
            ({ } own, _) => (own, decision.Disposition!.Rule, false),
        };
        return new Verdict
        {
            Action = action,
            Class = ClassOf(weighed.Class, asked, isOutdone),
            Score = weighed.Score,
            DecidedBy = by,
            Rules = decision.Answers.Count == 0 ? weighed.Outcomes : new LazyList<RuleOutcome>(
                weighed.Outcomes.Count + decision.Answers.Count,
                i => i < weighed.Outcomes.Count ? weighed.Outcomes[i] : Outcome(decision.Answers[i - weighed.Outcomes.Count], decision, isOutdone ? by : null)),
            Disposition = isOutdone ? null : decision.Disposition,
            Acted = decision.Disposition is { } final && !isOutdone ? [.. decision.Effects, final] : decision.Effects,
            // What was added to the score is in the score.
            Effects = decision.Effects.Count == 0 ? [] : [.. decision.Effects.Where(e => e.Action is not ScoreAction)],
            Demands = decision.Demands,
            Monitored = decision.Monitored,
            Answers = decision.Answers,
        };
    }

    /// <summary>Null for effects, which do not say where the message goes.</summary>
    public static VerdictAction? ActionOf(RuleAction action) => action switch
    {
        DeliverAction => VerdictAction.Deliver,
        HoldAction => VerdictAction.Hold,
        QuarantineAction => VerdictAction.Quarantine,
        RejectAction => VerdictAction.Reject,
        DiscardAction => VerdictAction.Discard,
        _ => null,
    };

    // Harmless mail that a rule keeps back is against the company's own rules; what findings say of other mail says more.
    private static MessageClass ClassOf(MessageClass found, VerdictAction? asked, bool isOutdone) =>
        asked >= VerdictAction.Quarantine && !isOutdone && found is (MessageClass.Clean or MessageClass.Bulk) ? MessageClass.Policy : found;

    private static RuleOutcome Outcome(RuleAnswer answer, RuleDecision decision, string? outdoneBy)
    {
        var rule = answer.Rule.Rule;
        var holds = answer.Holds == Truth.Yes;
        var action = rule.Then.Select(ActionOf).FirstOrDefault(a => a is not null) ?? VerdictAction.Deliver;
        var asks = string.Join(", ", rule.Then.Select(ActionCheck.NameOf));
        var note = !holds ? answer.Holds == Truth.Unknown ? " Whether it holds is unknown." : ""
            : rule.Mode == RuleMode.Monitor ? $" It only watches: it would have asked for {asks}."
            : outdoneBy is not null && decision.Disposition is { } d && d.Rule == rule.Name && d.Node == answer.Rule.Node ? $" Asks for {asks}, which is too weak for {outdoneBy}."
            : $" Asks for {asks}.";
        return new RuleOutcome(rule.Name, holds, holds ? action : VerdictAction.Deliver, answer.Why + note) { Node = answer.Rule.Node, Mode = rule.Mode };
    }
}
