using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// One form for all ways to write the same word: lower case, without accents and invisible characters, ligatures taken apart, any white
/// space one blank, any apostrophe and dash the one of the keyboard, letters that look Latin as Latin ones. Word lists and texts go through
/// the same folding.
/// </summary>
internal static class TextFolding
{
    // Marks of the table; none of them is a folded form of anything.
    private const char Dropped = '\0';
    private const char Several = '\uFFFF';

    private static readonly Dictionary<char, string> Expansions = [];
    private static readonly char[] Table = BuildTable();

    /// <summary>Whether it is part of a word. After folding, so marks are gone.</summary>
    public static bool IsWordChar(char c) => c < 128 ? char.IsAsciiLetterOrDigit(c) || c == '_' : char.IsLetterOrDigit(c);

    /// <summary>Scripts written without blanks: a word is never whole there, so a match does not ask for its ends.</summary>
    public static bool IsUnspaced(char c) => c is (>= '\u2E80' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') or (>= '\u0E00' and <= '\u0EFF');

    public static string Fold(string text) => Fold(text, int.MaxValue).Text.ToString();

    /// <param name="maxChars">Of the text; what follows is not looked at.</param>
    public static FoldedText Fold(string text, int maxChars)
    {
        var source = text.AsSpan(0, Math.Min(text.Length, maxChars));
        var folded = new char[source.Length + 8];
        var table = Table;
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            var c = table[source[i]];
            if (c == ' ')
            {
                // White space is one blank, and none at the start.
                if (length > 0 && folded[length - 1] != ' ')
                {
                    folded[length++] = ' ';
                }
            }
            else if (c == Several)
            {
                Append(Expansions[source[i]], source.Length - i);
            }
            else if (c != Dropped)
            {
                if (char.IsHighSurrogate(c) && Invisible.LengthAt(source[i..]) == 2)
                {
                    i++;
                    continue;
                }

                if (char.IsHighSurrogate(c) && Styled(source[i..]) is { } plain)
                {
                    folded[length++] = plain;
                    i++;
                    continue;
                }

                folded[length++] = c;
            }
        }

        if (length > 0 && folded[length - 1] == ' ')
        {
            length--;
        }

        return new FoldedText(folded.AsMemory(0, length), source.Length < text.Length);

        void Append(string several, int rest)
        {
            if (length + several.Length + rest > folded.Length)
            {
                Array.Resize(ref folded, Math.Max(folded.Length * 3 / 2, length + several.Length + rest + 64));
            }

            foreach (var one in several)
            {
                if (one != ' ' || (length > 0 && folded[length - 1] != ' '))
                {
                    folded[length++] = one;
                }
            }
        }
    }

    /// <summary>Letters of mathematics (U+1D400-1D7FF) and in squares (U+1F130-1F149) look like bold or italic ones and are used to hide words.</summary>
    private static char? Styled(ReadOnlySpan<char> at)
    {
        if (Rune.DecodeFromUtf16(at, out var rune, out _) != System.Buffers.OperationStatus.Done || rune.Value is not ((>= 0x1D400 and <= 0x1D7FF) or (>= 0x1F130 and <= 0x1F149)))
        {
            return null;
        }

        var plain = rune.ToString().Normalize(NormalizationForm.FormKD);
        return plain.Length == 1 ? Table[plain[0]] : null;
    }

    private static char[] BuildTable()
    {
        var table = new char[char.MaxValue + 1];
        for (var i = 0; i < table.Length; i++)
        {
            var c = (char)i;
            var folded = LookAlikes.Latin(Form(c));
            table[i] = folded.Length switch { 0 => Dropped, 1 => folded[0], _ => Several };
            if (folded.Length > 1)
            {
                Expansions[c] = folded;
            }
        }

        return table;
    }

    private static string Form(char c)
    {
        if (char.IsWhiteSpace(c) || c is '\u00A0' or '\u2800')
        {
            return " ";
        }

        if (c < 128)
        {
            return char.IsControl(c) ? "" : char.ToLowerInvariant(c).ToString();
        }

        if (Invisible.LengthAt([c]) > 0)
        {
            return "";
        }

        if (char.IsSurrogate(c) || c is >= '\uAC00' and <= '\uD7A3')
        {
            return c.ToString();
        }

        return c switch
        {
            'ß' or 'ẞ' => "ss",
            'œ' or 'Œ' => "oe",
            'æ' or 'Æ' => "ae",
            'ø' or 'Ø' => "o",
            'ł' or 'Ł' => "l",
            'đ' or 'Đ' or 'ð' or 'Ð' => "d",
            'þ' or 'Þ' => "th",
            'ı' => "i",
            '’' or '‘' or '‛' or 'ʼ' or '′' or '´' or '＇' => "'",
            '“' or '”' or '„' or '«' or '»' => "\"",
            '‐' or '‑' or '‒' or '–' or '—' or '−' => "-",
            _ => Decompose(c),
        };
    }

    private static string Decompose(char c)
    {
        if (CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.OtherNotAssigned)
        {
            return c == Several ? "" : c.ToString();
        }

        var form = new StringBuilder();
        foreach (var part in c.ToString().Normalize(NormalizationForm.FormKD))
        {
            // Format characters are the zero-width ones, the soft hyphen, and those of direction.
            if (CharUnicodeInfo.GetUnicodeCategory(part) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control)
            {
                continue;
            }

            // A part that is replaced (the long s of an old ligature) is so once more; the forms are short, so this ends.
            form.Append(part < 128 || part == c ? char.IsWhiteSpace(part) ? ' ' : char.ToLowerInvariant(part) : char.ToLowerInvariant(part));
        }

        return form.ToString();
    }
}

/// <summary>A text as the lexical engine reads it.</summary>
/// <param name="IsCut">It was longer than what is looked at.</param>
internal sealed record FoldedText(ReadOnlyMemory<char> Text, bool IsCut)
{
    private int[]? _wordStarts;

    /// <summary>Where words begin. Counted when first asked, and shared by all lists.</summary>
    public int[] WordStarts => _wordStarts ??= CountWords();

    /// <summary>Number of the word at or before a position.</summary>
    public int WordAt(int position)
    {
        var found = Array.BinarySearch(WordStarts, position);
        return found >= 0 ? found : ~found - 1;
    }

    private int[] CountWords()
    {
        var text = Text.Span;
        List<int> starts = new((text.Length / 6) + 1);
        var wasWord = false;
        for (var i = 0; i < text.Length; i++)
        {
            var isWord = TextFolding.IsWordChar(text[i]);
            if (isWord && !wasWord)
            {
                starts.Add(i);
            }

            wasWord = isWord;
        }

        return [.. starts];
    }
}
