namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>A compiled question about the text of a message. Safe for threads; its time is bounded by the length of the text.</summary>
public interface ITextMatcher
{
    /// <param name="why">One sentence with what was found where; asked once per message, so it must be cheap when nothing was found.</param>
    Truth Matches(MessageText text, out string why);
}
