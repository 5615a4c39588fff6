namespace SecuEdge.Content.Documents;

/// <summary>Formulas as text, in worksheets, SYLK and tables: those that start a program.</summary>
internal static class FormulaText
{
    private const int MaxServiceChars = 200;

    /// <summary>Functions of Excel 4 macros that start, load, fetch or write.</summary>
    private static readonly string[] SuspiciousFunctions =
        ["EXEC(", "CALL(", "REGISTER(", "FOPEN(", "FWRITE(", "FWRITELN(", "FREAD(", "FILE.DELETE(", "FORMULA(", "FORMULA.FILL(", "EVALUATE(", "RUN(", "SET.VALUE(", "GET.WORKSPACE(", "URLDownloadToFile"];

    public static bool IsSuspicious(string formula) =>
        Array.Exists(SuspiciousFunctions, function => formula.Contains(function, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// <c>=cmd|'/c calc'!A1</c>: service, bar, topic in quotes, exclamation mark, item. Null for other formulas; a bar occurs in none of
    /// them outside of a string.
    /// </summary>
    public static string? DdeIn(ReadOnlySpan<char> formula)
    {
        var text = formula.Trim();
        var position = 0;
        while (text[position..].IndexOf('|') is >= 0 and var found)
        {
            var bar = position + found;
            position = bar + 1;
            var start = bar;
            while (start > 0 && bar - start < MaxServiceChars && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or '_' or '\\' or ':' or '/' or '-'))
            {
                start--;
            }

            var topic = text[(bar + 1)..].TrimStart();
            if (bar - start >= 2 && topic.Length > 1 && topic[0] is '\'' or '"' && topic[1..].IndexOf(topic[0]) is >= 0 and var end
                && topic[(end + 2)..].TrimStart().StartsWith("!"))
            {
                return text[start..Math.Min(text.Length, bar + 120)].ToString();
            }
        }

        return null;
    }
}
