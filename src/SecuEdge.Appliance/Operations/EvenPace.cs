using System.Runtime.InteropServices;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Lets an answer take a full step of time. What is found and then not shown takes tens of microseconds more than what is not there, and whoever
/// asks often enough could tell the two apart; a step is longer than either.
/// </summary>
internal static class EvenPace
{
    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(6);

    /// <summary>A timer of the runtime is late by as much, depending on when it was set: the rest is slept by the clock of the system.</summary>
    private static readonly TimeSpan TimerError = TimeSpan.FromMilliseconds(3);

    /// <summary>Each takes a thread for the rest.</summary>
    private static readonly SemaphoreSlim s_places = new(8);

    /// <param name="started">A time stamp of the system's clock: a clock that stands still in a test would stop here for good.</param>
    public static async Task KeepAsync(long started, CancellationToken cancellationToken)
    {
        var rest = ToFullStep(TimeProvider.System.GetElapsedTime(started));
        if (rest > TimerError)
        {
            await Task.Delay(rest - TimerError, TimeProvider.System, cancellationToken);
        }

        await s_places.WaitAsync(cancellationToken);
        try
        {
            Sleep(ToFullStep(TimeProvider.System.GetElapsedTime(started)));
        }
        finally
        {
            s_places.Release();
        }
    }

    private static TimeSpan ToFullStep(TimeSpan elapsed) => TimeSpan.FromTicks(Step.Ticks - (elapsed.Ticks % Step.Ticks));

    private static void Sleep(TimeSpan time)
    {
        var wanted = new TimeSpec { Nanoseconds = (long)time.TotalNanoseconds };
        _ = NanoSleep(in wanted, 0);
    }

    /// <summary>The runtime sleeps whole milliseconds only.</summary>
    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NanoSleep(in TimeSpec wanted, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
