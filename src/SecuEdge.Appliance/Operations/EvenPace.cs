namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Lets an answer take a full step of time. What is found and then not shown takes tens of microseconds more than what is not there, and whoever
/// asks often enough could tell the two apart; a step is longer than either.
/// </summary>
internal static class EvenPace
{
    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(6);

    /// <summary>A timer is late by as much, depending on when it was set: what is left is waited for by the clock.</summary>
    private static readonly TimeSpan TimerError = TimeSpan.FromMilliseconds(3);

    /// <param name="started">A time stamp of the system's clock: a clock that stands still in a test would stop here for good.</param>
    public static async Task KeepAsync(long started, CancellationToken cancellationToken)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var end = TimeSpan.FromTicks(((elapsed.Ticks / Step.Ticks) + 1) * Step.Ticks);
        if (end - elapsed > TimerError)
        {
            await Task.Delay(end - elapsed - TimerError, TimeProvider.System, cancellationToken);
        }

        while (TimeProvider.System.GetElapsedTime(started) < end)
        {
            // The rest is too short for a timer; other work goes on meanwhile.
            await Task.Yield();
        }
    }
}
