namespace SecuEdge.Appliance.Supervision;

/// <summary>Pauses of a supervised child.</summary>
internal sealed record RestartPolicy
{
    /// <summary>Pause after the first unexpected end; doubled each time. 1 s: a crashed clamd costs a few tempfailed mails, not an outage.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>30 s: a broken database is tried again often enough to heal by itself, without filling the log.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A child that lived so long starts the pauses anew. 1 minute: longer than clamd needs to fail on a bad database.</summary>
    public TimeSpan ForgivenAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a closed gate is asked again.</summary>
    public TimeSpan GateInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From SIGTERM to SIGKILL. 10 s: clamd finishes running scans.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan PauseAfter(int failures) =>
        failures >= 30 ? LongestPause : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << (failures - 1)));
}
