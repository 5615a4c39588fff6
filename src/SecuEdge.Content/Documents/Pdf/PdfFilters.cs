using System.Buffers;
using System.IO.Compression;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>Undoes the filters of a stream (ISO 32000-1 §7.4), bounded; what is broken gives what came before it, as readers do.</summary>
internal static class PdfFilters
{
    private const int MaxFilters = 16;

    /// <summary>False when the chain ends in pictures or something unknown: then the bytes are those before that filter.</summary>
    public static bool Decode(ReadOnlyMemory<byte> raw, IReadOnlyList<(string Name, PdfDictionary? Parameters)> filters, int maxBytes, out ReadOnlyMemory<byte> decoded)
    {
        decoded = raw;
        if (filters.Count > MaxFilters)
        {
            return false;
        }

        foreach (var (name, parameters) in filters)
        {
            ReadOnlyMemory<byte>? next = name switch
            {
                "FlateDecode" or "Fl" => Predict(Inflate(decoded, maxBytes), parameters, maxBytes),
                "LZWDecode" or "LZW" => Predict(PdfLzw.Decode(decoded.Span, parameters?["EarlyChange"] is not 0d, maxBytes), parameters, maxBytes),
                "ASCIIHexDecode" or "AHx" => PdfLexer.FromHex(UpTo(decoded.Span, (byte)'>')),
                "ASCII85Decode" or "A85" => Ascii85(decoded.Span, maxBytes),
                "RunLengthDecode" or "RL" => RunLength(decoded.Span, maxBytes),
                "Crypt" => decoded,
                _ => null,
            };
            if (next is null)
            {
                return false;
            }

            decoded = next.Value;
        }

        return true;
    }

    private static ReadOnlySpan<byte> UpTo(ReadOnlySpan<byte> bytes, byte end) => bytes.IndexOf(end) is >= 0 and var at ? bytes[..at] : bytes;

