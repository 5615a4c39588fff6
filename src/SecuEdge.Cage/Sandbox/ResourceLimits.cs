namespace SecuEdge.Cage.Sandbox;

/// <summary>
/// Memory, CPU, file size and descriptors of a worker. Memory is that which a process can write (RLIMIT_DATA): the address space says
/// nothing about a .NET process, which reserves far more than it uses.
/// </summary>
internal static unsafe class ResourceLimits
{
    // asm-generic/resource.h: the same on both architectures.
    private const int Cpu = 0;
    private const int FileSize = 1;
    private const int Data = 2;
    private const int Core = 4;
    private const int OpenFiles = 7;
    private const int Queues = 12;

    /// <summary>Of all jobs together: the gateway's own limit ends a single one long before, and replaces a worker at half of this.</summary>
    public const int MaxCpuSeconds = 600;

    /// <summary>The runtime has about sixty open while it loads.</summary>
    private const int MaxOpenFiles = 256;

    private const int FileTooLarge = 25; // SIGXFSZ
    private const nint Ignore = 1;

    public static Bar Set(WorkerSettings settings)
    {
        // Ignored, a write beyond the limit fails instead of ending us: the job can then say what happened.
        Linux.Signal(FileTooLarge, Ignore);
        var isSet = true;
        var both = stackalloc ulong[2];
        foreach (var (resource, value) in (ReadOnlySpan<(int, long)>)
            [(Core, 0), (Queues, 0), (Cpu, MaxCpuSeconds), (FileSize, settings.MaxScratchBytes), (Data, settings.MaxMemoryBytes), (OpenFiles, MaxOpenFiles)])
        {
            both[0] = both[1] = (ulong)value;
            isSet &= Linux.SetLimit(resource, both) == 0;
        }

        const long Megabyte = 1024 * 1024;
        return new Bar(Bar.Limits, isSet, isSet
            ? $"{settings.MaxMemoryBytes / Megabyte} MB memory, {MaxCpuSeconds} s CPU, files of {settings.MaxScratchBytes / Megabyte} MB, {MaxOpenFiles} descriptors"
            : Linux.LastError());
    }
}
