using System.Text;

namespace SecuEdge.Content.Documents.Rtf;

/// <summary>What <see cref="RtfReader.Read"/> stands at.</summary>
internal enum RtfToken
{
    GroupStart,
    GroupEnd,

    /// <summary>A backslash and letters, with a number maybe.</summary>
    Word,

    /// <summary>A backslash and one other character.</summary>
    Symbol,

    /// <summary>A byte written as <c>\'xx</c>.</summary>
    HexByte,

    Byte,

    /// <summary>Raw bytes after <c>\bin</c>.</summary>
    Binary,
}

/// <summary>
/// Tokens of RTF 1.9.1. Reads what Word reads: words of any length, numbers that overflow, line ends anywhere. Nothing is an error.
/// </summary>
internal sealed class RtfReader(Stream stream) : IDisposable
{
    private const int MaxWordChars = 64;
    /// <summary>More than <see cref="HexData"/> takes, so that it notices what is missing.</summary>
    private const int MaxBinaryBytes = (32 * 1024 * 1024) + 1;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly StringBuilder _word = new();
    private int _position;
    private int _count;

    public RtfToken Token { get; private set; }

    /// <summary>Lower case: Word's own is, and a hidden one must not differ.</summary>
    public string Word { get; private set; } = "";

    public int? Number { get; private set; }

    /// <summary>The byte, symbol or character.</summary>
    public byte Value { get; private set; }

    public byte[] Binary { get; private set; } = [];

    public void Dispose() => stream.Dispose();

    public bool Read()
    {
        while (Next() is >= 0 and var value)
        {
            if (value is '\r' or '\n')
            {
                continue;
            }

            Value = (byte)value;
            Token = value switch { '{' => RtfToken.GroupStart, '}' => RtfToken.GroupEnd, '\\' => ReadControl(), _ => RtfToken.Byte };
            return true;
        }

        return false;
    }

    private RtfToken ReadControl()
    {
        var next = Next();
        if (next < 0)
        {
            return RtfToken.Byte;
        }

        Value = (byte)next;
        if (!char.IsAsciiLetter((char)next))
        {
            return next == '\'' ? ReadHexByte() : RtfToken.Symbol;
        }

        _word.Clear();
        while (next >= 0 && char.IsAsciiLetter((char)next))
        {
            _word.Append(_word.Length < MaxWordChars ? char.ToLowerInvariant((char)next) : "");
            next = Next();
        }

        Word = _word.ToString();
        next = ReadNumber(next);

        // One blank belongs to the word, anything else does not.
        if (next >= 0 && next != ' ')
        {
            _position--;
        }

        return Word == "bin" && Number is > 0 ? ReadBinary(Number.Value) : RtfToken.Word;
    }

    private int ReadNumber(int next)
    {
        Number = null;
        var isNegative = next == '-';
        if (isNegative)
        {
            next = Next();
        }

        long number = 0;
        for (; next >= 0 && char.IsAsciiDigit((char)next); next = Next())
        {
            number = Math.Min((number * 10) + next - '0', int.MaxValue);
            Number = (int)(isNegative ? -number : number);
        }

        return next;
    }

    private RtfToken ReadHexByte()
    {
        var high = HexDigit(Next());
        var low = HexDigit(Next());
        Value = (byte)((Math.Max(high, 0) << 4) | Math.Max(low, 0));
        return RtfToken.HexByte;
    }

    private RtfToken ReadBinary(int length)
    {
        var bytes = new List<byte>(Math.Min(length, 4096));
        while (length-- > 0 && Next() is >= 0 and var next)
        {
            if (bytes.Count < MaxBinaryBytes)
            {
                bytes.Add((byte)next);
            }
        }

        Binary = [.. bytes];
        return RtfToken.Binary;
    }

    public static int HexDigit(int character) => character switch
    {
        >= '0' and <= '9' => character - '0',
        >= 'a' and <= 'f' => character - 'a' + 10,
        >= 'A' and <= 'F' => character - 'A' + 10,
        _ => -1,
    };

    private int Next()
    {
        if (_position == _count)
        {
            // One byte stays in front, so that one can be put back.
            _buffer[0] = _count > 0 ? _buffer[_count - 1] : (byte)0;
            _count = 1 + stream.Read(_buffer, 1, _buffer.Length - 1);
            _position = 1;
            if (_count == 1)
            {
                return -1;
            }
        }

        return _buffer[_position++];
    }
}
