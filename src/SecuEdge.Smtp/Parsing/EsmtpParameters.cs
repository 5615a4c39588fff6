namespace SecuEdge.Smtp.Parsing;

/// <summary>One parameter of MAIL or RCPT.</summary>
/// <param name="Keyword">In upper case.</param>
/// <param name="Value">Null without an equals sign.</param>
internal readonly record struct EsmtpParameter(string Keyword, string? Value);

/// <summary>Parser of ESMTP parameters (RFC 5321 §4.1.2: <c>Mail-parameters</c>; values may be UTF-8, RFC 6531 §3.3).</summary>
internal static class EsmtpParameters
{
    /// <summary>Parses all of the text. A keyword twice is an error: two servers could believe different ones.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IReadOnlyList<EsmtpParameter> parameters)
    {
        parameters = [];
        if (text.Trim(' ').IsEmpty)
        {
            return true;
        }

        var found = new List<EsmtpParameter>();
        foreach (var range in text.Split(' '))
        {
            var word = text[range];
            if (word.IsEmpty)
            {
                continue;
            }

            if (!TryParseWord(word, out var parameter) || found.Exists(other => other.Keyword == parameter.Keyword))
            {
                return false;
            }

            found.Add(parameter);
        }

        parameters = found;
        return true;
    }

    private static bool TryParseWord(ReadOnlySpan<char> word, out EsmtpParameter parameter)
    {
        var mark = word.IndexOf('=');
        var keyword = mark < 0 ? word : word[..mark];
        var value = mark < 0 ? null : word[(mark + 1)..].ToString();
        parameter = new EsmtpParameter(keyword.ToString().ToUpperInvariant(), value);

        // esmtp-value has at least one character and no second equals sign; control characters never get this far.
        return IsKeyword(keyword) && value is not "" && value?.Contains('=') is not true;
    }

    private static bool IsKeyword(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] == '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }
}
