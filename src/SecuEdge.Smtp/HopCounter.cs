namespace SecuEdge.Smtp;

/// <summary>Counts Received headers while a message streams by, so that a mail loop is refused before it costs a scan (RFC 5321 §6.3).</summary>
internal sealed class HopCounter
{
    private static ReadOnlySpan<byte> Name => "received:"u8;

    private int matched;
    private int lineLength;
    private bool isBody;

    public int Hops { get; private set; }

    /// <summary>The next bytes of the message, lines ended by CRLF.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!isBody && !bytes.IsEmpty)
        {
            var lineFeed = bytes.IndexOf((byte)'\n');
            ReadPartOfLine(lineFeed < 0 ? bytes : bytes[..lineFeed]);
            if (lineFeed < 0)
            {
                return;
            }

            // The CR counts: an empty line has a length of one.
            isBody = lineLength <= 1;
            matched = lineLength = 0;
            bytes = bytes[(lineFeed + 1)..];
        }
    }

    private void ReadPartOfLine(ReadOnlySpan<byte> part)
    {
        for (var i = 0; i < part.Length && lineLength + i == matched && matched < Name.Length; i++)
        {
            if ((part[i] | 0x20) == Name[matched])
            {
                matched++;
                Hops += matched == Name.Length ? 1 : 0;
            }
        }

        lineLength += part.Length;
    }
}
