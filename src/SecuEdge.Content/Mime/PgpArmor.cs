using System.Buffers.Text;

namespace SecuEdge.Content.Mime;

/// <summary>
/// OpenPGP in text (RFC 9580 §6.2): a line of its own that begins a block, headers, an empty line, base64. What a mail merely quotes, a
/// public key and a detached signature are neither encrypted nor signed messages.
/// </summary>
internal static class PgpArmor
{
    private const int MaxHeaders = 20;
    private const int MaxBlocks = 10;

    public static AnatomyFlags FlagsOf(ReadOnlySpan<byte> text)
    {
        var flags = PgpPackets.IsEncrypted(text) ? AnatomyFlags.EncryptedPgp : AnatomyFlags.None;
        for (var blocks = 0; blocks < MaxBlocks && text.IndexOf("-----BEGIN PGP "u8) is >= 0 and var at; blocks++)
        {
            var isOwnLine = at == 0 || text[at - 1] == (byte)'\n' || IsBom(text[..at]);
            text = text[at..];
            var line = LineOf(text);
            flags |= !isOwnLine ? AnatomyFlags.None
                : line.SequenceEqual("-----BEGIN PGP SIGNED MESSAGE-----"u8) ? AnatomyFlags.SignedMessage
                : line.SequenceEqual("-----BEGIN PGP MESSAGE-----"u8) ? OfPackets(Behind(text))
                : AnatomyFlags.None;
            text = text["-----BEGIN PGP "u8.Length..];
        }

        return flags;
    }

    /// <summary>Where a message begins that needs no key to be read: signed, compressed or neither. -1 without one.</summary>
    public static int ReadableAt(ReadOnlySpan<byte> text)
    {
        if (PgpPackets.IsCompressed(text))
        {
            return 0;
        }

        const string begin = "-----BEGIN PGP MESSAGE-----";
        var at = text.IndexOf(System.Text.Encoding.ASCII.GetBytes(begin));
        return at >= 0 && (at == 0 || text[at - 1] == (byte)'\n' || IsBom(text[..at])) && (OfPackets(Behind(text[at..])) & (AnatomyFlags.UnknownContainer | AnatomyFlags.SignedMessage)) != 0 ? at : -1;
    }

    /// <summary>
    /// RFC 9580 §4.2 and §5: the first packet says what follows. 1 and 3 carry session keys, 9, 18 and 20 the encrypted data; 2 and 4
    /// belong to a signature whose message is not encrypted. 8 is compressed and 11 literal: readable for whoever unpacks it.
    /// </summary>
    public static AnatomyFlags OfPacket(byte first) => ((first & 0x80) == 0 ? 0 : (first & 0x40) != 0 ? first & 0x3f : (first >> 2) & 0x0f) switch
    {
        1 or 3 or 9 or 18 or 20 => AnatomyFlags.EncryptedPgp,
        2 or 4 => AnatomyFlags.SignedMessage,
        8 or 11 => AnatomyFlags.UnknownContainer,
        _ => AnatomyFlags.None,
    };

    private static AnatomyFlags OfPackets(ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < MaxHeaders && LineOf(block) is { IsEmpty: false } header; i++)
        {
            if (!header.Contains((byte)':'))
            {
                // Some writers leave out the empty line.
                break;
            }

            block = Behind(block);
        }

        while (!block.IsEmpty && LineOf(block).IsEmpty)
        {
            block = Behind(block);
        }

        var line = LineOf(block);
        Span<byte> packet = stackalloc byte[3];
        return line.Length >= 4 && Base64.DecodeFromUtf8(line[..4], packet, out _, out var count) == System.Buffers.OperationStatus.Done && count > 0 ? OfPacket(packet[0]) : AnatomyFlags.None;
    }

    private static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        return (end < 0 ? text : text[..end]).TrimEnd(" \t\r"u8);
    }

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        return end < 0 ? [] : text[(end + 1)..];
    }

    private static bool IsBom(ReadOnlySpan<byte> before) => before.SequenceEqual((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]);
}
