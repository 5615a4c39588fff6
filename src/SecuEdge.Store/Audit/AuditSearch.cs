using System.Globalization;

namespace SecuEdge.Store.Audit;

/// <summary>Some entries in the order of the log, and where the next ones begin.</summary>
public sealed record AuditPiece(IReadOnlyList<AuditEntry> Entries, AuditPosition Next);

/// <summary>Reads the files without an index: newest first with a cursor that is a place in a file, or onwards from a place.</summary>
internal sealed class AuditSearch(AuditFolder folder)
{
    // Some 0.1 s of reading; a rare entry costs a few pages, never a long request.
    private const int MaxScanned = 20_000;
    private const int PieceEntries = 500;

    /// <param name="end">What is on disk; behind it may be the half of an entry.</param>
    public AuditPage Run(AuditQuery query, AuditPosition end, int limit, CancellationToken cancellationToken)
    {
        var before = query.Cursor is null ? end : ParseCursor(query.Cursor);
        var oldest = query.Since is { } since ? AuditFolder.MonthOf(since) : 0;
        var found = new List<AuditEntry>();
        var scanned = 0;

        // An entry is in the file of its month or, after the clock was set back, in a later one: older files need not be read.
        foreach (var month in folder.Months().Where(m => m <= before.Month && m >= oldest).Reverse())
        {
            foreach (var line in Backward(month, before, end))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (AuditLine.Read(line.Bytes) is { } entry && Matches(entry, query))
                {
                    found.Add(entry);
                }

                if (found.Count == limit || ++scanned == MaxScanned)
                {
                    return new AuditPage(found, string.Create(CultureInfo.InvariantCulture, $"{month:d6}-{line.Offset:x}"));
                }
            }
        }

        return new AuditPage(found, null);
    }

    public AuditPiece Next(AuditPosition position, AuditPosition end)
    {
        var entries = new List<AuditEntry>();
        foreach (var month in folder.Months().Where(m => m >= position.Month && m <= end.Month))
        {
            var from = month == position.Month ? position.Offset : 0;
            var until = month == end.Month ? end.Offset : LengthOf(month);
            foreach (var line in AuditLines.Forward(folder.PathOf(month), from, until))
            {
                position = new AuditPosition(month, line.Next);
                if (AuditLine.Read(line.Bytes) is { } entry)
                {
                    entries.Add(entry);
                }

                if (entries.Count == PieceEntries)
                {
                    return new AuditPiece(entries, position);
                }
            }
        }

        return new AuditPiece(entries, position);
    }

    public static bool Matches(AuditEntry entry, AuditQuery query) =>
        query.Tenants?.Contains(entry.Tenant) != false
        && (query.Since is null || entry.At >= query.Since)
        && (query.Until is null || entry.At < query.Until)
        && (query.Actor is null || IsActor(entry.Actor, query.Actor))
        && (query.Target is null || string.Equals(entry.Target, query.Target, StringComparison.OrdinalIgnoreCase))
        && (query.Action is null || IsAction(entry.Action, query.Action));

    /// <summary>A token is written down as <c>name (id)</c>: who asks for its name means all that are called so.</summary>
    private static bool IsActor(string actor, string wanted) =>
        actor.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)
        && (actor.Length == wanted.Length || (actor[^1] == ')' && actor.AsSpan(wanted.Length).StartsWith(" (t_", StringComparison.Ordinal)));

    /// <summary>The whole action, or its beginning up to a dot.</summary>
    private static bool IsAction(string action, string wanted) =>
        wanted.EndsWith('.') ? action.StartsWith(wanted, StringComparison.OrdinalIgnoreCase) : action.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<PlacedLine> Backward(int month, AuditPosition before, AuditPosition end)
    {
        var until = month == before.Month ? before.Offset : LengthOf(month);
        if (month == end.Month)
        {
            until = Math.Min(until, end.Offset);
        }

        return File.Exists(folder.PathOf(month)) ? AuditLines.Backward(folder.PathOf(month), until) : [];
    }

    private long LengthOf(int month)
    {
        var file = new FileInfo(folder.PathOf(month));
        return file.Exists ? file.Length : 0;
    }

    private AuditPosition ParseCursor(string cursor)
    {
        if (cursor.Split('-') is [var month, var offset]
            && int.TryParse(month, NumberStyles.None, CultureInfo.InvariantCulture, out var parsedMonth)
            && long.TryParse(offset, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var parsedOffset)
            && parsedOffset >= 0
            && LengthOf(parsedMonth) is var length
            && (length == 0 || parsedOffset <= length))
        {
            return new AuditPosition(parsedMonth, parsedOffset);
        }

        throw new ArgumentException("The cursor is not one of a page before.", nameof(cursor));
    }
}
