using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter;

/// <summary>What happens to a message for one recipient, weakest first: the strongest that anything asks for wins.</summary>
public enum VerdictAction
{
    Deliver,

    /// <summary>Delivered with the spam headers set.</summary>
    Tag,

    /// <summary>Kept for some minutes and looked at again.</summary>
    Hold,

    /// <summary>Kept for the administrator.</summary>
    Quarantine,

    /// <summary>Accepted and thrown away, because a rule says so and its author confirmed it.</summary>
    Discard,

    /// <summary>Our own trouble: 451, nothing kept. Stronger than quarantine, so that what no engine could look at is never ours.</summary>
    Defer,

    /// <summary>550 while the sender still listens; quarantined instead where the transaction has accepting recipients too.</summary>
    Reject,
}

/// <summary>The decision for one recipient and how it came about.</summary>
public sealed record Verdict
{
    public required VerdictAction Action { get; init; }

    public required MessageClass Class { get; init; }

    /// <summary>Sum of the findings' scores under the tenant's policy, rounded to two decimals.</summary>
    public required double Score { get; init; }

    /// <summary>Code of the finding, or name of the rule or threshold, that decided.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>
    /// For people: as <see cref="DecidedBy"/>, and where nothing spoke against the message but rules did something to it, the first of them. What is
    /// recorded for back-tests, and what the mail itself says, is who decided about delivery and nothing else.
    /// </summary>
    public string Author => DecidedBy == Policy.Policy.NothingMatched && Acted is [var first, ..] ? first.Rule : DecidedBy;

    /// <summary>Every rule and threshold in order, those that did not match too.</summary>
    public required IReadOnlyList<RuleOutcome> Rules { get; init; }

    /// <summary>Of <see cref="Rules"/> the findings and thresholds, which come first: reading on would write a sentence for every rule.</summary>
    public IEnumerable<RuleOutcome> BeforeRules() => Rules.TakeWhile(outcome => outcome.Mode is null);

    /// <summary>The rule's final action behind <see cref="Action"/>; null when findings or thresholds decided.</summary>
    public RuleEffect? Disposition { get; init; }

    /// <summary>Everything that enforced rules did, what they added to the score too.</summary>
    public IReadOnlyList<RuleEffect> Acted { get; init; } = [];

    /// <summary>What rules want done besides, in order; carried out for those who get the message.</summary>
    public IReadOnlyList<RuleEffect> Effects { get; init; } = [];

    /// <inheritdoc cref="RuleDecision.Demands"/>
    public IReadOnlyList<RuleEffect> Demands { get; init; } = [];

    /// <summary>Rules in monitor mode that held: what they would have done was not done.</summary>
    public IReadOnlyList<PlacedRule> Monitored { get; init; } = [];

    /// <summary>What rules that could not be asked to their end add to the findings, for this recipient alone; null for nearly all mail.</summary>
    public Finding? Undecided { get; init; }

    /// <summary>
    /// Every rule of the policy in the order asked, those that did not hold or were not asked too. Whoever asked the rules again with the score
    /// and class of this verdict would get other answers: both are what rules have made of them.
    /// </summary>
    public IReadOnlyList<RuleAnswer> Answers { get; init; } = [];
}

/// <param name="Rule">Finding code, threshold or name of a rule.</param>
/// <param name="Action">What it asks for; of a rule in monitor mode, what it would have asked for.</param>
/// <param name="Why">One sentence with the figures compared.</param>
public sealed record RuleOutcome(string Rule, bool Matched, VerdictAction Action, string Why)
{
    /// <summary>Node of the tree, or profile, where the rule is written; empty for findings and thresholds.</summary>
    public string Node { get; init; } = "";

    /// <summary>Null for findings and thresholds.</summary>
    public RuleMode? Mode { get; init; }
}
