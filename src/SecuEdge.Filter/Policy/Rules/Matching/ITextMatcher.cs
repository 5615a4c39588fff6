namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>A question about the words of a message: a word list or a pattern, compiled once, asked by many threads.</summary>
public interface ITextMatcher
{
    /// <param name="why">One sentence that names what was found, or what was missing.</param>
    Truth Matches(MessageText text, out string why);
}
