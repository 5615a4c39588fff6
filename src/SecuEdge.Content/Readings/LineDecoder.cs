using System.Buffers.Binary;

namespace SecuEdge.Content.Readings;

/// <summary>Decoders of the encodings of news and bulletin boards. Lenient: a wrong line gives wrong bytes, never an end.</summary>
internal static class LineDecoder
{
    public static ReadOnlySpan<byte> XxAlphabet => "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    private static ReadOnlySpan<byte> HqxAlphabet => "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"u8;

    public static byte[] Decode(HiddenEncoding encoding, ReadOnlySpan<byte> text) => encoding switch
    {
        HiddenEncoding.UuEncode => Uu(text, isXx: false),
        HiddenEncoding.XxEncode => Uu(text, isXx: true),
        HiddenEncoding.YEnc => YEnc(text),
        HiddenEncoding.Percent => Percent(text),
        HiddenEncoding.BinHex => BinHex(text),
        _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "base64 has its own reader"),
    };

    public static byte[] Percent(ReadOnlySpan<byte> text)
    {
        var output = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit((char)text[i + 1]) && char.IsAsciiHexDigit((char)text[i + 2]))
            {
                output.Add((byte)((HexValue(text[i + 1]) << 4) | HexValue(text[i + 2])));
                i += 2;
            }
            else
            {
                output.Add(text[i]);
            }
        }

        return [.. output];
    }

    private static byte[] Uu(ReadOnlySpan<byte> text, bool isXx)
    {
        var output = new List<byte>(text.Length);
        var lines = new TextLines(text);
        while (lines.MoveNext())
        {
            var line = lines.Current;
            if (line.IsEmpty)
            {
                continue;
            }

            var length = Value(line[0], isXx);
            for (var i = 1; i < line.Length && length > 0; i += 4)
            {
                var group = 0;
                for (var j = 0; j < 4; j++)
                {
                    group = (group << 6) | (i + j < line.Length ? Value(line[i + j], isXx) : 0);
                }

                for (var shift = 16; shift >= 0 && length > 0; shift -= 8, length--)
                {
                    output.Add((byte)(group >> shift));
                }
            }
        }

        return [.. output];
    }

    private static int Value(byte character, bool isXx) => isXx ? Math.Max(0, XxAlphabet.IndexOf(character)) : (character - 32) & 63;

    private static byte[] YEnc(ReadOnlySpan<byte> text)
    {
        var output = new List<byte>(text.Length);
        var lines = new TextLines(text);
        while (lines.MoveNext())
        {
            var line = lines.Current;
            if (line.StartsWith("=ypart"u8))
            {
                continue;
            }

            // NNTP doubles a leading dot; a message that came that way may still have it.
            for (var i = line.StartsWith(".."u8) ? 1 : 0; i < line.Length; i++)
            {
                output.Add(line[i] == '=' && i + 1 < line.Length ? (byte)(line[++i] - 64 - 42) : (byte)(line[i] - 42));
            }
        }

        return [.. output];
    }

    /// <summary>RFC 1741 appendix A: 8 to 6 bits, runs after 0x90, then a header with the name and the lengths of two forks.</summary>
    private static byte[] BinHex(ReadOnlySpan<byte> text)
    {
        var start = text.IndexOf((byte)':') + 1;
        var raw = new List<byte>(text.Length);
        int bits = 0, count = 0;
        foreach (var character in text[start..])
        {
            if (character == ':')
            {
                break;
            }

            var value = HqxAlphabet.IndexOf(character);
            if (value < 0)
            {
                continue;
            }

            bits = (bits << 6) | value;
            if ((count += 6) >= 8)
            {
                count -= 8;
                raw.Add((byte)(bits >> count));
                bits &= (1 << count) - 1;
            }
        }

        var bytes = Expand(raw);
        var header = bytes.Length > 0 ? 1 + bytes[0] + 1 + 4 + 4 + 2 + 4 + 4 + 2 : 0;
        if (header == 0 || header >= bytes.Length)
        {
            return [];
        }

        var dataLength = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(bytes[0] + 12));
        return bytes.AsSpan(header, dataLength > 0 ? Math.Min(dataLength, bytes.Length - header) : bytes.Length - header).ToArray();
    }

    private static byte[] Expand(List<byte> raw)
    {
        var output = new List<byte>(raw.Count);
        for (var i = 0; i < raw.Count; i++)
        {
            if (raw[i] != 0x90 || i + 1 >= raw.Count)
            {
                output.Add(raw[i]);
                continue;
            }

            int times = raw[++i];
            if (times == 0)
            {
                output.Add(0x90);
            }
            else if (output.Count > 0)
            {
                output.AddRange(Enumerable.Repeat(output[^1], times - 1));
            }
        }

        return [.. output];
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
