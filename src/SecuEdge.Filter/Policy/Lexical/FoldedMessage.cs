using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>The texts of a message, each folded when a list first asks for it and then shared by all lists and recipients.</summary>
internal sealed class FoldedMessage(MessageText text)
{
    /// <summary>Characters looked at of each place, 1 Mi: four times what is kept of a body, and some milliseconds.</summary>
    public const int MaxChars = 1 << 20;

    /// <summary>Of all files together. What they have is bounded before, so that this keeps names behind long texts.</summary>
    private const int MaxAttachmentChars = 4 * MaxChars;

    private static readonly TextPlace[] Everywhere = [TextPlace.Subject, TextPlace.Body, TextPlace.Attachments];

    private readonly IReadOnlyList<FoldedText>?[] _places = new IReadOnlyList<FoldedText>?[Everywhere.Length];

    /// <summary>The body as each program may show it; a text counts in one of them at a time.</summary>
    public IReadOnlyList<FoldedText> Bodies => field ??= [.. text.Bodies.Select(b => TextFolding.Fold(b, MaxChars))];

    public static IReadOnlyList<TextPlace> Places(IReadOnlyList<TextPlace> asked) => asked.Count == 0 ? Everywhere : [.. asked.Distinct()];

    // Two threads may fold the same text at once and write the same result.
    public IReadOnlyList<FoldedText> In(TextPlace place) => _places[(int)place] ??= place switch
    {
        TextPlace.Subject => [TextFolding.Fold(text.Subject, MaxChars)],
        TextPlace.Body => Bodies,
        TextPlace.Attachments => FoldAll(text.Attachments),
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, null),
    };

    private static List<FoldedText> FoldAll(IReadOnlyList<string> texts)
    {
        List<FoldedText> folded = [];
        var left = MaxAttachmentChars;
        foreach (var one in texts)
        {
            var next = TextFolding.Fold(one, Math.Min(left, MaxChars));
            folded.Add(next);
            left -= Math.Min(left, Math.Min(one.Length, MaxChars));
        }

        return folded;
    }
}
