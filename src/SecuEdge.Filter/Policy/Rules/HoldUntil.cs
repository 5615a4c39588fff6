namespace SecuEdge.Filter.Policy.Rules;

/// <summary>A day of the week and an hour, in the tenant's time zone.</summary>
public sealed record HoldUntil
{
    /// <summary>Null = whichever day that hour comes next.</summary>
    public DayOfWeek? Weekday { get; init; }

    /// <summary>The hour.</summary>
    public required TimeOnly At { get; init; }

    /// <summary>The next such time, a week away at most.</summary>
    public DateTimeOffset NextAfter(DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        for (var days = 0; ; days++)
        {
            var day = today.AddDays(days);
            if (Weekday is null || day.DayOfWeek == Weekday)
            {
                var time = day.ToDateTime(At);
                // An hour that the clock leaves out in spring is over when the next one begins.
                var local = zone.IsInvalidTime(time) ? time.AddHours(1) : time;
                if (new DateTimeOffset(local, zone.GetUtcOffset(local)) is var end && end > now)
                {
                    return end.ToUniversalTime();
                }
            }
        }
    }
}
