namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>A compiled question about the text of a message. Safe for threads; its time is bounded by the length of the text.</summary>
public interface ITextMatcher
{
    /// <summary>What asks, as it stands in a sentence that must not quote the text.</summary>
    string Name { get; }

    /// <param name="why">One sentence with what was found where; asked once per message, so it must be cheap when nothing was found.</param>
    Truth Matches(MessageText text, out string why);
}
