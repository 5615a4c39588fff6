namespace SecuEdge.Smtp;

/// <summary>
/// Reads the text after DATA: takes off dot-stuffing and finds its end (RFC 5321 §4.5.2). Only CRLF ends a line and only CRLF.CRLF ends
/// the message; every bare CR or LF comes out as CRLF and is reported, so that nothing behind us reads an end where we read none.
/// </summary>
/// <remarks>
/// <code>
/// LineStart -- "." --> Dot -- CR --> DotCarriageReturn -- LF --> end
///     |  ^              | other: the dot was stuffing
///     v  | LF           v
///   InLine -- CR --> CarriageReturn -- other: the CR was bare
/// </code>
/// </remarks>
internal sealed class DataReader
{
    /// <summary>What a byte of input may become: itself, or CRLF; and a CR held back before adds another CRLF.</summary>
    public static int MaxOutput(int inputBytes) => (2 * inputBytes) + 2;

    private State state = State.LineStart;

    private enum State
    {
        LineStart,
        InLine,
        CarriageReturn,
        Dot,
        DotCarriageReturn,
    }

    /// <summary>CRLF.CRLF has been read; what follows are commands.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>The message had a CR or LF outside CRLF.</summary>
    public bool HasBareLineEnding { get; private set; }

    /// <summary>Reads up to the end of input or of the message. The output needs room for <see cref="MaxOutput"/>.</summary>
    /// <returns>The bytes taken from the input: all of them, unless the message ended.</returns>
    public int Read(ReadOnlySpan<byte> input, Span<byte> output, out int written)
    {
        var read = 0;
        written = 0;
        while (read < input.Length && !IsAtEnd)
        {
            var next = input[read];
            switch (state)
            {
                case State.LineStart when next == '.':
                    state = State.Dot;
                    read++;
                    break;
                case State.LineStart:
                case State.InLine:
                    read += CopyLine(input[read..], output, ref written);
                    break;
                case State.CarriageReturn when next == '\n':
                    EndLine(output, ref written, State.LineStart);
                    read++;
                    break;
                case State.Dot when next == '\r':
                    state = State.DotCarriageReturn;
                    read++;
                    break;
                case State.Dot:
                    state = State.InLine;
                    break;
                case State.DotCarriageReturn when next == '\n':
                    IsAtEnd = true;
                    read++;
                    break;
                case State.CarriageReturn:
                case State.DotCarriageReturn:
                    HasBareLineEnding = true;
                    EndLine(output, ref written, State.InLine);
                    break;
            }
        }

        return read;
    }

    // The text up to and including the next line ending; a CR at the very end of the input is held back as a state.
    private int CopyLine(ReadOnlySpan<byte> input, Span<byte> output, ref int written)
    {
        var length = input.IndexOfAny((byte)'\r', (byte)'\n');
        if (length >= 0 && length + 1 < input.Length && input[length] == '\r' && input[length + 1] == '\n')
        {
            length += 2;
            input[..length].CopyTo(output[written..]);
            written += length;
            state = State.LineStart;
            return length;
        }

        var text = length < 0 ? input : input[..length];
        text.CopyTo(output[written..]);
        written += text.Length;
        state = State.InLine;
        if (length < 0)
        {
            return text.Length;
        }

        if (input[length] == '\r')
        {
            state = State.CarriageReturn;
        }
        else
        {
            HasBareLineEnding = true;
            EndLine(output, ref written, State.InLine);
        }

        return length + 1;
    }

    // After a bare line ending the state is InLine: a dot there is no stuffing and no end.
    private void EndLine(Span<byte> output, ref int written, State following)
    {
        output[written++] = (byte)'\r';
        output[written++] = (byte)'\n';
        state = following;
    }
}