    /// <summary>With its header, and if that is damaged without it: readers try both.</summary>
    private static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> bytes, int maxBytes)
    {
        // Some writers leave a line end between the keyword and the data.
        var start = bytes.Span.IndexOfAnyExcept("\r\n"u8);
        bytes = start is 1 or 2 ? bytes[start..] : bytes;
        var hasHeader = bytes.Length > 2 && (bytes.Span[0] & 0x0f) == 8 && ((bytes.Span[0] << 8) | bytes.Span[1]) % 31 == 0;
        var result = Inflate(bytes, hasHeader ? 2 : 0, maxBytes);
        return result.IsEmpty && !hasHeader ? Inflate(bytes, 2, maxBytes) : result;
    }

    private static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> bytes, int skip, int maxBytes)
    {
        if (bytes.Length <= skip)
        {
            return default;
        }

        var result = new ArrayBufferWriter<byte>();
        try
        {
            using var input = new MemoryBytes(bytes[skip..]).OpenRead();
            using var inflate = new DeflateStream(input, CompressionMode.Decompress);
            int count;
            while (result.WrittenCount < maxBytes && (count = inflate.Read(result.GetSpan(8_192))) > 0)
            {
                result.Advance(count);
            }
        }
        catch (InvalidDataException)
        {
            // A reader shows what came out before the damage, and so do we.
        }

        return result.WrittenMemory;
    }

    /// <summary>§7.4.4.4: PNG predictors 10 to 15, which say the kind in front of each row, and that of TIFF.</summary>
    private static ReadOnlyMemory<byte> Predict(ReadOnlyMemory<byte> bytes, PdfDictionary? parameters, int maxBytes)
    {
        var predictor = Number(parameters, "Predictor", 1);
        if (predictor < 2 || bytes.Length > maxBytes)
        {
            return bytes;
        }

        var colors = Math.Clamp(Number(parameters, "Colors", 1), 1, 64);
        var bits = Math.Clamp(Number(parameters, "BitsPerComponent", 8), 1, 32);
        var columns = Math.Clamp(Number(parameters, "Columns", 1), 1, 1 << 20);
        var pixelBytes = Math.Max(1, colors * bits / 8);
        var rowBytes = (int)(((long)colors * bits * columns) + 7) / 8;
        return predictor == 2 ? Tiff(bytes.ToArray(), rowBytes, pixelBytes) : Png(bytes.Span, rowBytes, pixelBytes);
    }

    private static int Number(PdfDictionary? parameters, string key, int otherwise) => parameters?[key] is double number ? (int)number : otherwise;

    private static byte[] Tiff(byte[] bytes, int rowBytes, int pixelBytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i % rowBytes >= pixelBytes)
            {
                bytes[i] += bytes[i - pixelBytes];
            }
        }

        return bytes;
    }

    private static byte[] Png(ReadOnlySpan<byte> source, int rowBytes, int pixelBytes)
    {
        var rows = (source.Length + rowBytes) / (rowBytes + 1);
        var result = new byte[source.Length - Math.Min(rows, source.Length)];
        for (int row = 0, at = 0; at + 1 < source.Length; row++, at += rowBytes + 1)
        {
            var kind = source[at];
            var line = source.Slice(at + 1, Math.Min(rowBytes, source.Length - at - 1));
            var start = row * rowBytes;
            for (var i = 0; i < line.Length && start + i < result.Length; i++)
            {
                int left = i >= pixelBytes ? result[start + i - pixelBytes] : 0;
                int up = row > 0 ? result[start + i - rowBytes] : 0;
                int corner = row > 0 && i >= pixelBytes ? result[start + i - rowBytes - pixelBytes] : 0;
                result[start + i] = (byte)(line[i] + kind switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => 0 });
            }
        }

        return result;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var (a, b, c) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - (2 * corner)));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }

    /// <summary>§7.4.3: five characters are four bytes, z is four zeros, ~&gt; ends.</summary>
    private static byte[] Ascii85(ReadOnlySpan<byte> source, int maxBytes)
    {
        var result = new ArrayBufferWriter<byte>();
        source = source.TrimStart(" \t\r\n\0\f"u8);
        source = UpTo(source.StartsWith("<~"u8) ? source[2..] : source, (byte)'~');
        uint group = 0;
        var count = 0;
        foreach (var character in source)
        {
            if (result.WrittenCount >= maxBytes)
            {
                break;
            }

            if (character == 'z' && count == 0)
            {
                result.Write("\0\0\0\0"u8);
            }
            else if (character is >= (byte)'!' and <= (byte)'u')
            {
                group = unchecked((group * 85) + character - '!');
                if (++count == 5)
                {
                    result.Write([(byte)(group >> 24), (byte)(group >> 16), (byte)(group >> 8), (byte)group]);
                    (group, count) = (0, 0);
                }
            }
        }

        if (count > 1)
        {
            for (var i = count; i < 5; i++)
            {
                group = unchecked((group * 85) + 84);
            }

            byte[] last = [(byte)(group >> 24), (byte)(group >> 16), (byte)(group >> 8)];
            result.Write(last.AsSpan(0, count - 1));
        }

        return result.WrittenSpan.ToArray();
    }

    private static byte[] RunLength(ReadOnlySpan<byte> source, int maxBytes)
    {
        var result = new ArrayBufferWriter<byte>();
        for (var i = 0; i < source.Length && source[i] != 128 && result.WrittenCount < maxBytes;)
        {
            var length = source[i++];
            if (length < 128)
            {
                var run = Math.Min(length + 1, source.Length - i);
                result.Write(source.Slice(i, run));
                i += run;
            }
            else if (i < source.Length)
            {
                result.GetSpan(257 - length)[..(257 - length)].Fill(source[i++]);
                result.Advance(257 - length);
            }
        }

        return result.WrittenSpan.ToArray();
    }
}
