using System.Runtime.InteropServices;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Lets an answer take a full step of time. What is found and then not shown takes tens of microseconds more than what is not there, and whoever
/// asks often enough could tell the two apart; a step is longer than either.
/// </summary>
internal static class EvenPace
{
    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(6);

    /// <summary>A timer of the runtime is late by as much, depending on when it was set: a thread of our own waits for the rest.</summary>
    private static readonly TimeSpan TimerError = TimeSpan.FromMilliseconds(3);

    /// <summary>Late by as much at most, and not depending on when the waiting began.</summary>
    private const long SliceNanoseconds = 100_000;

    private static readonly PriorityQueue<TaskCompletionSource, TimeSpan> s_waiting = new();
    private static readonly long s_epoch = TimeProvider.System.GetTimestamp();
    private static Thread? s_clock;

    /// <param name="started">A time stamp of the system's clock: a clock that stands still in a test would stop here for good.</param>
    public static async Task KeepAsync(long started, CancellationToken cancellationToken)
    {
        var rest = ToFullStep(TimeProvider.System.GetElapsedTime(started));
        if (rest > TimerError)
        {
            await Task.Delay(rest - TimerError, TimeProvider.System, cancellationToken);
        }

        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (s_waiting)
        {
            s_waiting.Enqueue(reached, TimeProvider.System.GetElapsedTime(s_epoch, started) + elapsed + ToFullStep(elapsed));
            if (s_clock is null)
            {
                s_clock = new Thread(Run) { IsBackground = true, Name = nameof(EvenPace) };
                s_clock.Start();
            }

            Monitor.Pulse(s_waiting);
        }

        await reached.Task.WaitAsync(cancellationToken);
    }

    private static TimeSpan ToFullStep(TimeSpan elapsed) => TimeSpan.FromTicks(Step.Ticks - (elapsed.Ticks % Step.Ticks));

    private static void Run()
    {
        var slice = new TimeSpec { Nanoseconds = SliceNanoseconds };
        while (true)
        {
            lock (s_waiting)
            {
                while (s_waiting.Count == 0)
                {
                    Monitor.Wait(s_waiting);
                }

                var now = TimeProvider.System.GetElapsedTime(s_epoch);
                while (s_waiting.TryPeek(out var first, out var end) && end <= now)
                {
                    s_waiting.Dequeue();
                    first.TrySetResult();
                }
            }

            _ = NanoSleep(in slice, 0);
        }
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
