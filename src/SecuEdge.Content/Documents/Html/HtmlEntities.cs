using System.Globalization;
using System.Net;
using System.Text;

namespace SecuEdge.Content.Documents.Html;

/// <summary>Character references, also the numeric ones without semicolon that hide a word from filters (WHATWG HTML §13.2.5.72).</summary>
internal static class HtmlEntities
{
    public static string Decode(ReadOnlySpan<char> text)
    {
        if (!text.Contains('&'))
        {
            return text.ToString();
        }

        if (text.IndexOf("&#", StringComparison.Ordinal) < 0)
        {
            return WebUtility.HtmlDecode(text.ToString());
        }

        var result = new StringBuilder(text.Length);
        while (text.IndexOf("&#", StringComparison.Ordinal) is >= 0 and var at)
        {
            result.Append(text[..at]);
            text = text[(at + 2)..];
            var isHex = text.Length > 0 && text[0] is 'x' or 'X';
            var digits = isHex ? text[1..] : text;
            var length = 0;
            while (length < digits.Length && length < 10 && (isHex ? char.IsAsciiHexDigit(digits[length]) : char.IsAsciiDigit(digits[length])))
            {
                length++;
            }

            if (length == 0 || !int.TryParse(digits[..length], isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            {
                result.Append("&#");
                continue;
            }

            result.Append(Rune.IsValid(code) && code != 0 ? new Rune(code).ToString() : "\ufffd");
            text = digits[length..];
            text = text.Length > 0 && text[0] == ';' ? text[1..] : text;
        }

        // The ampersand that a number made must not begin a name.
        var rest = result.ToString();
        var tail = WebUtility.HtmlDecode(text.ToString());
        return rest.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(rest) + tail : rest + tail;
    }
}
