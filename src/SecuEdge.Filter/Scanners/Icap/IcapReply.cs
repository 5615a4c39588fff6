using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>The head of one reply, without what is encapsulated in it.</summary>
internal sealed class IcapReply
{
    // Known replies have a dozen; an endless one ends at the size limit of the connection anyway.
    private const int MaxFields = 200;
    private const int MaxShownChars = 60;

    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    private IcapReply(int status, string reason)
    {
        Status = status;
        Reason = reason;
    }

    public int Status { get; }

    public string Reason { get; }

    /// <summary>RFC 3507 §4.4.1: the sections in order with their offsets; empty when there is none or it is malformed.</summary>
    public IReadOnlyList<(string Name, int Offset)> Encapsulated { get; private set; } = [];

    /// <summary>The service ends the connection after this reply.</summary>
    public bool IsLast => this["Connection"].Contains("close", StringComparison.OrdinalIgnoreCase);

    /// <summary>Without its quotes.</summary>
    public string ServiceTag => this["ISTag"].Trim('"');

    /// <summary>The field's value; empty without one. Lines of a folded field are kept apart by line feeds, repeats likewise.</summary>
    public string this[string field] => _fields.GetValueOrDefault(field, "");

    /// <param name="trouble">What is wrong with it, in words that may be shown.</param>
    public static bool TryParse(ReadOnlySpan<byte> head, [NotNullWhen(true)] out IcapReply? reply, out string trouble)
    {
        reply = null;
        var lines = Encoding.Latin1.GetString(head).Split('\n');
        if (!TryParseStatus(lines[0].TrimEnd('\r'), out var parsed))
        {
            trouble = lines[0].StartsWith("HTTP/", StringComparison.Ordinal)
                ? "the service speaks HTTP, not ICAP"
                : $"the service gave an answer that cannot be understood: {Printable(lines[0].TrimEnd('\r'))}";
            return false;
        }

        trouble = "the service gave an answer with malformed fields";
        var name = "";
        foreach (var raw in lines.Skip(1))
        {
            var line = raw.TrimEnd('\r');
            if (line.Length == 0)
            {
                continue;
            }

            // Folding is obsolete in HTTP, but X-Violations-Found lists one fact a line.
            if (line[0] is ' ' or '\t')
            {
                if (name.Length == 0)
                {
                    return false;
                }

                parsed._fields[name] += "\n" + Clean(line);
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAnyExceptInRange('!', '~') || parsed._fields.Count >= MaxFields)
            {
                return false;
            }

            name = line[..colon];
            var value = Clean(line[(colon + 1)..]);
            parsed._fields[name] = parsed._fields.TryGetValue(name, out var earlier) ? earlier + "\n" + value : value;
        }

        if (parsed["Encapsulated"] is { Length: > 0 } sections && !parsed.TryReadSections(sections))
        {
            return false;
        }

        reply = parsed;
        trouble = "";
        return true;
    }

    private static bool TryParseStatus(string line, [NotNullWhen(true)] out IcapReply? reply)
    {
        reply = null;
        var words = line.Split(' ', 3);
        if (words.Length < 2 || words[0] is not ("ICAP/1.0" or "ICAP/1.1") || words[1].Length != 3
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 100 or > 599)
        {
            return false;
        }

        reply = new IcapReply(status, words.Length > 2 ? Clean(words[2]) : "");
        return true;
    }

    // "res-hdr=0, res-body=213"; offsets rise, and at most one body ends the list.
    private bool TryReadSections(string text)
    {
        List<(string Name, int Offset)> sections = [];
        foreach (var item in text.Split(','))
        {
            var pair = item.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length != 2
                || pair[0].ToLowerInvariant() is not ("req-hdr" or "res-hdr" or "req-body" or "res-body" or "opt-body" or "null-body")
                || !int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                || (sections.Count > 0 && (offset < sections[^1].Offset || sections[^1].Name.EndsWith("-body", StringComparison.Ordinal))))
            {
                return false;
            }

            sections.Add((pair[0].ToLowerInvariant(), offset));
        }

        Encapsulated = sections;
        return sections[0].Offset == 0;
    }

    private static string Clean(string text) => string.Concat(text.Where(character => !char.IsControl(character))).Trim();

    private static string Printable(string line)
    {
        var shown = line.Length <= MaxShownChars ? line : line[..MaxShownChars];
        return $"\"{string.Concat(shown.Select(character => character is >= ' ' and <= '~' ? character : '.'))}\"";
    }
}
