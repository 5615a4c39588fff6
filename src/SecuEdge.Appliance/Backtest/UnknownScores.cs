using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Backtest;

/// <summary>What rules that cannot be answered may have added to the score of one message.</summary>
internal sealed record UnknownScores
{
    /// <summary>Sums compared of one message, some tenths of a millisecond. Ten rules that add whole points have fewer.</summary>
    private const int MaxSums = 256;

    /// <summary>By the policy in force and by the changed one. The first is that none of them held.</summary>
    public required IReadOnlyList<(double Before, double After)> Possible { get; init; }

    /// <summary>There were not too many to try.</summary>
    public required bool AreAll { get; init; }

    /// <summary>The first of those rules; null when there is none.</summary>
    public required RuleAnswer? Doubtful { get; init; }

    /// <param name="isPastKnown">Then a rule that also says where the mail goes did not hold, unless it decided.</param>
    public static UnknownScores Of(List<RuleAnswer> before, List<RuleAnswer> after, bool isPastKnown)
    {
        List<(double Before, double After)> possible = [(0, 0)];
        var areAll = true;
        RuleAnswer? doubtful = null;
        foreach (var answer in before.Concat(after).DistinctBy(KeyOf).Where(a => AddedBy(a) != 0 && !(isPastKnown && Decides(a))))
        {
            doubtful ??= answer;
            var (inBefore, inAfter) = (AddedIn(before, answer), AddedIn(after, answer));
            possible = [.. possible.Concat(possible.Select(p => (Rounded(p.Before + inBefore), Rounded(p.After + inAfter)))).Distinct()];
            if (possible.Count > MaxSums)
            {
                areAll = false;
                break;
            }
        }

        return new UnknownScores { Possible = possible, AreAll = areAll, Doubtful = doubtful };
    }

    private static double AddedIn(List<RuleAnswer> asked, RuleAnswer answer) => asked.Find(a => KeyOf(a) == KeyOf(answer)) is { } found ? AddedBy(found) : 0;

    private static double AddedBy(RuleAnswer answer) => answer.Rule.Rule is { Mode: RuleMode.Enforce } rule ? rule.Then.Sum(a => a is ScoreAction score ? score.Add : 0) : 0;

    private static bool Decides(RuleAnswer answer) => answer.Rule.Rule.Then.Any(a => a.IsFinal);

    private static (string Node, string Rule) KeyOf(RuleAnswer answer) => (answer.Rule.Node, answer.Rule.Rule.Name);

    // As scores are before they are compared.
    private static double Rounded(double sum) => Math.Round(sum, 2, MidpointRounding.AwayFromZero);
}
