using System.Text;

namespace SecuEdge.Content.Readings;

/// <summary>A MIME part that some reader would see between two lines that begin with <c>--</c>.</summary>
/// <param name="Delimiter">The text after the two hyphens.</param>
internal readonly record struct EmbeddedPart(int Start, int Length, string Delimiter);

/// <summary>
/// Cuts text into MIME parts without believing any Content-Type: at each line that begins with two hyphens and is followed by a
/// Content-* field. So it finds what a reader with another idea of the boundary (its case, its end, the second of two, none) would find.
/// </summary>
internal static class EmbeddedParts
{
    /// <summary>Header lines of a part that are searched for a Content-* field.</summary>
    private const int MaxHeaderLines = 12;

    /// <summary>Parts that our parser did not see; those it saw do not count, or they would hide one behind them.</summary>
    private const int MaxFound = 500;

    public static bool MayBeIn(ReadOnlySpan<byte> text) =>
        text.StartsWith("--"u8) || text.IndexOf("\n--"u8) >= 0 || text.IndexOf("\r--"u8) >= 0;

    /// <summary>Parts other than those at a boundary that the parser knows and that was open.</summary>
    /// <param name="known">Boundaries of the multiparts that the parser found around this text.</param>
    /// <param name="isRead">Whether the parser takes the place apart in another way, so that nothing at it is wanted.</param>
    /// <param name="isCut">There were more than are told.</param>
    public static List<EmbeddedPart> Find(ReadOnlySpan<byte> text, IReadOnlySet<string> known, Predicate<int> isRead, out bool isCut)
    {
        var found = new List<EmbeddedPart>();
        var closed = new HashSet<string>(StringComparer.Ordinal);
        var openStart = -1;
        var openIsClaimed = false;
        var openDelimiter = "";
        var lines = new TextLines(text);
        while (lines.MoveNext() && found.Count <= MaxFound)
        {
            if (!lines.Current.StartsWith("--"u8))
            {
                continue;
            }

            var delimiter = Encoding.Latin1.GetString(lines.Current[2..].TrimEnd(" \t"u8));
            var isEnd = delimiter.EndsWith("--", StringComparison.Ordinal) && (known.Contains(delimiter[..^2]) || delimiter[..^2] == openDelimiter);
            var isKnown = known.Contains(delimiter);
            if (!isEnd && !isKnown && (delimiter.Length == 0 || !IsPartHeader(text[lines.Next..])))
            {
                continue;
            }

            if (openStart >= 0 && !openIsClaimed && !isRead(openStart))
            {
                found.Add(new(openStart, lines.Start - openStart, openDelimiter));
            }

            openStart = isEnd ? -1 : lines.Next;
            openIsClaimed = isKnown && !closed.Contains(delimiter);
            openDelimiter = isEnd ? "" : delimiter;
            if (isEnd)
            {
                closed.Add(delimiter[..^2]);
            }
            else if (isKnown && !openIsClaimed && !IsPartHeader(text[lines.Next..]))
            {
                openStart = -1;
            }
        }

        if (openStart >= 0 && !openIsClaimed && !isRead(openStart))
        {
            found.Add(new(openStart, text.Length - openStart, openDelimiter));
        }

        isCut = found.Count > MaxFound;
        return isCut ? found[..MaxFound] : found;
    }

    private static bool IsPartHeader(ReadOnlySpan<byte> text)
    {
        var lines = new TextLines(text[..Math.Min(text.Length, 8 * 1024)]);
        for (var i = 0; i < MaxHeaderLines && lines.MoveNext(); i++)
        {
            var line = lines.Current;
            if (line.IsEmpty)
            {
                return false;
            }

            if (line.Length > 12 && Ascii.EqualsIgnoreCase(line[..8], "content-"u8) && line.Contains((byte)':'))
            {
                return true;
            }
        }

        return false;
    }
}
