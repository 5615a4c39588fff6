using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Tests;

/// <summary>The filter for both architectures, run as the kernel would run it.</summary>
public sealed class SeccompFilterTests
{
    private const uint Self = 4711;
    private static readonly uint Refused = BpfProgram.Refuse(Linux.PermissionDenied);

    public static TheoryData<string> Architectures => ["Amd64", "Arm64"];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Each_call_has_one_verdict(string architecture)
    {
        var calls = Table(architecture);
        Assert.Equal(calls.Allowed.Count, calls.Allowed.Distinct().Count());
        Assert.Empty(calls.Allowed.Intersect(calls.Deadly));
        Assert.All(calls.Allowed, number => Assert.Equal(BpfProgram.Allow, Verdict(calls, number)));
        Assert.All(calls.Deadly, number => Assert.Equal(BpfProgram.KillProcess, Verdict(calls, number)));
        Assert.True(SeccompFilter.Build(calls, Self).Instructions.Count < 4096, "BPF_MAXINSNS");
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Arguments_decide_where_a_call_is_good_and_bad(string architecture)
    {
        var calls = Table(architecture);
        Assert.Equal(BpfProgram.Allow, Verdict(calls, calls.CloneProcess, 0x3d0f00)); // a thread
        Assert.Equal(Refused, Verdict(calls, calls.CloneProcess, 17)); // fork: SIGCHLD
        Assert.Equal(BpfProgram.Allow, Verdict(calls, calls.MemoryMap, 0, 4096, 3, 0x22));
        Assert.Equal(Refused, Verdict(calls, calls.MemoryMap, 0, 4096, 3, 0x21));
        Assert.Equal(BpfProgram.Allow, Verdict(calls, calls.ThreadKill, Self, 5, 10));
        Assert.Equal(Refused, Verdict(calls, calls.ThreadKill, 1, 1, 9));
        Assert.Equal(BpfProgram.Allow, Verdict(calls, calls.ProcessLimit, 0, 7, 0));
        Assert.Equal(Refused, Verdict(calls, calls.ProcessLimit, 0, 7, 0x7fff_0000_0000));
        Assert.Equal(BpfProgram.Allow, Verdict(calls, calls.Ioctl, 0, 0x5401));
        Assert.Equal(Refused, Verdict(calls, calls.Ioctl, 0, 0x5412)); // TIOCSTI
        Assert.Equal(Refused, Verdict(calls, calls.Prctl, 1, 0)); // live on without the gateway
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void What_is_in_no_list_is_refused(string architecture)
    {
        var calls = Table(architecture);
        Assert.Equal(Refused, Verdict(calls, architecture == "Amd64" ? 41 : 198)); // socket
        Assert.Equal(BpfProgram.Refuse(Linux.NotImplemented), Verdict(calls, SystemCallTable.CloneThree));
        Assert.Equal(BpfProgram.Refuse(Linux.NotImplemented), Verdict(calls, 999));
        Assert.Equal(BpfProgram.KillProcess, Verdict(calls, 0x40000000 | 1)); // x32
        Assert.Equal(BpfProgram.KillProcess, Run(SeccompFilter.Build(calls, Self), 1, calls.AuditArchitecture ^ 1, []));
    }

    private static SystemCallTable Table(string architecture) => architecture == "Amd64" ? SystemCallTable.Amd64 : SystemCallTable.Arm64;

    private static uint Verdict(SystemCallTable calls, int number, params ulong[] arguments) =>
        Run(SeccompFilter.Build(calls, Self), (uint)number, calls.AuditArchitecture, arguments);

    /// <summary>The few instructions that the assembler knows.</summary>
    private static uint Run(BpfProgram program, uint number, uint architecture, ulong[] arguments)
    {
        uint accumulator = 0;
        for (var at = 0; ; at++)
        {
            var instruction = program.Instructions[at];
            var value = (uint)(instruction >> 32);
            var (ifTrue, ifFalse) = ((int)(instruction >> 16) & 0xFF, (int)(instruction >> 24) & 0xFF);
            switch ((ushort)instruction)
            {
                case 0x20:
                    var argument = value < 16 ? 0 : (value - 16) / 8 < arguments.Length ? arguments[(value - 16) / 8] : 0;
                    accumulator = value switch { BpfProgram.Number => number, BpfProgram.Architecture => architecture, _ => (uint)(argument >> (value % 8 == 0 ? 0 : 32)) };
                    break;
                case 0x54:
                    accumulator &= value;
                    break;
                case 0x15:
                    at += accumulator == value ? ifTrue : ifFalse;
                    break;
                case 0x35:
                    at += accumulator >= value ? ifTrue : ifFalse;
                    break;
                case 0x45:
                    at += (accumulator & value) != 0 ? ifTrue : ifFalse;
                    break;
                case 0x06:
                    return value;
                default:
                    throw new InvalidOperationException($"No such instruction: {instruction:x}");
            }
        }
    }
}
