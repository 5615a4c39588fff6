namespace SecuEdge.Filter.Outbreak;

/// <summary>
/// When and how often one file was seen. Recent messages are counted in two windows of equal length, the present and the one before; the
/// highest window of earlier days is the history to compare with.
/// </summary>
public readonly record struct Sightings
{
    public DateTimeOffset FirstSeen { get; init; }

    public DateTimeOffset LastSeen { get; init; }

    public int Count { get; init; }

    public DateTimeOffset WindowStart { get; init; }

    public int InWindow { get; init; }

    public int InWindowBefore { get; init; }

    public int PeakToday { get; init; }

    public int PeakEarlier { get; init; }

    public bool IsNever => Count == 0;

    /// <summary>Seen once more.</summary>
    public Sightings Seen(DateTimeOffset now, TimeSpan window)
    {
        var rolled = Rolled(now, window);
        var inWindow = rolled.InWindow + 1;
        var isNewDay = now.UtcDateTime.Date != LastSeen.UtcDateTime.Date;
        return rolled with
        {
            FirstSeen = IsNever ? now : FirstSeen,
            LastSeen = now,
            Count = Count == int.MaxValue ? Count : Count + 1,
            InWindow = inWindow,
            PeakEarlier = isNewDay ? Math.Max(PeakEarlier, PeakToday) : PeakEarlier,
            PeakToday = isNewDay ? inWindow : Math.Max(PeakToday, inWindow),
        };
    }

    /// <summary>Messages within the last window, the part of the window before in proportion.</summary>
    public double Recent(DateTimeOffset now, TimeSpan window)
    {
        var rolled = Rolled(now, window);
        var passed = Math.Clamp((now - rolled.WindowStart) / window, 0, 1);
        return rolled.InWindow + (rolled.InWindowBefore * (1 - passed));
    }

    /// <summary>The highest window before today.</summary>
    public int EarlierPeak(DateTimeOffset now) => now.UtcDateTime.Date != LastSeen.UtcDateTime.Date ? Math.Max(PeakEarlier, PeakToday) : PeakEarlier;

    private Sightings Rolled(DateTimeOffset now, TimeSpan window)
    {
        var passed = now - WindowStart;
        return passed < window ? this
            : passed < 2 * window ? this with { WindowStart = WindowStart + window, InWindowBefore = InWindow, InWindow = 0 }
            : this with { WindowStart = now, InWindowBefore = 0, InWindow = 0 };
    }
}
