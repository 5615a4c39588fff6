using System.Globalization;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// Whether the words of a list weigh enough in a message. Weighing reads the whole text, comparing does not: all who ask the same list about the same places
/// share one weighing (<see cref="PatternMemory"/>), however different their weights are.
/// </summary>
internal sealed class WordsMatcher(string name, WordListMatcher list, double atLeast, IReadOnlyList<TextPlace> places) : ITextMatcher
{
    // One bit for each place: the order in which they are written means nothing.
    private readonly int _places = places.Aggregate(0, (set, place) => set | (1 << (int)place));

    public string Name => $"the list {name}";

    public Truth Matches(MessageText text, out string why) => Compare(Weigh(text), out why);

    /// <param name="memory">What was weighed in this message already, and the work that its words and patterns share.</param>
    /// <param name="about">The same object for the same text.</param>
    public Truth Matches(MessageText text, PatternMemory memory, object about, out string why)
    {
        if (memory.Weigh((list, _places), about, () => Weigh(text)) is not { } weight)
        {
            why = PatternMemory.OverSentence;
            return Truth.Unknown;
        }

        return Compare(weight, out why);
    }

    private WordWeight Weigh(MessageText text)
    {
        List<FoldedText> texts = [.. places.Where(p => p != TextPlace.Body).SelectMany(text.Folded.In)];
        IReadOnlyList<FoldedText> bodies = places.Contains(TextPlace.Body) ? text.Folded.Bodies : [];
        var weight = list.Weigh(texts, bodies);
        return weight with { IsCut = weight.IsCut || texts.Concat(bodies).Any(t => t.IsCut) || places.Any(text.IsCut) };
    }

    private Truth Compare(WordWeight weight, out string why)
    {
        var found = weight.Words.Count == 0 ? "none of its words is there" : weight.Sentence();
        var cut = weight.IsCut ? "; the text is longer than what is looked at" : "";
        why = string.Create(CultureInfo.InvariantCulture, $"Weighs {weight.Weight} by the list {name}, at least {atLeast} is asked for: {found}{cut}.");
        return weight.Weight >= atLeast ? Truth.Yes : weight.IsCut ? Truth.Unknown : Truth.No;
    }
}
