using System.Numerics;
using System.Runtime.InteropServices;

namespace SecuEdge.Store.Files;

/// <summary>CRC-32C over any number of pieces; one instruction per eight bytes on every processor we run on.</summary>
internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Add(Start, bytes));

    public const uint Start = uint.MaxValue;

    public static uint Add(uint state, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            state = BitOperations.Crc32C(state, word);
        }

        foreach (var one in bytes[(words.Length * sizeof(ulong))..])
        {
            state = BitOperations.Crc32C(state, one);
        }

        return state;
    }

    public static uint Finish(uint state) => ~state;
}
