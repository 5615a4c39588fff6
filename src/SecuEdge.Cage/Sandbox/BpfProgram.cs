namespace SecuEdge.Cage.Sandbox;

/// <summary>Assembles a classic BPF program for seccomp (linux/filter.h): each rule ends in a verdict or falls through to the next.</summary>
internal sealed class BpfProgram
{
    /// <summary>offsetof(struct seccomp_data, …).</summary>
    public const uint Number = 0;
    public const uint Architecture = 4;

    public const uint Allow = 0x7FFF0000;
    public const uint KillProcess = 0x80000000;

    private const ushort LoadWord = 0x20;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfGreaterOrEqual = 0x35;
    private const ushort JumpIfAnySet = 0x45;
    private const ushort Return = 0x06;

    private readonly List<ulong> _instructions = [];

    public IReadOnlyList<ulong> Instructions => _instructions;

    public static uint Refuse(int error) => 0x00050000 | (uint)error;

    /// <summary>Both architectures are little endian: the low word of an argument comes first.</summary>
    public static uint ArgumentLow(int index) => 16 + (8 * (uint)index);

    public static uint ArgumentHigh(int index) => ArgumentLow(index) + 4;

    public BpfProgram Load(uint offset) => Add(LoadWord, offset);

    public BpfProgram Mask(uint mask) => Add(And, mask);

    public BpfProgram Finish(uint verdict) => Add(Return, verdict);

    public BpfProgram IfEqual(uint value, uint verdict) => Add(JumpIfEqual, value, 0, 1).Finish(verdict);

    public BpfProgram UnlessEqual(uint value, uint verdict) => Add(JumpIfEqual, value, 1, 0).Finish(verdict);

    public BpfProgram IfAtLeast(uint value, uint verdict) => Add(JumpIfGreaterOrEqual, value, 0, 1).Finish(verdict);

    public BpfProgram IfAnySet(uint bits, uint verdict) => Add(JumpIfAnySet, bits, 0, 1).Finish(verdict);

    /// <summary>Rules for one call: they look at its arguments and must end in a verdict, since the number is no longer loaded then.</summary>
    public BpfProgram When(int number, Action<BpfProgram> rules)
    {
        var block = new BpfProgram();
        rules(block);
        Add(JumpIfEqual, (uint)number, 0, (byte)block._instructions.Count);
        _instructions.AddRange(block._instructions);
        return this;
    }

    // struct sock_filter { u16 code; u8 jt, jf; u32 k }
    private BpfProgram Add(ushort code, uint value, byte ifTrue = 0, byte ifFalse = 0)
    {
        _instructions.Add(code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)value << 32));
        return this;
    }
}
