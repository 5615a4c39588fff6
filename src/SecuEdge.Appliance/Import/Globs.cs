using System.Text;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// Turns the regular expressions that administrators write about names and types (<c>.*\.(vbs|pif)</c>, <c>image/.*</c>) into patterns with
/// <c>*</c> and <c>?</c>. What these cannot say exactly is not turned into something close: a filter must not become another one.
/// </summary>
internal static class Globs
{
    private const int MaxPatterns = 200;

    /// <returns>Patterns of which one matches whatever the expression matches as a whole, and nothing else; null when that cannot be said.</returns>
    public static IReadOnlyList<string>? FromRegex(string expression)
    {
        var position = 0;
        var text = expression.StartsWith('^') ? expression[1..] : expression;
        if (text.EndsWith('$') && !text.EndsWith("\\$", StringComparison.Ordinal))
        {
            text = text[..^1];
        }

        var patterns = Alternatives(text, ref position, depth: 0);
        return patterns is not null && position == text.Length ? patterns : null;
    }

    private static List<string>? Alternatives(string text, ref int position, int depth)
    {
        var all = new List<string>();
        while (true)
        {
            if (Sequence(text, ref position, depth) is not { } sequence)
            {
                return null;
            }

            all.AddRange(sequence);
            if (all.Count > MaxPatterns)
            {
                return null;
            }

            if (position == text.Length || text[position] != '|')
            {
                return all;
            }

            position++;
        }
    }

    private static List<string>? Sequence(string text, ref int position, int depth)
    {
        List<string> patterns = [""];
        while (position < text.Length && text[position] is not ('|' or ')'))
        {
            if (Element(text, ref position, depth) is not { } next || patterns.Count * next.Count > MaxPatterns)
            {
                return null;
            }

            patterns = [.. patterns.SelectMany(p => next.Select(n => p + n))];
        }

        return patterns;
    }

    private static List<string>? Element(string text, ref int position, int depth)
    {
        List<string>? element;
        switch (text[position])
        {
            case '(' when depth < 5:
                position += text.AsSpan(position).StartsWith("(?:") ? 3 : 1;
                element = Alternatives(text, ref position, depth + 1);
                if (element is null || position == text.Length)
                {
                    return null;
                }

                position++;
                break;
            case '.':
                position++;
                if (position < text.Length && text[position] == '*')
                {
                    position++;
                    return ["*"];
                }

                if (position < text.Length && text[position] == '+')
                {
                    position++;
                    return ["?*"];
                }

                element = ["?"];
                break;
            case '\\' when position + 1 < text.Length && !char.IsAsciiLetterOrDigit(text[position + 1]) && text[position + 1] is not ('*' or '?'):
                element = [text[position + 1].ToString()];
                position += 2;
                break;
            case '\\' or '[' or '(' or '*' or '+' or '?' or '{' or '^' or '$':
                return null;
            default:
                element = [text[position].ToString()];
                position++;
                break;
        }

        if (position < text.Length && text[position] == '?')
        {
            position++;
            element.Add("");
        }

        // "a*" repeats a letter: a pattern cannot.
        return position < text.Length && text[position] is '*' or '+' or '{' ? null : element;
    }
}
