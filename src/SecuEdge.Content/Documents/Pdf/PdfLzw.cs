using System.Buffers;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>LZW with codes of 9 to 12 bits, most significant bit first (ISO 32000-1 §7.4.4).</summary>
internal static class PdfLzw
{
    private const int Clear = 256;
    private const int End = 257;
    private const int MaxCodes = 4_096;

    /// <param name="isEarly">Codes grow one entry before they must; the usual way.</param>
    public static ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> source, bool isEarly, int maxBytes)
    {
        var result = new ArrayBufferWriter<byte>();

        // An entry is a piece of what is written already: where it starts and how long it is.
        Span<(int Start, int Length)> table = new (int, int)[MaxCodes];
        var (next, width, previous) = (End + 1, 9, (Start: -1, Length: 0));
        uint buffer = 0;
        var bits = 0;
        var at = 0;
        while (result.WrittenCount < maxBytes)
        {
            while (bits < width && at < source.Length)
            {
                buffer = (buffer << 8) | source[at++];
                bits += 8;
            }

            if (bits < width)
            {
                break;
            }

            var code = (int)(buffer >> (bits - width)) & ((1 << width) - 1);
            bits -= width;
            if (code == End)
            {
                break;
            }

            if (code == Clear)
            {
                (next, width, previous) = (End + 1, 9, (-1, 0));
                continue;
            }

            var start = result.WrittenCount;
            if (code < Clear)
            {
                result.Write([(byte)code]);
            }
            else if (code < next && table[code].Length > 0)
            {
                Copy(result, table[code]);
            }
            else if (code == next && previous.Start >= 0)
            {
                Copy(result, (previous.Start, previous.Length + 1));
            }
            else
            {
                break;
            }

            if (previous.Start >= 0 && next < MaxCodes)
            {
                table[next++] = (previous.Start, previous.Length + 1);
            }

            previous = (start, result.WrittenCount - start);
            var limit = next + (isEarly ? 1 : 0);
            width = limit >= 2_048 ? 12 : limit >= 1_024 ? 11 : limit >= 512 ? 10 : 9;
        }

        return result.WrittenMemory;
    }

    /// <summary>Byte by byte: an entry may reach into what it is about to write.</summary>
    private static void Copy(ArrayBufferWriter<byte> result, (int Start, int Length) entry)
    {
        var target = result.GetSpan(entry.Length);
        var written = result.WrittenSpan;
        for (var i = 0; i < entry.Length; i++)
        {
            target[i] = entry.Start + i < written.Length ? written[entry.Start + i] : target[entry.Start + i - written.Length];
        }

        result.Advance(entry.Length);
    }
}
