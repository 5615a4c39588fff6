using SecuEdge.Content.Containers;
using SecuEdge.Content.Documents.Html;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Links;

/// <summary>Calendars and cards (RFC 5545, RFC 6350): text, links, files written into properties.</summary>
internal sealed class CalendarDocument : IDocument
{
    private const int MaxBytes = 8 * 1024 * 1024;
    private const int MaxFiles = 1_000;

    public IReadOnlyList<string> MediaTypes { get; } = ["text/calendar", "text/vcard"];

    public bool NeedsCage => false;

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var (files, isFull) = (0, false);
        if (bytes.Length > MaxBytes)
        {
            visit.Flag(AnatomyFlags.OverBudget);
            visit.Meter.Note(AnatomyFlags.OverBudget, "A calendar or card too large to be read to its end.");
        }

        foreach (var line in Unfold(Charsets.Decode(bytes.Peek(0, MaxBytes).Span, visit.Charset)))
        {
            var colon = EndOfName(line);
            if (!visit.Meter.HasTime())
            {
                return;
            }

            if (colon < 0)
            {
                continue;
            }

            var (head, value) = (line[..colon], line[(colon + 1)..]);
            var name = head.Split(';', 2)[0].ToUpperInvariant();
            if (IsBinary(head, value))
            {
                if (files++ >= MaxFiles)
                {
                    visit.Flag(AnatomyFlags.OverBudget);
                    visit.Meter.Note(AnatomyFlags.OverBudget, $"More than {MaxFiles} files in a calendar or card.");
                    continue;
                }

                AddFile(head, value, visit);
            }
            else if (name is "URL" or "ATTACH" or "SOURCE" or "PHOTO" or "LOGO" or "CONFERENCE" or "X-ALT-DESC")
            {
                visit.AddLink(HtmlUrl.Normalize(value, ""));
            }

            if (!isFull && name is "SUMMARY" or "DESCRIPTION" or "LOCATION" or "COMMENT" or "NOTE" or "FN" or "ORG" or "TITLE" or "X-ALT-DESC")
            {
                isFull = !visit.AddText(Unescape(value));
            }
        }
    }

    /// <summary>RFC 5545 §3.1: a line that begins with a blank goes on with the one before.</summary>
    private static IEnumerable<string> Unfold(string text)
    {
        var current = new System.Text.StringBuilder();
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] is ' ' or '\t')
            {
                current.Append(line.AsSpan(1));
                continue;
            }

            yield return current.ToString();
            current.Clear().Append(line);
        }

        yield return current.ToString();
    }

    /// <summary>The first colon outside quotes.</summary>
    private static int EndOfName(string line)
    {
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            isQuoted ^= line[i] == '"';
            if (line[i] == ':' && !isQuoted)
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsBinary(string head, string value) =>
        head.Contains("ENCODING=B", StringComparison.OrdinalIgnoreCase) || value.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    private static void AddFile(string head, string value, DocumentVisit visit)
    {
        var bytes = ScriptPayloads.FromBase64(value[(value.IndexOf(',', StringComparison.Ordinal) + 1)..]);
        var name = head.Split(';').Select(parameter => parameter.Split('=', 2))
            .FirstOrDefault(pair => pair.Length == 2 && pair[0].ToUpperInvariant() is "FILENAME" or "X-FILENAME" or "X-APPLE-FILENAME" or "X-ORACLE-FILENAME")?[1].Trim('"');
        if (bytes.Length > 0 && visit.Meter.TryTakeBytes(bytes.Length))
        {
            visit.AddFile(new EntryDraft { Name = name }, () => new MemoryStream(bytes));
        }
    }

    private static string Unescape(string value) =>
        value.Replace("\\n", "\n", StringComparison.OrdinalIgnoreCase).Replace("\\,", ",", StringComparison.Ordinal).Replace("\\;", ";", StringComparison.Ordinal);
}
