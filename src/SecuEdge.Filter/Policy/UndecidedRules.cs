using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy;

/// <summary>
/// Says aloud that a rule which keeps mail could not be asked to its end. Were it silent, two thousand empty files in front of an attachment, or a
/// text that a pattern is slow on, would take the mail past every rule.
/// </summary>
public static class UndecidedRules
{
    private const int MaxNamed = 3;

    /// <summary>Held, and quarantined if it is no better after the hold; no rule that was asked later lets it pass, and no setting.</summary>
    public static FindingDefinition Definition { get; } = new()
    {
        Code = "RULES_UNDECIDED",
        Class = MessageClass.Suspicious,
        Group = FindingGroup.Gateway,
        Action = VerdictAction.Hold,
        Floor = VerdictAction.Hold,
        Text = "A rule that keeps mail or removes files could not be asked of the whole message: it is too large for that, or patterns took too long.",
    };

    /// <returns>Null when every rule has answered.</returns>
    internal static Finding? Of(RuleDecision decision)
    {
        if (decision.Undecided.Count == 0)
        {
            return null;
        }

        var names = decision.Undecided.Distinct().Select(r => $"'{r.Rule.Name}' of {r.Node}").ToList();
        return Definition.On(string.Join(", ", names.Take(MaxNamed)) + (names.Count > MaxNamed ? $" and {names.Count - MaxNamed} more" : ""));
    }
}
