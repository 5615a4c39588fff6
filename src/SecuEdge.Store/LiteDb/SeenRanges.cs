using LiteDB;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.LiteDb;

/// <summary>
/// Pages for a caller who may see only some tenants: found by the keys of those tenants, one range scan each, merged by time. So neither
/// work nor cursor depends on the mail of the others.
/// </summary>
internal static class SeenRanges
{
    // Above it, looking through all mail is the lesser work: whoever sees so many tenants sees most of the mail.
    private const int MaxMerged = 200;

    private const int MinChunk = 4;

    /// <param name="tenant">Only this one of them.</param>
    /// <param name="address">Only mail to or from it; the record says which.</param>
    /// <returns>Empty = he may see nothing of it; null = there is no wall, or too much is before it: any key will do, and the record is looked at.</returns>
    public static IReadOnlyList<RecordRange>? Of(string? tenant, IReadOnlySet<string>? tenants, IReadOnlyList<MailboxView> mailboxes, string? address)
    {
        if (tenants is null)
        {
            return null;
        }

        if (tenant is null && tenants.Count + mailboxes.Count > MaxMerged)
        {
            return null;
        }

        IEnumerable<string> seen = tenant is null ? tenants : tenants.Contains(tenant) ? [tenant] : [];
        return
        [
            .. seen.Select(t => address is null ? new RecordRange(RecordKey.Tenant, t) : RecordRange.TenantAddress(t, address)),
            .. mailboxes
                .Where(m => !tenants.Contains(m.Tenant) && (tenant is null || m.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase)))
                .Select(m => RecordRange.TenantAddress(m.Tenant, m.Address)),
        ];
    }

    /// <summary>As <see cref="RecordTable.Page"/>, over several ranges; a row that several of them have comes once.</summary>
    public static List<RecordTable.Row> Page(LiteDatabase database, IReadOnlyList<RecordRange> ranges, long from, long before, int limit)
    {
        if (ranges.Count == 1)
        {
            return RecordTable.Page(database, ranges[0], from, before, limit);
        }

        var chunk = Math.Max(MinChunk, 2 * limit / Math.Max(1, ranges.Count));
        var heads = new PriorityQueue<Head, long>(ranges.Count);
        foreach (var range in ranges)
        {
            Enqueue(heads, new Head(database, range, from, before, chunk));
        }

        var rows = new List<RecordTable.Row>(limit);
        var sameOrder = new HashSet<string>(StringComparer.Ordinal);
        while (heads.TryDequeue(out var head, out _))
        {
            var row = head.Take();
            if (rows.Count == 0 || row.Order != rows[^1].Order)
            {
                if (rows.Count >= limit)
                {
                    break;
                }

                sameOrder.Clear();
            }

            if (sameOrder.Add(row.Id))
            {
                rows.Add(row);
            }

            Enqueue(heads, head);
        }

        return rows;
    }

    private static void Enqueue(PriorityQueue<Head, long> heads, Head head)
    {
        if (head.NextOrder is { } order)
        {
            heads.Enqueue(head, -order);
        }
    }

    /// <summary>One range, read a few rows at a time.</summary>
    private sealed class Head(LiteDatabase database, RecordRange range, long from, long before, int chunk)
    {
        private List<RecordTable.Row> _rows = RecordTable.Page(database, range, from, before, chunk);
        private int _next;

        /// <summary>Null at the end.</summary>
        public long? NextOrder
        {
            get
            {
                if (_next == _rows.Count && _rows.Count >= chunk)
                {
                    _rows = RecordTable.Page(database, range, from, _rows[^1].Order, chunk);
                    _next = 0;
                }

                return _next < _rows.Count ? _rows[_next].Order : null;
            }
        }

        public RecordTable.Row Take() => _rows[_next++];
    }
}
