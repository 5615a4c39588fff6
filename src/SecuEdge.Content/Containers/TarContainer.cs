using System.Globalization;
using System.Text;

namespace SecuEdge.Content.Containers;

/// <summary>
/// Tar by hand: the format is 512-byte headers, and library readers take images for empty archives. GNU long names and pax paths are
/// read; every regular member is handed on whatever its type letter pretends.
/// </summary>
internal sealed class TarContainer : IContainer
{
    private const int Block = 512;

    /// <summary>Longest path of Linux is 4,096; a pax header may hold a few more things.</summary>
    private const int MaxExtended = 64 * 1024;

    public IReadOnlyList<string> MediaTypes => ["application/x-tar"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        long position = 0;
        string? longName = null;
        long? longSize = null;
        var isLost = false;
        while (position + Block <= bytes.Length && visit.Meter.HasTime())
        {
            var header = bytes.Peek(position, Block).Span;
            position += Block;
            if (header.IndexOfAnyExcept((byte)0) < 0)
            {
                // Two empty blocks end an archive, but "tar -i" and friends read on, so this does too.
                continue;
            }

            if (ReadOctal(header.Slice(148, 8)) != Checksum(header))
            {
                // Repair tools look for the next header that adds up.
                isLost = true;
                continue;
            }

            var size = longSize ?? ReadOctal(header.Slice(124, 12));
            if (size < 0 || size > bytes.Length - position)
            {
                visit.Broken("A tar member is longer than the archive.");
                size = bytes.Length - position;
            }

            var type = header[156];
            var content = bytes.Slice(position, size);
            if (type is (byte)'L' or (byte)'K' or (byte)'x' or (byte)'g')
            {
                var extended = content.Peek(0, MaxExtended).Span;
                longName = type switch
                {
                    (byte)'L' => Field(extended),
                    (byte)'x' => PaxValue(extended, " path="u8) ?? longName,
                    _ => longName,
                };
                longSize = type == 'x' && long.TryParse(PaxValue(extended, " size="u8), CultureInfo.InvariantCulture, out var declared) ? declared : null;
            }
            else if (type is not (byte)'5' || size > 0)
            {
                if (size > 0 && !visit.Add(new EntryDraft { Name = longName ?? NameOf(header), DeclaredSize = size }, content.OpenRead))
                {
                    return;
                }

                longName = null;
                longSize = null;
            }

            position += (size + Block - 1) / Block * Block;
        }

        if (isLost || position > bytes.Length + Block)
        {
            visit.Broken("A tar archive is damaged or ends too early.");
        }
    }

    /// <summary>Octal text, or the binary form of GNU for large numbers (first bit set). -1 when it is neither.</summary>
    public static long ReadOctal(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            long value = field[0] & 0x7f;
            foreach (var part in field[1..])
            {
                value = value > long.MaxValue >> 8 ? long.MaxValue >> 8 : (value << 8) | part;
            }

            return value;
        }

        long octal = 0;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }

            octal = (octal * 8) + digit - '0';
        }

        return octal;
    }

    public static long Checksum(ReadOnlySpan<byte> header)
    {
        long sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        return sum;
    }

    private static string NameOf(ReadOnlySpan<byte> header)
    {
        var name = Field(header[..100]);
        var prefix = header.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Field(header.Slice(345, 155)) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private static string Field(ReadOnlySpan<byte> field)
    {
        var length = field.IndexOf((byte)0);
        return Text.Charsets.OfEntryName(length < 0 ? field : field[..length]);
    }

    /// <summary>pax records are <c>length key=value\n</c>.</summary>
    private static string? PaxValue(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        var key = content.IndexOf(name);
        if (key < 0)
        {
            return null;
        }

        var value = content[(key + name.Length)..];
        var end = value.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }
}
