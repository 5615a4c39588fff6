namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// Comparisons that may still be made. Rules are compared each with each, and so are their lists: what is nothing for those that people write would be days
/// for those that somebody may write on purpose.
/// </summary>
internal sealed class Effort(long comparisons)
{
    private long _left = comparisons;

    public bool IsOver => _left <= 0;

    /// <returns>False when there is not so much left; then nothing is taken, and something smaller may still be compared.</returns>
    public bool TryTake(long count)
    {
        if (count > _left)
        {
            return false;
        }

        _left -= count;
        return true;
    }
}
