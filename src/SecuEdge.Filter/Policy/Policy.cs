using System.Globalization;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Policy;

/// <summary>
/// From findings to one verdict per recipient. Pure: the same input gives the same verdict, today and in a back-test.
/// <list type="number">
/// <item>Every finding asks for its own action, or the one the tenant set instead; antivirus findings have a floor.</item>
/// <item>The scores, or those the tenant set instead, are added up and compared with the thresholds.</item>
/// <item>The strongest action wins; of equals the first in the list, findings before thresholds, names the decision.</item>
/// <item>The rules of the policy are asked with the score and class of the findings. What they add to the score counts before the thresholds;
/// where one says where the message goes, that replaces what findings and thresholds ask for, but never goes below a floor; a rule that holds
/// weakens nothing. A rule that keeps mail and could not be asked to its end is a finding of its own, <see cref="UndecidedRules"/>.</item>
/// </list>
/// </summary>
public static class Policy
{
    /// <summary><see cref="Verdict.DecidedBy"/> of a message that nothing spoke against.</summary>
    public const string NothingMatched = "NOTHING_MATCHED";

    public const string RejectThreshold = "REJECT_SCORE";

    public const string QuarantineThreshold = "QUARANTINE_SCORE";

    public const string TagThreshold = "TAG_SCORE";

    /// <summary>Findings, thresholds and the rules of the policy.</summary>
    public static Verdict Decide(PolicyFacts facts, TenantPolicy policy, MailPath recipient) =>
        Decide(facts, policy, recipient, new MessageMemory());

    /// <param name="memory">Of this message: give the same one for all its recipients.</param>
    public static Verdict Decide(PolicyFacts facts, TenantPolicy policy, MailPath recipient, MessageMemory memory)
    {
        var (before, decision) = Ask(facts, policy, recipient, memory);
        return Join(facts, policy, before, decision, 0);
    }

    /// <summary>
    /// The verdict by what rules that nobody can answer any more added to the score: rules are asked once, with the score of the findings alone, so that
    /// only the thresholds are compared again.
    /// </summary>
    public static Func<double, Verdict> DecideByAdded(PolicyFacts facts, TenantPolicy policy, MailPath recipient)
    {
        var (before, decision) = Ask(facts, policy, recipient, new MessageMemory());
        return added => Join(facts, policy, before, decision, added);
    }

    /// <summary>What findings alone make of a message: what rules are asked with.</summary>
    public static (double Score, MessageClass Class) BeforeRules(PolicyFacts facts, TenantPolicy policy)
    {
        var weighed = Weigh(facts.Findings, policy, facts.Direction, 0);
        return (weighed.Score, weighed.Class);
    }

    /// <summary>Without rules.</summary>
    /// <param name="recipient">Part of the contract because rules may depend on it; the figures above do not.</param>
    public static Verdict Decide(IReadOnlyList<Finding> findings, TenantPolicy policy, Direction direction, MailPath recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return RuleVerdict.Of(Weigh(findings, policy, direction, 0), RuleDecision.Nothing);
    }

