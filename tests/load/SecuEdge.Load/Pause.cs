namespace SecuEdge.Load;

/// <summary>Waiting on a thread that has nothing else to do; the generator keeps a schedule of wall time, with no clock to fake.</summary>
internal static class Pause
{
    private static readonly ManualResetEvent Never = new(false);

    public static void For(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            // Whole milliseconds, and never early: a message sent before it was due would have no delay to show.
            Never.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)));
        }
    }
}
