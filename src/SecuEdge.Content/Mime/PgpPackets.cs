using System.IO.Compression;

namespace SecuEdge.Content.Mime;

/// <summary>
/// Encrypted OpenPGP messages without armor. One bit is all the signature the format has, so the session key packet in front has to
/// look right (RFC 9580 §4.2, §5.1, §5.3).
/// </summary>
internal static class PgpPackets
{
    /// <summary>The highest number of a public-key algorithm (RFC 9580 §9.1).</summary>
    private const int MaxAlgorithm = 28;

    /// <summary>Versions 4 and 5 name a cipher here, 6 counts a few bytes (RFC 9580 §5.3.2).</summary>
    private const int MaxCount = 60;

    public static bool IsEncrypted(ReadOnlySpan<byte> head)
    {
        if (head.Length < 16 || (head[0] & 0x80) == 0)
        {
            return false;
        }

        // The new form has the tag in six bits, the old one in four with the size of the length in two.
        var isNew = (head[0] & 0x40) != 0;
        var tag = isNew ? head[0] & 0x3f : (head[0] >> 2) & 0x0f;
        var lengthBytes = isNew ? head[1] < 192 ? 1 : 2 : (head[0] & 3) switch { 0 => 1, 1 => 2, _ => 0 };
        if (lengthBytes == 0)
        {
            return false;
        }

        var length = lengthBytes == 1 ? head[1] : isNew ? ((head[1] - 192) << 8) + head[2] + 192 : (head[1] << 8) | head[2];
        var body = head[(1 + lengthBytes)..];
        return tag switch
        {
            1 => length is > 30 and < 2_200 && body[0] is 3 && body[9] is > 0 and <= MaxAlgorithm && IsPacket(head, 1 + lengthBytes + length),
            3 => length is >= 4 and < 200 && body[0] is 4 or 5 or 6 && body[1] is > 0 and < MaxCount && IsPacket(head, 1 + lengthBytes + length),
            _ => false,
        };
    }

    /// <summary>
    /// RFC 9580 §5.6: GnuPG compresses what it signs or only packs, with no length. What unpacks has to begin with a signature or literal data.
    /// </summary>
    public static bool IsCompressed(ReadOnlySpan<byte> head)
    {
        if (head.Length < 8 || head[0] != 0xa3 || head[1] is not (1 or 2))
        {
            return false;
        }

        try
        {
            var packed = new MemoryStream(head[2..].ToArray(), writable: false);
            using Stream plain = head[1] == 1 ? new DeflateStream(packed, CompressionMode.Decompress) : new ZLibStream(packed, CompressionMode.Decompress);
            var first = plain.ReadByte();
            return first >= 0x80 && ((first & 0x40) != 0 ? first & 0x3f : (first >> 2) & 0x0f) is 2 or 4 or 11;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Behind it comes another session key or the data: tags 1, 3, 9, 18 and 20, or the padding 10 and 21.</summary>
    private static bool IsPacket(ReadOnlySpan<byte> head, int at) =>
        at < head.Length && (head[at] & 0x80) != 0 && ((head[at] & 0x40) != 0 ? head[at] & 0x3f : (head[at] >> 2) & 0x0f) is 1 or 3 or 9 or 10 or 18 or 20 or 21;
}
