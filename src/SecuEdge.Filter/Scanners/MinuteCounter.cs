namespace SecuEdge.Filter.Scanners;

/// <summary>How often something happened within the last hour, by minute. Not safe for threads.</summary>
internal sealed class MinuteCounter
{
    private readonly Queue<(DateTimeOffset Minute, int Count)> _earlier = [];
    private DateTimeOffset _minute;
    private int _count;

    public void Add(DateTimeOffset now)
    {
        var minute = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), now.Offset);
        if (minute != _minute)
        {
            if (_count > 0)
            {
                _earlier.Enqueue((_minute, _count));
            }

            (_minute, _count) = (minute, 0);
        }

        _count++;
        while (_earlier.TryPeek(out var oldest) && oldest.Minute < now - TimeSpan.FromHours(1))
        {
            _earlier.Dequeue();
        }
    }

    public int Within(DateTimeOffset now, TimeSpan window)
    {
        var from = now - window;
        var sum = _minute > from ? _count : 0;
        foreach (var (minute, count) in _earlier)
        {
            sum += minute > from ? count : 0;
        }

        return sum;
    }

    public void Clear()
    {
        _earlier.Clear();
        _count = 0;
    }
}
