namespace SecuEdge.Content.Readings;

/// <summary>
/// RFC 1741 appendix A: 8 to 6 bits, runs after 0x90, then a header with the name and the lengths of two forks. The data fork goes to
/// the writer byte by byte: runs make 254 bytes of two, so nothing is expanded in memory.
/// </summary>
internal sealed class BinHexReader(SinkWriter output)
{
    private const byte RunMark = 0x90;

    private int _bits;
    private int _bitCount;
    private bool _isRun;
    private byte _last;
    private long _position;
    private int _nameLength;
    private int _dataLength;

    private static ReadOnlySpan<byte> Alphabet => "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"u8;

    /// <summary>A zero byte, version, type, creator, flags, two lengths and a checksum around the name.</summary>
    private long HeaderEnd => _nameLength + 22;

    public void Read(ReadOnlySpan<byte> text)
    {
        foreach (var character in text[(text.IndexOf((byte)':') + 1)..])
        {
            if (character == ':' || output.IsRefused)
            {
                break;
            }

            var value = Alphabet.IndexOf(character);
            if (value >= 0)
            {
                AddBits(value);
            }
        }

        if (_isRun)
        {
            Add(RunMark);
        }
    }

    private void AddBits(int value)
    {
        _bits = (_bits << 6) | value;
        if ((_bitCount += 6) >= 8)
        {
            _bitCount -= 8;
            AddPacked((byte)(_bits >> _bitCount));
            _bits &= (1 << _bitCount) - 1;
        }
    }

    private void AddPacked(byte value)
    {
        if (!_isRun)
        {
            _isRun = value == RunMark;
            if (!_isRun)
            {
                Add(value);
            }

            return;
        }

        _isRun = false;
        if (value == 0)
        {
            Add(RunMark);
        }

        for (var i = 1; i < value && _position > 0; i++)
        {
            Add(_last);
        }
    }

    private void Add(byte value)
    {
        _last = value;
        var position = _position++;
        if (position == 0)
        {
            _nameLength = value;
        }
        else if (position >= _nameLength + 12 && position < _nameLength + 16)
        {
            _dataLength = (_dataLength << 8) | value;
        }
        else if (position >= HeaderEnd && (_dataLength <= 0 || position - HeaderEnd < _dataLength))
        {
            output.Add(value);
        }
    }
}
