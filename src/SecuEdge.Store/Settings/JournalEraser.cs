using SecuEdge.Store.Files;

namespace SecuEdge.Store.Settings;

/// <summary>
/// Takes documents out of a file of the journal, as if they had never been: revisions keep number, time and author, but neither what those
/// documents said nor the comment, which may name what was in them. Lines that have nothing of them stay byte for byte.
/// </summary>
internal static class JournalEraser
{
    private const string Comment = "erased";

    /// <returns>The file anew; null when there is nothing of them in it.</returns>
    public static PooledBuffer? Without(ReadOnlyMemory<byte> bytes, Func<string, bool> isToGo)
    {
        List<(ReadOnlyMemory<byte> Line, JournalEntry? Entry)> lines = [];
        for (int at = 0, length; at < bytes.Length && (length = bytes.Span[at..].IndexOf((byte)'\n')) >= 0; at += length + 1)
        {
            lines.Add((bytes.Slice(at, length), JournalLine.Parse(bytes.Slice(at, length))));
        }

        var gone = lines.Count(l => l.Entry?.Name is { } name && isToGo(name));
        if (gone == 0 && !lines.Any(l => l.Entry?.Header is not null && l.Entry.Writes.Any(w => isToGo(w.Document))))
        {
            return null;
        }

        var kept = new PooledBuffer(bytes.Length);
        foreach (var (line, entry) in lines)
        {
            if (entry?.StateRevision is { } revision)
            {
                JournalLine.WriteHead(kept, revision, entry.StateDocuments - gone);
            }
            else if (entry?.Header is { } header && entry.Writes.Any(w => isToGo(w.Document)))
            {
                JournalLine.WriteRevision(
                    kept, Erased(header, isToGo), [.. entry.Writes.Select(w => isToGo(w.Document) ? new DocumentWrite(OwnerOf(w.Document), null) : w).DistinctBy(w => w.Document)]);
            }
            else if (entry?.Name is not { } name || !isToGo(name))
            {
                kept.Append(line.Span);
                kept.Append("\n"u8);
            }
        }

        return kept;
    }

    public static RevisionHeader Erased(RevisionHeader header, Func<string, bool> isToGo) =>
        header with { Comment = Comment, Documents = [.. header.Documents.Select(d => isToGo(d) ? OwnerOf(d) : d).Distinct()] };

    /// <summary>Whose a document was stays. What is below that in its name, <c>recipients/acme/</c>, says more of him.</summary>
    private static string OwnerOf(string document) =>
        document.Split('/', 3) is [var kind, var owner, _] ? $"{kind}/{owner}/" : document;
}
