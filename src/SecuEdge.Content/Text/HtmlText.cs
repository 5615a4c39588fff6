using System.Net;
using System.Text;

namespace SecuEdge.Content.Text;

/// <summary>
/// What a reader of an HTML body sees, roughly: tags go, script and style go with their content, entities become characters, blocks
/// become lines. Not a browser: enough for words and links, linear in time, no stack.
/// </summary>
internal static class HtmlText
{
    private static readonly string[] Hidden = ["script", "style", "title", "template", "noscript"];
    private static readonly string[] Links = ["href", "src", "action", "background", "formaction", "data", "poster"];

    /// <param name="urls">Receives the values of attributes that lead somewhere.</param>
    public static string Read(string html, int maxChars, Action<string> urls)
    {
        var text = new StringBuilder(Math.Min(html.Length, maxChars));
        var position = 0;
        while (position < html.Length && text.Length < maxChars)
        {
            var tag = html.IndexOf('<', position);
            AppendText(text, html.AsSpan(position, (tag < 0 ? html.Length : tag) - position));
            if (tag < 0)
            {
                break;
            }

            position = SkipTag(html, tag, text, urls);
        }

        var result = text.ToString().TrimEnd();
        result = result.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(result) : result;
        return result.Length <= maxChars ? result : result[..maxChars];
    }

    private static int SkipTag(string html, int tag, StringBuilder text, Action<string> urls)
    {
        if (string.CompareOrdinal(html, tag, "<!--", 0, 4) == 0)
        {
            var close = html.IndexOf("-->", tag + 4, StringComparison.Ordinal);
            return close < 0 ? html.Length : close + 3;
        }

        var end = EndOfTag(html, tag);
        var name = NameAt(html, tag + 1);
        if (name.Length == 0 && html.AsSpan(tag + 1).StartsWith(" ", StringComparison.Ordinal))
        {
            text.Append('<');
            return tag + 1;
        }

        ReadLinks(html.AsSpan(tag, end - tag), urls);
        foreach (var hidden in Hidden)
        {
            if (name.Equals(hidden, StringComparison.OrdinalIgnoreCase))
            {
                var close = html.IndexOf("</" + hidden, end, StringComparison.OrdinalIgnoreCase);
                return close < 0 ? html.Length : EndOfTag(html, close);
            }
        }

        AppendBreak(text, name);
        return end;
    }

    /// <summary>A '>' inside a quoted attribute does not end the tag; a quote that is never closed does not swallow the rest.</summary>
    private static int EndOfTag(string html, int tag)
    {
        var quote = '\0';
        var limit = Math.Min(html.Length, tag + (4 * 1024));
        for (var i = tag + 1; i < limit; i++)
        {
            var character = html[i];
            if (quote != '\0')
            {
                quote = character == quote ? '\0' : quote;
            }
            else if (character is '"' or '\'' && html[i - 1] is '=' or ' ')
            {
                quote = character;
            }
            else if (character == '>')
            {
                return i + 1;
            }
        }

        var plain = html.IndexOf('>', tag);
        return plain < 0 ? html.Length : plain + 1;
    }

    private static ReadOnlySpan<char> NameAt(string html, int start)
    {
        start += start < html.Length && html[start] == '/' ? 1 : 0;
        var end = start;
        while (end < html.Length && end - start < 20 && char.IsAsciiLetterOrDigit(html[end]))
        {
            end++;
        }

        return html.AsSpan(start, end - start);
    }

    private static void AppendText(StringBuilder text, ReadOnlySpan<char> piece)
    {
        if (piece.IsEmpty)
        {
            return;
        }

        foreach (var range in piece.SplitAny(' ', '\t', '\r', '\n'))
        {
            var word = piece[range];
            if (word.IsEmpty)
            {
                AppendBlank(text);
                continue;
            }

            if (range.Start.Value > 0)
            {
                AppendBlank(text);
            }

            text.Append(word);
        }
    }

    private static void AppendBlank(StringBuilder text)
    {
        if (text.Length > 0 && text[^1] is not (' ' or '\n'))
        {
            text.Append(' ');
        }
    }

    private static void AppendBreak(StringBuilder text, ReadOnlySpan<char> name)
    {
        var isBlock = name is "p" or "P" or "br" or "BR" or "div" or "DIV" or "tr" or "TR" or "li" or "LI" or "table" or "h1" or "h2" or "h3" or "blockquote";
        if (isBlock && text.Length > 0 && text[^1] != '\n')
        {
            text.Append('\n');
        }
        else if (name is "td" or "TD" or "th")
        {
            AppendBlank(text);
        }
    }

    private static void ReadLinks(ReadOnlySpan<char> tag, Action<string> urls)
    {
        var position = 0;
        while (tag[position..].IndexOf('=') is >= 0 and var equals)
        {
            var at = position + equals;
            position = at + 1;
            var before = tag[..at].TrimEnd();
            foreach (var link in Links)
            {
                if (before.EndsWith(link, StringComparison.OrdinalIgnoreCase) && before.Length > link.Length && !char.IsAsciiLetterOrDigit(before[^(link.Length + 1)]))
                {
                    urls(Value(tag[position..]));
                    break;
                }
            }
        }
    }

    private static string Value(ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart();
        if (rest.IsEmpty)
        {
            return "";
        }

        var end = rest[0] is '"' or '\'' ? rest[1..].IndexOf(rest[0]) : rest.IndexOfAny(" \t\r\n>");
        var value = rest[0] is '"' or '\'' ? rest[1..(end < 0 ? rest.Length : end + 1)] : rest[..(end < 0 ? rest.Length : end)];
        return WebUtility.HtmlDecode(value.Trim().ToString());
    }
}
