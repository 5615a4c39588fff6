using SecuEdge.Content;

namespace SecuEdge.Cage.Examination;

/// <summary>What the gateway makes of one answer at most.</summary>
/// <param name="Bytes">Of the message's own that become parts: they are hashed here, and copied when the message is a file.</param>
internal sealed record AnatomyLimits(int Parts, long Bytes)
{
    /// <summary>What an examination adds without counting it: the root, and parts on top of the last one counted.</summary>
    private const int Uncounted = 1_000;

    public static AnatomyLimits Of(AnatomyBudget budget, long maxAnswerBytes) => new(budget.MaxParts + budget.MaxEntries + Uncounted, maxAnswerBytes);
}
