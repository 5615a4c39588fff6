using System.Runtime.InteropServices;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// What the calling thread has worked so far. Not the time on the wall: on a machine with fifty things to do, an ordinary pattern waits a second
/// without doing anything.
/// </summary>
internal static partial class ProcessorTime
{
    // CLOCK_THREAD_CPUTIME_ID of time.h, on every Linux.
    private const int ThreadClock = 3;

    public static TimeSpan OfThread() => OperatingSystem.IsLinux() && ReadClock(ThreadClock, out var read) == 0
        ? new TimeSpan((read.Seconds * TimeSpan.TicksPerSecond) + (read.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : TimeSpan.FromMilliseconds(Environment.TickCount64);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ReadClock(int clock, out Reading reading);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Reading(nint Seconds, nint Nanoseconds);
}
