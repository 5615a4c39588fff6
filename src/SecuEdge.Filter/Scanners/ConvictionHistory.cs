namespace SecuEdge.Filter.Scanners;

/// <summary>Convictions of one engine or signature: by minute for the last hour, by hour for the last seven days. Not safe for threads; the guard is.</summary>
internal sealed class ConvictionHistory
{
    public const int Hours = 7 * 24;
    private const int MaxKnown = 1000;

    private readonly Dictionary<long, int> _hours = [];
    private readonly MinuteCounter _minutes = new();
    private readonly Queue<(DateTimeOffset At, string Domain)> _known = [];

    public DateTimeOffset LastAt { get; private set; }

    public IEnumerable<KeyValuePair<long, int>> AllHours => _hours;

    public void Add(DateTimeOffset now, string? knownDomain)
    {
        LastAt = now;
        AddHour(HourOf(now), 1);
        _minutes.Add(now);
        if (knownDomain is not null)
        {
            _known.Enqueue((now, knownDomain));
            if (_known.Count > MaxKnown)
            {
                _known.Dequeue();
            }
        }

        if (_hours.Count > Hours + 24)
        {
            var oldest = HourOf(now) - Hours;
            foreach (var hour in _hours.Keys.Where(h => h < oldest).ToList())
            {
                _hours.Remove(hour);
            }
        }
    }

    public void AddHour(long hour, int count) => _hours[hour] = _hours.GetValueOrDefault(hour) + count;

    public int Within(DateTimeOffset now, TimeSpan window) => _minutes.Within(now, window);

    /// <summary>The average of an hour over the last seven days, the present one left out: it is what is being judged.</summary>
    public double UsualPerHour(DateTimeOffset now)
    {
        var present = HourOf(now);
        return _hours.Where(h => h.Key < present && h.Key >= present - Hours).Sum(h => h.Value) / (double)Hours;
    }

    public int KnownDomains(DateTimeOffset now, TimeSpan window) =>
        _known.Where(k => k.At > now - window).Select(k => k.Domain).Distinct(StringComparer.OrdinalIgnoreCase).Count();

    /// <summary>A person decided about it: what led there does not count again.</summary>
    public void StartAfresh()
    {
        _minutes.Clear();
        _known.Clear();
    }

    public static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3600;
}
