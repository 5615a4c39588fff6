namespace SecuEdge.Content.Documents.Rtf;

/// <summary>Bytes written as pairs of digits; everything between them is nothing.</summary>
internal sealed class HexData
{
    private const int MaxBytes = 32 * 1024 * 1024;

    private readonly List<byte> _bytes = [];
    private int _high = -1;

    public int Count => _bytes.Count;

    public bool IsCut { get; private set; }

    public void AddDigit(byte character)
    {
        var digit = RtfReader.HexDigit(character);
        if (digit < 0)
        {
            return;
        }

        if (_high < 0)
        {
            _high = digit;
            return;
        }

        Add((byte)((_high << 4) | digit));
        _high = -1;
    }

    /// <summary>Word forgets a single digit in front of something that is none.</summary>
    public void DropHalf() => _high = -1;

    public void AddRaw(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            Add(value);
        }
    }

    public byte[] Take()
    {
        var bytes = _bytes.ToArray();
        _bytes.Clear();
        _high = -1;
        return bytes;
    }

    private void Add(byte value)
    {
        IsCut |= _bytes.Count >= MaxBytes;
        if (!IsCut)
        {
            _bytes.Add(value);
        }
    }
}
