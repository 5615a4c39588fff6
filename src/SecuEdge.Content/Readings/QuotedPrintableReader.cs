namespace SecuEdge.Content.Readings;

/// <summary>
/// Quoted-printable as tolerant mail programs read it (RFC 2045 §6.7): blanks between the <c>=</c> of a soft line break and the line end
/// were added on the way and go; a line may end in CRLF, LF or CR; an <c>=</c> with anything else behind it stands for itself.
/// </summary>
internal static class QuotedPrintableReader
{
    private const int Chunk = 16 * 1024;

    /// <summary>A line has at most 998 characters (RFC 5322 §2.1.1), so no more blanks than that can have been added to it.</summary>
    private const int MaxPending = 1_000;

    private enum State
    {
        Text,
        Equals,
        Digit,
        Blanks,
        CarriageReturn,
    }

    /// <summary>False when the budget ended before the bytes did.</summary>
    public static bool Decode(IByteSource encoded, PartSink sink)
    {
        var output = new SinkWriter(sink);
        var pending = new List<byte>(8);
        var state = State.Text;
        using var stream = encoded.OpenRead();
        var buffer = new byte[(int)Math.Min(Chunk, encoded.Length + 1)];
        int count;
        while (!output.IsRefused && (count = stream.Read(buffer)) > 0)
        {
            foreach (var value in buffer.AsSpan(0, count))
            {
                state = Next(state, value, pending, output);
            }
        }

        Flush(pending, output);
        return output.TryFlush();
    }

    private static State Next(State state, byte value, List<byte> pending, SinkWriter output)
    {
        switch (state)
        {
            case State.Equals when char.IsAsciiHexDigit((char)value):
                pending.Add(value);
                return State.Digit;
            case State.Digit when char.IsAsciiHexDigit((char)value):
                output.Add((byte)((HexValue(pending[1]) << 4) | HexValue(value)));
                pending.Clear();
                return State.Text;
            case State.Equals or State.Blanks when value is (byte)' ' or (byte)'\t' && pending.Count < MaxPending:
                pending.Add(value);
                return State.Blanks;
            case State.Equals or State.Blanks when value == '\r':
                pending.Clear();
                return State.CarriageReturn;
            case State.Equals or State.Blanks when value == '\n':
                pending.Clear();
                return State.Text;
            case State.CarriageReturn when value == '\n':
                return State.Text;
        }

        Flush(pending, output);
        if (value == '=')
        {
            pending.Add(value);
            return State.Equals;
        }

        output.Add(value);
        return State.Text;
    }

    private static void Flush(List<byte> pending, SinkWriter output)
    {
        foreach (var value in pending)
        {
            output.Add(value);
        }

        pending.Clear();
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