    private static (Weighing Before, RuleDecision Decision) Ask(PolicyFacts facts, TenantPolicy policy, MailPath recipient, MessageMemory memory)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        var before = Weigh(facts.Findings, policy, facts.Direction, 0);
        return (before, policy.Rules.Decide(facts, before.Score, before.Class, recipient, memory));
    }

    private static Verdict Join(PolicyFacts facts, TenantPolicy policy, Weighing before, RuleDecision decision, double more)
    {
        var added = more + decision.Effects.Sum(effect => effect.Action is ScoreAction score ? score.Add : 0);
        var undecided = UndecidedRules.Of(decision);
        var weighed = added == 0 && undecided is null ? before
            : Weigh(undecided is null ? facts.Findings : [.. facts.Findings, undecided], policy, facts.Direction, added);
        return RuleVerdict.Of(weighed, decision) with { Undecided = undecided };
    }

    private static Weighing Weigh(IReadOnlyList<Finding> findings, TenantPolicy policy, Direction direction, double added)
    {
        // Two decimals before comparing: 0.1 + 0.2 + … must reach the threshold that a person adding them up would see reached.
        var score = Math.Round(findings.Sum(finding => ScoreOf(finding, policy)) + added, 2, MidpointRounding.AwayFromZero);
        List<RuleOutcome> outcomes = [.. findings.Select(finding => Judge(finding, policy, direction)), .. Thresholds(score, policy, direction)];

        RuleOutcome? decisive = null;
        foreach (var outcome in outcomes)
        {
            if (outcome.Matched && outcome.Action > (decisive?.Action ?? VerdictAction.Deliver))
            {
                decisive = outcome;
            }
        }

        var floor = findings.Count == 0 ? null : findings.MaxBy(FloorOf);
        return new Weighing(outcomes, score, ClassOf(findings, outcomes, policy), decisive, floor is null ? VerdictAction.Deliver : FloorOf(floor), floor?.Code);
    }

    // A score that is no number (a broken classifier) must not make every comparison false and the mail pass with all its other scores.
    private static double ScoreOf(Finding finding, TenantPolicy policy)
    {
        var score = policy.Scores.TryGetValue(finding.Code, out var own) ? own : finding.Score;
        return double.IsFinite(score) ? score : 0;
    }

    private static RuleOutcome Judge(Finding finding, TenantPolicy policy, Direction direction)
    {
        var floor = FloorOf(finding);
        // The finding is the message's; whether outbreaks are held, each recipient's settings say.
        var isOff = OutbreakCheck.IsOutbreak(finding) && policy.OutbreakHold.Of(direction) is null;
        var asked = policy.Actions.TryGetValue(finding.Code, out var own) ? own : isOff ? VerdictAction.Deliver : finding.Action ?? VerdictAction.Deliver;
        var action = asked < floor ? floor : asked;
        return new RuleOutcome(finding.Code, action > VerdictAction.Deliver, action, Sentence(finding, policy, asked, action));
    }

    // Antivirus cannot be switched off by a setting: malware is at least quarantined, and what an engine could not look at is at least
    // deferred. Only antivirus asks for Defer by itself (ICheck.OnFailure).
    private static VerdictAction FloorOf(Finding finding) =>
        finding.Action == VerdictAction.Defer ? VerdictAction.Defer
        : finding.Class == MessageClass.Infected ? VerdictAction.Quarantine
        : finding.Floor ?? VerdictAction.Deliver;

    private static IEnumerable<RuleOutcome> Thresholds(double score, TenantPolicy policy, Direction direction)
    {
        yield return Threshold(RejectThreshold, score, policy.RejectScore, VerdictAction.Reject);
        if (direction == Direction.Inbound)
        {
            yield return Threshold(QuarantineThreshold, score, policy.QuarantineScore, VerdictAction.Quarantine);
            yield return Threshold(TagThreshold, score, policy.TagScore, VerdictAction.Tag);
            yield break;
        }

        // Outbound: the own user is told at once instead of waiting for an answer to mail that nobody will release; and we do not tell the
        // world in a header that our customer's mail is spam.
        yield return Threshold(QuarantineThreshold, score, policy.QuarantineScore, VerdictAction.Reject);
        yield return new RuleOutcome(TagThreshold, false, VerdictAction.Deliver, $"Score {Figure(score)}; outbound mail is not tagged.");
    }

    private static RuleOutcome Threshold(string name, double score, double threshold, VerdictAction action)
    {
        var isReached = score >= threshold;
        var why = $"Score {Figure(score)} {(isReached ? "reaches" : "is below")} {Figure(threshold)}, where mail gets {action}.";
        return new RuleOutcome(name, isReached, isReached ? action : VerdictAction.Deliver, why);
    }

    // The most serious finding that contributed. Spam and phishing are sums of hints: one hint below every threshold does not make the
    // class of a delivered mail. The rest are facts. What speaks for the mail (negative score) has no say.
    private static MessageClass ClassOf(IReadOnlyList<Finding> findings, List<RuleOutcome> rules, TenantPolicy policy)
    {
        var isConvictedByScore = rules.Skip(findings.Count).Any(rule => rule.Matched);
        var worst = MessageClass.Clean;
        for (var i = 0; i < findings.Count; i++)
        {
            var finding = findings[i];
            var isHint = (finding.Class is MessageClass.Spam or MessageClass.Phishing) && !isConvictedByScore;
            var contributes = rules[i].Matched || (!isHint && ScoreOf(finding, policy) >= 0);
            if (contributes && finding.Class > worst)
            {
                worst = finding.Class;
            }
        }

        return worst;
    }

    private static string Sentence(Finding finding, TenantPolicy policy, VerdictAction asked, VerdictAction action)
    {
        var score = ScoreOf(finding, policy);
        var detail = finding.Detail.Length == 0 ? "" : $" ({finding.Detail})";
        var scoreNote = policy.Scores.ContainsKey(finding.Code) ? $" (set by the tenant instead of {Figure(finding.Score)})" : "";
        var request = action == VerdictAction.Deliver ? "asks for nothing by itself" : $"asks for {action}";
        var own = finding.Action?.ToString() ?? "nothing";
        var actionNote = asked == (finding.Action ?? VerdictAction.Deliver) ? ""
            : asked < action ? $" (the tenant's {asked} is too weak for antivirus)"
            : $" (set by the tenant instead of {own})";
        return $"{finding.Text}{detail} Score {Figure(score)}{scoreNote}; {request}{actionNote}.";
    }

    private static string Figure(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
