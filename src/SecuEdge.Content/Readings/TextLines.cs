namespace SecuEdge.Content.Readings;

/// <summary>
/// Lines as the most lenient reader sees them: CRLF, LF or CR alone ends one. No copy; <see cref="Start"/> and <see cref="End"/> are the
/// place of the current line without its end.
/// </summary>
internal ref struct TextLines(ReadOnlySpan<byte> text, int start = 0)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _next = start;

    public int Start { get; private set; }

    public int End { get; private set; }

    /// <summary>Where the line after this one begins.</summary>
    public readonly int Next => _next;

    public readonly ReadOnlySpan<byte> Current => _text[Start..End];

    public bool MoveNext()
    {
        if (_next >= _text.Length)
        {
            return false;
        }

        Start = _next;
        var length = _text[_next..].IndexOfAny((byte)'\r', (byte)'\n');
        if (length < 0)
        {
            End = _next = _text.Length;
            return true;
        }

        End = _next + length;
        _next = End + (_text[End] == '\r' && End + 1 < _text.Length && _text[End + 1] == '\n' ? 2 : 1);
        return true;
    }

    public readonly TextLines GetEnumerator() => this;
}
