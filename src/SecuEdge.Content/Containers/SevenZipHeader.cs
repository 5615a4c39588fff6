using System.Buffers.Binary;
using SharpCompress.Compressors.LZMA;

namespace SecuEdge.Content.Containers;

/// <summary>
/// The header at the end of a 7z file, unpacked where it is packed: it says which dictionaries the files ask for, and the library would
/// allocate them before anybody could ask.
/// </summary>
internal static class SevenZipHeader
{
    private const int SignatureHeader = 32;
    private const int MaxHeaderBytes = 4 * 1024 * 1024;
    private const byte EncodedHeader = 0x17;

    /// <summary>PPMd keeps a model of this size; 7-Zip itself goes to 192 MB.</summary>
    private const long MaxModelBytes = 4 * Dictionaries.MaxBytes;

    public static bool HasHugeDictionary(IByteSource bytes)
    {
        var start = bytes.Peek(0, SignatureHeader).Span;
        if (start.Length < SignatureHeader)
        {
            return false;
        }

        var offset = BinaryPrimitives.ReadInt64LittleEndian(start[12..]);
        var size = BinaryPrimitives.ReadInt64LittleEndian(start[20..]);
        if (offset < 0 || size < 0 || size > int.MaxValue || offset > bytes.Length)
        {
            return false;
        }

        var header = bytes.Peek(SignatureHeader + offset, (int)Math.Min(size, MaxHeaderBytes)).ToArray();
        return AsksForMuch(header) || (header.Length > 0 && header[0] == EncodedHeader && Unpack(bytes, header) is { } plain && AsksForMuch(plain));
    }

    /// <summary>Coders with properties: LZMA (03 01 01, five bytes), PPMd (03 04 01, five bytes), LZMA2 (21, one byte).</summary>
    private static bool AsksForMuch(ReadOnlySpan<byte> header)
    {
        for (var i = 0; i + 4 < header.Length; i++)
        {
            var coder = header[i..];
            if (coder.Length >= 9 && coder[..4] is [3, 1, 1, 5] && BinaryPrimitives.ReadUInt32LittleEndian(coder[5..]) > Dictionaries.MaxBytes)
            {
                return true;
            }

            if (coder.Length >= 9 && coder[..4] is [3, 4, 1, 5] && BinaryPrimitives.ReadUInt32LittleEndian(coder[5..]) > MaxModelBytes)
            {
                return true;
            }

            if (coder[..3] is [0x21, 0x21, 1] && Dictionaries.OfLzma2(coder[3]) > Dictionaries.MaxBytes)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// 7zFormat.txt, "Packed Streams for Headers", in the only form that is written: one stream, one folder, one LZMA coder. Anything
    /// else, an encrypted header among it, is left to the library.
    /// </summary>
    private static byte[]? Unpack(IByteSource bytes, ReadOnlySpan<byte> header)
    {
        var lzma = header.IndexOf((ReadOnlySpan<byte>)[0x23, 3, 1, 1, 5]);
        if (header.Length < 4 || header[1] != 6 || lzma < 0)
        {
            return null;
        }

        var properties = header.Slice(lzma + 5, Math.Min(5, header.Length - lzma - 5)).ToArray();
        var sizes = header[(lzma + 10)..];
        header = header[2..];
        var position = Number(ref header);
        if (properties.Length < 5 || position < 0 || header.Length < 3 || header[0] != 1 || header[1] != 9 || sizes.IsEmpty || sizes[0] != 0x0c)
        {
            return null;
        }

        header = header[2..];
        sizes = sizes[1..];
        var packed = Number(ref header);
        var size = Number(ref sizes);
        if (packed <= 0 || size is <= 0 or > MaxHeaderBytes)
        {
            return null;
        }

        using var stream = LzmaStream.Create(properties, bytes.Slice(SignatureHeader + position, packed).OpenRead(), packed, size, leaveOpen: false);
        var plain = new byte[size];
        return plain[..stream.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false)];
    }

    /// <summary>The ones in front of the first byte say how many bytes follow, little end first; its other bits are the highest.</summary>
    private static long Number(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return -1;
        }

        var first = bytes[0];
        var more = System.Numerics.BitOperations.LeadingZeroCount((uint)(byte)~first) - 24;
        if (bytes.Length <= more)
        {
            return -1;
        }

        long value = 0;
        for (var i = 0; i < more; i++)
        {
            value |= (long)bytes[i + 1] << (8 * i);
        }

        value |= more >= 7 ? 0 : (long)(first & ((1 << (7 - more)) - 1)) << (8 * more);
        bytes = bytes[(more + 1)..];
        return value;
    }
}
