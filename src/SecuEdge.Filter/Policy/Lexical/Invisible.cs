using System.Buffers;
using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// Characters that have no form of their own (Unicode, Default_Ignorable_Code_Point): zero-width ones, fillers of Hangul, variation selectors,
/// tags. A reader does not see them; between two letters they make another word for whoever compares.
/// </summary>
internal static class Invisible
{
    /// <summary>Those of one unit, and the first halves of the planes where pairs of them are.</summary>
    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(i => (char)i).Where(c => IsInvisible(c) || c is '\uD82F' or '\uD834' or (>= '\uDB40' and <= '\uDB43'))]);

    /// <summary>How many of the first units are an invisible character: 0, 1 or 2.</summary>
    public static int LengthAt(ReadOnlySpan<char> text) =>
        text.Length == 0 ? 0
        : IsInvisible(text[0]) ? 1
        : char.IsHighSurrogate(text[0]) && Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done
            && rune.Value is (>= 0xE0000 and <= 0xE0FFF) or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) ? 2
        : 0;

    /// <summary>The text without them; the same object where there are none.</summary>
    public static string Without(string text)
    {
        var at = text.AsSpan().IndexOfAny(Suspects);
        if (at < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text.Length).Append(text.AsSpan(0, at));
        while (at < text.Length)
        {
            var length = LengthAt(text.AsSpan(at));
            var from = length > 0 ? at + length : at;
            var next = length > 0 ? 0 : 1;
            var end = text.AsSpan(from + next).IndexOfAny(Suspects);
            end = end < 0 ? text.Length : from + next + end;
            visible.Append(text.AsSpan(from, end - from));
            at = end;
        }

        return visible.Length == text.Length ? text : visible.ToString();
    }

    private static bool IsInvisible(char c) => c switch
    {
        '\u034F' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or '\u2065' or '\u3164' or '\uFFA0' => true,
        (>= '\u180B' and <= '\u180F') or (>= '\uFE00' and <= '\uFE0F') or (>= '\uFFF0' and <= '\uFFF8') => true,
        _ => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format,
    };
}
