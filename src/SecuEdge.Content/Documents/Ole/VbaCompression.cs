using System.Buffers.Binary;
using System.Numerics;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-OVBA] §2.4.1: chunks of up to 4,096 bytes, of literals and copies whose widths depend on the position in the chunk.</summary>
internal static class VbaCompression
{
    private const byte ContainerSignature = 1;
    private const int ChunkBytes = 4096;

    /// <summary>What can be decompressed, at most so much; damage ends it without complaint, as the editor takes what it gets.</summary>
    public static byte[] Decompress(ReadOnlySpan<byte> container, int maxBytes)
    {
        if (container.IsEmpty || container[0] != ContainerSignature)
        {
            return [];
        }

        var output = new List<byte>(Math.Min(container.Length * 2, maxBytes));
        var rest = container[1..];
        while (rest.Length > 2 && output.Count < maxBytes)
        {
            // §2.4.1.1.5: size less three, a signature of 0b011, and whether the chunk is compressed.
            var header = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            var size = Math.Min((header & 0xfff) + 3, rest.Length);
            if ((header >> 12 & 7) != 3)
            {
                break;
            }

            var chunk = rest[2..size];
            if ((header & 0x8000) == 0)
            {
                output.AddRange(chunk[..Math.Min(chunk.Length, ChunkBytes)]);
            }
            else
            {
                DecompressChunk(chunk, output);
            }

            rest = rest[size..];
        }

        return output.Count > maxBytes ? [.. output[..maxBytes]] : [.. output];
    }

    private static void DecompressChunk(ReadOnlySpan<byte> chunk, List<byte> output)
    {
        var start = output.Count;
        var position = 0;
        while (position < chunk.Length)
        {
            int flags = chunk[position++];
            for (var bit = 0; bit < 8 && position < chunk.Length; bit++, flags >>= 1)
            {
                if ((flags & 1) == 0)
                {
                    output.Add(chunk[position++]);
                    continue;
                }

                if (position + 2 > chunk.Length || !TryCopy(BinaryPrimitives.ReadUInt16LittleEndian(chunk[position..]), start, output))
                {
                    return;
                }

                position += 2;
            }
        }
    }

    /// <summary>§2.4.1.3.19: the further into the chunk, the more bits are offset and the fewer are length.</summary>
    private static bool TryCopy(ushort token, int chunkStart, List<byte> output)
    {
        var done = output.Count - chunkStart;
        var offsetBits = done <= 16 ? 4 : Math.Min(12, BitOperations.Log2((uint)(done - 1)) + 1);
        var lengthMask = 0xffff >> offsetBits;
        var length = (token & lengthMask) + 3;
        var offset = (token >> (16 - offsetBits)) + 1;
        if (offset > done || done + length > ChunkBytes)
        {
            return false;
        }

        for (var i = 0; i < length; i++)
        {
            output.Add(output[^offset]);
        }

        return true;
    }
}
