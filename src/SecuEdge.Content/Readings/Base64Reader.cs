using System.Buffers;
using System.Buffers.Text;

namespace SecuEdge.Content.Readings;

/// <summary>How base64 text differs from what every parser reads the same way (RFC 4648 §3, RFC 2045 §6.8).</summary>
[Flags]
internal enum Base64Oddities
{
    None = 0,

    /// <summary>Characters outside the alphabet, skipped.</summary>
    Junk = 1,

    /// <summary>Data goes on after padding: some stop, some go on, some ignore the padding.</summary>
    PaddingInside = 2,

    /// <summary>'-' or '_' of the URL-safe alphabet.</summary>
    UrlSafe = 4,

    /// <summary>The end is missing; decoders differ in the last bytes.</summary>
    MissingPadding = 8,

    /// <summary>Padding where no group is open: something in front shifted all that follows.</summary>
    Misaligned = 16,
}

/// <summary>How to read characters on which decoders disagree.</summary>
[Flags]
internal enum Base64Style
{
    /// <summary>Skip what is not in the alphabet, go on after padding with a new group: what most mail programs do.</summary>
    Usual = 0,

    /// <summary>'-' and '_' are '+' and '/'.</summary>
    UrlSafe = 1,

    /// <summary>'=' is skipped like junk, so that what follows padding is read one group further on.</summary>
    IgnorePadding = 2,
}

/// <summary>
/// Decodes base64 as leniently as the most lenient mail program, streaming, and says what was odd. Clean text goes through the
/// vectorised decoder of the framework; the first odd character switches to the slow one.
/// </summary>
internal sealed class Base64Reader(PartSink sink, Base64Style style = Base64Style.Usual)
{
    private const int Chunk = 32 * 1024;

    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\n\f\v"u8);

    private uint _group;
    private int _groupLength;
    private bool _sawPadding;
    private int _missingSigns;

    public Base64Oddities Oddities { get; private set; }

    public static bool Decode(IByteSource source, PartSink sink, Base64Style style, out Base64Oddities oddities)
    {
        var reader = new Base64Reader(sink, style);
        var complete = true;
        if (source.Memory is { } memory)
        {
            complete = reader.TryFeed(memory.Span);
        }
        else
        {
            using var stream = source.OpenRead();
            var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
            int count;
            while (complete && (count = stream.Read(buffer)) > 0)
            {
                complete = reader.TryFeed(buffer.AsSpan(0, count));
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }

        complete = complete && reader.TryEnd();
        oddities = reader.Oddities;
        return complete;
    }

    public bool TryFeed(ReadOnlySpan<byte> text)
    {
        var output = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            var written = 0;
            while (!text.IsEmpty)
            {
                // Line by line: with line ends inside, the framework miscounts what it used of an incomplete group.
                var length = text.IndexOfAny(Blanks);
                if (length == 0)
                {
                    var blanks = text.IndexOfAnyExcept(Blanks);
                    text = blanks < 0 ? default : text[blanks..];
                    continue;
                }

                var line = text[..Math.Min(length < 0 ? text.Length : length, Chunk / 2)];
                if (written + line.Length > output.Length)
                {
                    if (!sink.TryWrite(output.AsSpan(0, written)))
                    {
                        return false;
                    }

                    written = 0;
                }

                text = text[line.Length..];
                written = DecodeLine(line, output, written);
            }

            return written == 0 || sink.TryWrite(output.AsSpan(0, written));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(output);
        }
    }

    public bool TryEnd()
    {
        if (_groupLength > 0)
        {
            Oddities |= Base64Oddities.MissingPadding;
        }

        Span<byte> last = stackalloc byte[3];
        var written = EndGroup(last, 0);
        return written == 0 || sink.TryWrite(last[..written]);
    }

    private int DecodeLine(ReadOnlySpan<byte> line, Span<byte> output, int written)
    {
        while (!line.IsEmpty)
        {
            if (_groupLength == 0 && !_sawPadding)
            {
                Base64.DecodeFromUtf8(line, output[written..], out var used, out var count, isFinalBlock: false);
                written += count;
                line = line[used..];
            }

            // The fast decoder stopped: a group cut by the line's end, padding, or junk. One group the slow way, then again.
            line = line[DecodeGroup(line, output, ref written)..];
        }

        return written;
    }

    /// <returns>How much of the text it used: up to the end of a group, or all when groups cannot be trusted any more.</returns>
    private int DecodeGroup(ReadOnlySpan<byte> text, Span<byte> output, ref int written)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            var value = ValueOf(character);
            if (value < 0)
            {
                if (character == '=' && !style.HasFlag(Base64Style.IgnorePadding))
                {
                    CountPadding();
                    written = EndGroup(output, written);
                }

                continue;
            }

            if (_sawPadding)
            {
                Oddities |= Base64Oddities.PaddingInside;
            }

            _group = (_group << 6) | (uint)value;
            if (++_groupLength == 4)
            {
                output[written++] = (byte)(_group >> 16);
                output[written++] = (byte)(_group >> 8);
                output[written++] = (byte)_group;
                _groupLength = 0;
                if (!_sawPadding)
                {
                    return i + 1;
                }
            }
        }

        return text.Length;
    }

    /// <summary>A group of two characters wants two signs, one of three wants one, and any other none.</summary>
    private void CountPadding()
    {
        if (_groupLength is 2 or 3)
        {
            _missingSigns = 3 - _groupLength;
        }
        else if (_missingSigns > 0)
        {
            _missingSigns--;
        }
        else
        {
            Oddities |= Base64Oddities.Misaligned;
        }

        _sawPadding = true;
    }

    private int ValueOf(byte character)
    {
        switch (character)
        {
            case >= (byte)'A' and <= (byte)'Z':
                return character - 'A';
            case >= (byte)'a' and <= (byte)'z':
                return character - 'a' + 26;
            case >= (byte)'0' and <= (byte)'9':
                return character - '0' + 52;
            case (byte)'+':
                return 62;
            case (byte)'/':
                return 63;
            case (byte)'-' or (byte)'_':
                Oddities |= Base64Oddities.UrlSafe;
                return style.HasFlag(Base64Style.UrlSafe) ? (character == '-' ? 62 : 63) : -1;
            case (byte)'=' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f' or (byte)'\v':
                return -1;
            default:
                Oddities |= Base64Oddities.Junk;
                return -1;
        }
    }

    /// <summary>Two characters are one byte, three are two; one alone is nothing.</summary>
    private int EndGroup(Span<byte> output, int written)
    {
        if (_groupLength >= 2)
        {
            var bits = _group << (6 * (4 - _groupLength));
            output[written++] = (byte)(bits >> 16);
            if (_groupLength == 3)
            {
                output[written++] = (byte)(bits >> 8);
            }
        }

        _groupLength = 0;
        return written;
    }
}
