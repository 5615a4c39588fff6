using SecuEdge.Content.Documents.Html;

namespace SecuEdge.Content.Documents.Links;

/// <summary>Values with their names from text of three spellings: <c>key=value</c>, <c>key:s:value</c>, elements and attributes.</summary>
internal static class KeyedValues
{
    public static IEnumerable<(string Key, string Value)> In(string text) =>
        text.AsSpan().TrimStart() is ['<', ..] || text.AsSpan().TrimStart() is ['\ufeff', '<', ..] ? InMarkup(text) : InLines(text);

    private static IEnumerable<(string Key, string Value)> InLines(string text)
    {
        var section = "";
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']');
                continue;
            }

            // A remote desktop file writes name:type:value, all others name=value.
            var typed = line.IndexOf(":s:", StringComparison.Ordinal);
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (typed > 0 && (equals < 0 || typed < equals))
            {
                yield return (line[..typed], line[(typed + 3)..]);
            }
            else if (equals > 0)
            {
                yield return InLine(section, line[..equals].Trim(), line[(equals + 1)..].Trim());
            }
            else if (line.Length > 0)
            {
                yield return (section, line);
            }
        }
    }

    /// <summary>In the registry names are quoted and depend on their section, and backslashes in values are doubled.</summary>
    private static (string Key, string Value) InLine(string section, string key, string value) =>
        key.StartsWith('"') || key == "@" ? ($"{section}\\{key.Trim('"')}", value.Replace(@"\\", @"\", StringComparison.Ordinal)) : (key, value);

    private static List<(string Key, string Value)> InMarkup(string text)
    {
        var values = new List<(string, string)>();
        var tokens = new HtmlTokenizer(text, isXml: true);
        var element = "";
        while (true)
        {
            switch (tokens.Read())
            {
                case HtmlToken.End:
                    return values;
                case HtmlToken.StartTag:
                    var name = tokens.Name;
                    element = name[(name.LastIndexOf(':') + 1)..].ToString();
                    while (tokens.TryReadAttribute(out var attribute, out var value))
                    {
                        if (!attribute.StartsWith("xmlns", StringComparison.OrdinalIgnoreCase))
                        {
                            values.Add((attribute.ToString(), HtmlEntities.Decode(value)));
                        }
                    }

                    break;
                case HtmlToken.Text when !tokens.Text.IsWhiteSpace():
                    values.Add((element, HtmlEntities.Decode(tokens.Text).Trim()));
                    break;
                default:
                    break;
            }
        }
    }
}
