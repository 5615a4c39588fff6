using System.Globalization;
using SecuEdge.Store.LiteDb;

namespace SecuEdge.Store.MessageLog;

/// <summary>One search on its way from the newest record back.</summary>
internal sealed class MessageSearch(MessageFilter filter, long from, long before, int limit, Dictionary<string, MessageRecord> dirty)
{
    // A search with an unindexed filter reads at most so many records (some 0.2 s), then hands out a cursor to go on.
    private const int MaxScanned = 5000;

    private readonly List<(long Order, MessageRecord Record)> _found = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private long _lastOrder = long.MaxValue;
    private int _scanned;
    private long? _floor;

    public MessageFilter Filter => filter;

    public long From => from;

    public long Before => before;

    public bool IsDone => _floor is not null;

    public bool Touches(int month)
    {
        var start = new DateTimeOffset(month / 100, month % 100, 1, 0, 0, 0, TimeSpan.Zero);
        return RecordTable.First(start) < before && RecordTable.First(start.AddMonths(1)) > from;
    }

    /// <summary>False when enough is found or looked at. Records of one order are never parted, or the cursor between them would lose one.</summary>
    public bool Take(RecordTable.Row row)
    {
        if (row.Order != _lastOrder && _found.Count > limit)
        {
            return Stop(_lastOrder);
        }

        // The cursor would be the order of a record that the caller may not see: time and part of the reference.
        var second = RecordTable.FirstOfSecond(_lastOrder);
        if (_scanned >= MaxScanned && row.Order < second)
        {
            return Stop(second);
        }

        _lastOrder = row.Order;
        if (!_seen.Add(row.Id))
        {
            return true;
        }

        _scanned++;
        if (!dirty.ContainsKey(row.Id) && StoreJson.ReadRecord(RecordTable.Decompress(row.Body)) is var record && filter.Matches(record))
        {
            _found.Add((row.Order, record));
        }

        return true;
    }

    public MessagePage ToPage()
    {
        // What lies before the point where we stopped belongs to the next page, also of the dirty ones.
        foreach (var record in dirty.Values)
        {
            var order = RecordTable.Order(record.ReceivedAt, record.Reference);
            if (order >= (_floor ?? from) && order < before && filter.Matches(record))
            {
                _found.Add((order, record));
            }
        }

        _found.Sort((a, b) => b.Order.CompareTo(a.Order));
        var count = Math.Min(limit, _found.Count);
        while (count > 0 && count < _found.Count && _found[count].Order == _found[count - 1].Order)
        {
            count++;
        }

        var next = count < _found.Count ? _found[count - 1].Order : _floor;
        return new MessagePage([.. _found.Take(count).Select(f => f.Record)], next?.ToString("x", CultureInfo.InvariantCulture));
    }

    /// <summary>What is older belongs to the next page.</summary>
    private bool Stop(long floor)
    {
        _floor = floor;
        return false;
    }
}
