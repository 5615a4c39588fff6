namespace SecuEdge.Content.Readings;

/// <summary>Decoders of the encodings of news and bulletin boards. Lenient: a wrong line gives wrong bytes, never an end.</summary>
internal static class LineDecoder
{
    public static ReadOnlySpan<byte> XxAlphabet => "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    /// <summary>False when the budget ended before the text did.</summary>
    public static bool Decode(HiddenEncoding encoding, ReadOnlySpan<byte> text, PartSink sink)
    {
        var output = new SinkWriter(sink);
        switch (encoding)
        {
            case HiddenEncoding.UuEncode or HiddenEncoding.XxEncode:
                Uu(text, encoding == HiddenEncoding.XxEncode, output);
                break;
            case HiddenEncoding.YEnc:
                YEnc(text, output);
                break;
            case HiddenEncoding.Percent:
                Percent(text, output);
                break;
            case HiddenEncoding.BinHex:
                new BinHexReader(output).Read(text);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "base64 has its own reader");
        }

        return output.TryFlush();
    }

    private static void Percent(ReadOnlySpan<byte> text, SinkWriter output)
    {
        for (var i = 0; i < text.Length && !output.IsRefused; i++)
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
    }

    private static void Uu(ReadOnlySpan<byte> text, bool isXx, SinkWriter output)
    {
        var lines = new TextLines(text);
        while (lines.MoveNext() && !output.IsRefused)
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
    }

    private static int Value(byte character, bool isXx) => isXx ? Math.Max(0, XxAlphabet.IndexOf(character)) : (character - 32) & 63;

    private static void YEnc(ReadOnlySpan<byte> text, SinkWriter output)
    {
        var lines = new TextLines(text);
        while (lines.MoveNext() && !output.IsRefused)
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
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
