using System.Buffers.Binary;

namespace SecuEdge.Content.Containers;

/// <summary>Decoders allocate the dictionary that the file asks for, which may be gigabytes for a file of a hundred bytes.</summary>
internal static class Dictionaries
{
    /// <summary>xz -9 uses 64 MB; more is not seen in mail.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    public static void Refuse(ContainerVisit visit)
    {
        visit.Flag(AnatomyFlags.OverBudget | AnatomyFlags.Broken);
        visit.Meter.Note(AnatomyFlags.OverBudget, $"A compressed file asks for a dictionary of more than {MaxBytes} bytes.");
    }

    /// <summary>The size byte of LZMA2: 2 or 3 times a power of two (xz file format 5.3.1).</summary>
    public static long OfLzma2(byte code) => code > 40 ? long.MaxValue : (2L | (code & 1)) << ((code / 2) + 11);

    /// <summary>
    /// RFC 8878 §3.1.1.1: a byte says the window, 2^(10 + exponent) and more by eighths; with "single segment" the size of the content is it.
    /// </summary>
    public static bool IsHugeZstd(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 6)
        {
            return false;
        }

        var isSingle = (frame[4] & 0x20) != 0;
        if (!isSingle)
        {
            return 1L << (10 + (frame[5] >> 3)) > MaxBytes;
        }

        var size = frame[(5 + (frame[4] & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 })..];
        return (frame[4] >> 6) switch
        {
            2 => size.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(size) > MaxBytes,
            3 => size.Length >= 8 && BinaryPrimitives.ReadUInt64LittleEndian(size) > (ulong)MaxBytes,
            _ => false,
        };
    }

    /// <summary>xz file format §3.1: behind the twelve bytes of the stream header the first block names its filters; LZMA2 (0x21) has one byte of size.</summary>
    public static bool IsHugeXz(ReadOnlySpan<byte> stream)
    {
        var block = stream.Length <= 12 ? [] : stream[12..];
        var filter = block.IndexOf((ReadOnlySpan<byte>)[0x21, 0x01]);
        return filter >= 0 && filter + 2 < block.Length && OfLzma2(block[filter + 2]) > MaxBytes;
    }
}
