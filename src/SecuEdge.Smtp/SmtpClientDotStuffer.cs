namespace SecuEdge.Smtp;

/// <summary>
/// Dot-stuffing of one message (RFC 5321 §4.5.2), block by block: a dot that begins a line is doubled, nothing else changes. Only CRLF
/// ends a line; a bare CR or LF never gets this far, because the server refuses or repairs it.
/// </summary>
internal struct SmtpClientDotStuffer
{
    private Position _position;

    private enum Position
    {
        LineStart,
        InLine,
        AfterCr,
    }

    /// <summary>What must follow the last byte: the message's last line end if it has none, then the final dot.</summary>
    public readonly ReadOnlySpan<byte> Terminator => _position == Position.LineStart ? ".\r\n"u8 : "\r\n.\r\n"u8;

    /// <summary>Copies as much as fits. The destination needs two bytes of room to be sure of progress.</summary>
    public (int Consumed, int Written) Stuff(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var consumed = 0;
        var written = 0;
        while (consumed < source.Length && written < destination.Length)
        {
            if (_position == Position.LineStart && source[consumed] == '.')
            {
                if (destination.Length - written < 2)
                {
                    break;
                }

                destination[written++] = (byte)'.';
            }

            var run = source.Slice(consumed, Math.Min(source.Length - consumed, destination.Length - written));
            run = run[..RunLength(run)];
            run.CopyTo(destination[written..]);
            consumed += run.Length;
            written += run.Length;
            _position = PositionAfter(run);
        }

        return (consumed, written);
    }

    /// <summary>Up to where nothing needs a look: the next line that begins with a dot, or the end.</summary>
    private readonly int RunLength(ReadOnlySpan<byte> run)
    {
        if (_position == Position.AfterCr && run[0] == '\n')
        {
            return 1;
        }

        var next = run.IndexOf("\r\n."u8);
        return next < 0 ? run.Length : next + 2;
    }

    private readonly Position PositionAfter(ReadOnlySpan<byte> run)
    {
        if (run[^1] == '\r')
        {
            return Position.AfterCr;
        }

        var isAfterCr = run.Length == 1 ? _position == Position.AfterCr : run[^2] == '\r';
        return run[^1] == '\n' && isAfterCr ? Position.LineStart : Position.InLine;
    }
}
