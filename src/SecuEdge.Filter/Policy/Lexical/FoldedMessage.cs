using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>The texts of a message, each folded when a list first asks for it and then shared by all lists and recipients.</summary>
internal sealed class FoldedMessage(MessageText text)
{
    /// <summary>Characters looked at of each place, 1 Mi: four times what is kept of a body, and some milliseconds.</summary>
    public const int MaxChars = 1 << 20;

    private static readonly TextPlace[] Everywhere = [TextPlace.Subject, TextPlace.Body, TextPlace.Attachments];

    private readonly IReadOnlyList<FoldedText>?[] _places = new IReadOnlyList<FoldedText>?[Everywhere.Length];

    public static IReadOnlyList<TextPlace> Places(IReadOnlyList<TextPlace> asked) => asked.Count == 0 ? Everywhere : [.. asked.Distinct()];

    // Two threads may fold the same text at once and write the same result.
    public IReadOnlyList<FoldedText> In(TextPlace place) => _places[(int)place] ??= place switch
    {
        TextPlace.Subject => [TextFolding.Fold(text.Subject, MaxChars)],
        TextPlace.Body => [TextFolding.Fold(text.Body, MaxChars)],
        TextPlace.Attachments => FoldAll(text.Attachments),
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, null),
    };

    private static List<FoldedText> FoldAll(IReadOnlyList<string> texts)
    {
        List<FoldedText> folded = [];
        var left = MaxChars;
        foreach (var one in texts)
        {
            var next = TextFolding.Fold(one, left);
            folded.Add(next);
            left -= Math.Min(left, one.Length);
        }

        return folded;
    }
}
