using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Sandbox;

/// <summary>
/// What system calls a worker may make: a list of what the runtime needs, everything else refused, and death for what only an attacker
/// tries. Set when the worker is complete, for all its threads at once.
/// </summary>
internal static unsafe class SeccompFilter
{
    private const int SetModeFilter = 1;
    private const int SyncThreads = 1; // SECCOMP_FILTER_FLAG_TSYNC

    /// <summary>The other number range of x86-64 (x32); no other architecture has calls there.</summary>
    private const uint FirstX32Call = 0x40000000;

    /// <summary>Newer calls answer as on an old kernel, so that libc takes the older way that the list knows.</summary>
    private const uint FirstNewCall = 424;

    private const uint NewThread = 0x00010000; // CLONE_THREAD
    private const uint SharedAndAnonymous = 0x21; // MAP_SHARED | MAP_ANONYMOUS

    /// <summary>TCGETS, TIOCGWINSZ, FIONREAD: is it a terminal, how wide, how much is there.</summary>
    private static readonly uint[] Ioctls = [0x5401, 0x5413, 0x541B];

    /// <summary>PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names of threads and of memory.</summary>
    private static readonly uint[] Prctls = [15, 16, 0x53564D41];

    public static Bar Install()
    {
        if (Linux.Calls is not { } calls)
        {
            return new Bar(Bar.Seccomp, false, "not built for this architecture");
        }

        ulong[] instructions = [.. Build(calls, (uint)Environment.ProcessId).Instructions];
        fixed (ulong* first = instructions)
        {
            var program = new Program { Length = (ushort)instructions.Length, Instructions = first };
            return Linux.Call(calls.Seccomp, SetModeFilter, SyncThreads, &program) == 0
                ? new Bar(Bar.Seccomp, true, $"{calls.Allowed.Count} system calls allowed, {calls.Deadly.Count} deadly, others refused")
                : new Bar(Bar.Seccomp, false, Linux.LastError());
        }
    }

    internal static BpfProgram Build(SystemCallTable calls, uint self)
    {
        var refuse = BpfProgram.Refuse(Linux.PermissionDenied);
        var program = new BpfProgram()
            .Load(BpfProgram.Architecture).UnlessEqual(calls.AuditArchitecture, BpfProgram.KillProcess)
            .Load(BpfProgram.Number).IfAtLeast(FirstX32Call, BpfProgram.KillProcess);
        foreach (var number in calls.Allowed)
        {
            program.IfEqual((uint)number, BpfProgram.Allow);
        }

        foreach (var number in calls.Deadly)
        {
            program.IfEqual((uint)number, BpfProgram.KillProcess);
        }

        // Threads, never processes. clone3 hides its flags behind a pointer: "not there" makes libc use clone.
        program.When(calls.CloneProcess, rules => rules.Load(BpfProgram.ArgumentLow(0)).IfAnySet(NewThread, BpfProgram.Allow).Finish(refuse));

        // Shared memory without a file counts towards no limit of the process.
        program.When(calls.MemoryMap, rules => rules.Load(BpfProgram.ArgumentLow(3)).Mask(SharedAndAnonymous).IfEqual(SharedAndAnonymous, refuse).Finish(BpfProgram.Allow));
        program.When(calls.Ioctl, rules => OneOf(rules.Load(BpfProgram.ArgumentLow(1)), Ioctls, refuse));
        program.When(calls.Prctl, rules => OneOf(rules.Load(BpfProgram.ArgumentLow(0)), Prctls, refuse));

        // The runtime stops its own threads by signals.
        program.When(calls.ThreadKill, rules => OneOf(rules.Load(BpfProgram.ArgumentLow(0)), [self], refuse));
        program.When(calls.ThreadQueueSignal, rules => OneOf(rules.Load(BpfProgram.ArgumentLow(0)), [self], refuse));

        // Reading limits, not setting them: the new value is a null pointer.
        program.When(calls.ProcessLimit, rules => rules.Load(BpfProgram.ArgumentLow(2)).UnlessEqual(0, refuse)
            .Load(BpfProgram.ArgumentHigh(2)).UnlessEqual(0, refuse).Finish(BpfProgram.Allow));
        return program.IfAtLeast(FirstNewCall, BpfProgram.Refuse(Linux.NotImplemented)).Finish(refuse);
    }

    private static void OneOf(BpfProgram rules, ReadOnlySpan<uint> values, uint otherwise)
    {
        foreach (var value in values)
        {
            rules.IfEqual(value, BpfProgram.Allow);
        }

        rules.Finish(otherwise);
    }

    // struct sock_fprog
    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public ulong* Instructions;
    }
}
