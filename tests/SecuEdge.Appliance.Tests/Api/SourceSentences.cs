using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Finds the sentences in C# source: literals of more than one word, what is interpolated as holes <c>{0}</c>.</summary>
internal static partial class SourceSentences
{
    /// <summary>What stands shortly before a text that is for the document, the log or the audit, and not said to a caller as the detail of a problem.</summary>
    private static readonly string[] Elsewhere = ["WithSummary", "WithDescription", "[Description(", "[LoggerMessage", "RecordAsync(", "throw new", "GeneratedRegex"];

    /// <summary>Sentence → where it stands.</summary>
    /// <param name="behind">Only those that stand right behind it; null = all.</param>
    public static IEnumerable<(string Sentence, string Place)> Of(string path, string? behind = null)
    {
        var source = File.ReadAllText(path);
        foreach (var (start, literal) in Literals(source))
        {
            var before = source[Math.Max(0, start - 90)..start];
            var isSaid = behind is null ? !Elsewhere.Any(e => before.Contains(e, StringComparison.Ordinal)) : before.EndsWith(behind, StringComparison.Ordinal);
            if (isSaid && Numbered(Place().Replace(literal, "")) is { } sentence && IsSentence(sentence))
            {
                yield return (sentence, $"{Path.GetFileName(path)}:{source.AsSpan(0, start).Count('\n') + 1}");
            }
        }
    }

    private static bool IsSentence(string text) => text.Trim().Contains(' ', StringComparison.Ordinal) && Word().Count(Hole().Replace(text, "")) >= 2;

    /// <summary>Holes that touch are one: nobody can tell what stands in which.</summary>
    private static string Numbered(string text)
    {
        var number = 0;
        return Hole().Replace(text, _ => $"{{{(number++).ToString(CultureInfo.InvariantCulture)}}}");
    }

    private static IEnumerable<(int Start, string Text)> Literals(string source)
    {
        for (var at = 0; at < source.Length;)
        {
            if (source.AsSpan(at).StartsWith("//"))
            {
                at = EndOf(source, at, "\n");
            }
            else if (source.AsSpan(at).StartsWith("/*"))
            {
                at = EndOf(source, at, "*/");
            }
            else if (Character().Match(source, at) is { Success: true } character)
            {
                at += character.Length;
            }
            else if (Opening().Match(source, at) is { Success: true } opening)
            {
                var start = at;
                if (Read(source, ref at, opening) is { } text)
                {
                    yield return (start, text);
                }
            }
            else
            {
                at++;
            }
        }
    }

    /// <returns>Null for raw texts, which are examples.</returns>
    private static string? Read(string source, ref int at, Match opening)
    {
        var (prefix, quotes) = (opening.Groups[1].Value, opening.Groups[2].Value);
        at += opening.Length;
        if (quotes.Length > 1)
        {
            at = quotes.Length == 2 ? at : EndOf(source, at, quotes);
            return null;
        }

        var text = new StringBuilder();
        for (; source[at] != '"'; at++)
        {
            if (source[at] == '\\' && !prefix.Contains('@', StringComparison.Ordinal))
            {
                text.Append(source[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else if (source[at] is '{' or '}' && prefix.Contains('$', StringComparison.Ordinal))
            {
                if (source[at + 1] == source[at])
                {
                    text.Append(source[at++]);
                }
                else
                {
                    at = EndOfHole(source, at + 1);
                    text.Append("{0}");
                }
            }
            else
            {
                text.Append(source[at]);
            }
        }

        at++;
        return text.ToString();
    }

    /// <summary>Where the brace stands that ends it.</summary>
    private static int EndOfHole(string source, int at)
    {
        for (var depth = 1; ; at++)
        {
            while (Character().Match(source, at) is { Success: true } character)
            {
                at += character.Length;
            }

            while (Opening().Match(source, at) is { Success: true } opening)
            {
                Read(source, ref at, opening);
            }

            depth += source[at] switch { '{' or '(' or '[' => 1, '}' or ')' or ']' => -1, _ => 0 };
            if (depth == 0)
            {
                return at;
            }
        }
    }

    private static int EndOf(string source, int at, string end) => source.IndexOf(end, at, StringComparison.Ordinal) is var found and >= 0 ? found + end.Length : source.Length;

    /// <summary>Where a field is named in front.</summary>
    [GeneratedRegex(@"^(the document|[^\s:]+): ")]
    private static partial Regex Place();

    [GeneratedRegex(@"(\{\d+\})+")]
    private static partial Regex Hole();

    [GeneratedRegex("[A-Za-z]{2,}")]
    private static partial Regex Word();

    [GeneratedRegex(@"\G'(\\.[^']*|[^'\\])'")]
    private static partial Regex Character();

    [GeneratedRegex(@"\G(\$*@?\$*)(""+)")]
    private static partial Regex Opening();
}
