namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>How many letters of which script a text has. Most scripts belong to one language of business mail, or to few.</summary>
internal record struct ScriptCount
{
    private const int MinLetters = 6;

    private int _cyrillic;
    private int _ukrainian;
    private int _russian;
    private int _greek;
    private int _arabic;
    private int _hebrew;
    private int _han;
    private int _kana;
    private int _hangul;

    public int Latin { get; private set; }

    public readonly int Letters => Latin + _cyrillic + _greek + _arabic + _hebrew + _han + _kana + _hangul;

    public static ScriptCount Of(ReadOnlySpan<char> text)
    {
        var count = default(ScriptCount);
        foreach (var c in text)
        {
            count.Add(c);
        }

        return count;
    }

    /// <summary>The language that the script says; null where it is Latin, or nothing prevails.</summary>
    public readonly string? Language()
    {
        // A sign of Chinese is a word: it weighs as much as several letters of brand names and links around it.
        var asian = 3 * (_han + _kana + _hangul);
        var (most, language) = new[]
        {
            (Latin, null),
            (_cyrillic, _ukrainian > _russian ? "uk" : "ru"),
            (_greek, "el"),
            (_arabic, "ar"),
            (_hebrew, "he"),
            (asian, _hangul > _han + _kana ? "ko" : _kana * 10 > _han ? "ja" : "zh"),
        }.MaxBy(p => p.Item1);
        return most >= MinLetters ? language : language is null ? null : "";
    }

    private void Add(char c)
    {
        switch (c)
        {
            case (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '\u00C0' and <= '\u024F') or (>= '\u1E00' and <= '\u1EFF'):
                Latin++;
                break;
            case >= '\u0400' and <= '\u052F':
                _cyrillic++;
                if ("іїєґІЇЄҐ".Contains(c, StringComparison.Ordinal))
                {
                    _ukrainian++;
                }
                else if ("ыэъёЫЭЪЁ".Contains(c, StringComparison.Ordinal))
                {
                    _russian++;
                }

                break;
            case (>= '\u0370' and <= '\u03FF') or (>= '\u1F00' and <= '\u1FFF'):
                _greek++;
                break;
            case (>= '\u0600' and <= '\u06FF') or (>= '\u0750' and <= '\u077F'):
                _arabic++;
                break;
            case >= '\u0590' and <= '\u05FF':
                _hebrew++;
                break;
            case >= '\u3040' and <= '\u30FF':
                _kana++;
                break;
            case (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF'):
                _han++;
                break;
            case (>= '\uAC00' and <= '\uD7A3') or (>= '\u1100' and <= '\u11FF'):
                _hangul++;
                break;
            default:
                break;
        }
    }
}
