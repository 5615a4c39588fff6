using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-XLS] §2.4.265: the texts of all cells, in one record and its continuations; a string cut by one says again how wide it is.</summary>
internal sealed class SharedStrings(DocumentVisit visit)
{
    private const int MaxPieces = 20_000;

    private readonly DocumentText _text = new(visit);
    private readonly List<byte[]> _pieces = [];
    private int _piece;
    private int _position;

    public void Begin(byte[] value)
    {
        _pieces.Clear();
        _pieces.Add(value);
    }

    public void Continue(byte[] value)
    {
        if (_pieces.Count > 0 && _pieces.Count < MaxPieces && !_text.IsFull)
        {
            _pieces.Add(value);
        }
    }

    public void AddText(string text)
    {
        _text.Add(text);
        _text.EndLine();
    }

    /// <summary>Another record came: all continuations are here.</summary>
    public void Complete()
    {
        if (_pieces.Count == 0)
        {
            return;
        }

        (_piece, _position) = (0, 8);
        while (!_text.IsFull && TryReadString(out var text))
        {
            AddText(text);
        }

        _pieces.Clear();
    }

    public void Deliver() => _text.Deliver();

    /// <summary>§2.5.293: count, flags, runs and phonetics counted in front and standing behind.</summary>
    private bool TryReadString(out string text)
    {
        text = "";
        if (!TryRead(3, out var head))
        {
            return false;
        }

        var chars = BinaryPrimitives.ReadUInt16LittleEndian(head);
        var flags = head[2];
        var behind = 0L;
        if ((flags & 8) != 0)
        {
            if (!TryRead(2, out var runs))
            {
                return false;
            }

            behind += BinaryPrimitives.ReadUInt16LittleEndian(runs) * 4L;
        }

        if ((flags & 4) != 0)
        {
            if (!TryRead(4, out var phonetics))
            {
                return false;
            }

            behind += BinaryPrimitives.ReadUInt32LittleEndian(phonetics);
        }

        text = ReadChars(chars, (flags & 1) != 0);
        Skip(behind);
        return true;
    }

    private string ReadChars(int count, bool isWide)
    {
        var text = new StringBuilder(count);
        while (count > 0 && _piece < _pieces.Count)
        {
            var rest = _pieces[_piece].AsSpan(Math.Min(_position, _pieces[_piece].Length));
            var taken = Math.Min(count, isWide ? rest.Length / 2 : rest.Length);
            text.Append(isWide ? Encoding.Unicode.GetString(rest[..(taken * 2)]) : Encoding.Latin1.GetString(rest[..taken]));
            _position += isWide ? taken * 2 : taken;
            count -= taken;
            if (count > 0)
            {
                (_piece, _position) = (_piece + 1, 1);
                isWide = _piece < _pieces.Count && _pieces[_piece].Length > 0 && (_pieces[_piece][0] & 1) != 0;
            }
        }

        return text.ToString();
    }

    private bool TryRead(int count, out ReadOnlySpan<byte> bytes)
    {
        if (_piece < _pieces.Count && _position >= _pieces[_piece].Length)
        {
            (_piece, _position) = (_piece + 1, 0);
        }

        bytes = _piece < _pieces.Count && _position + count <= _pieces[_piece].Length ? _pieces[_piece].AsSpan(_position, count) : default;
        _position += count;
        return !bytes.IsEmpty;
    }

    private void Skip(long count)
    {
        while (count > 0 && _piece < _pieces.Count)
        {
            var taken = (int)Math.Min(count, Math.Max(_pieces[_piece].Length - _position, 0));
            _position += taken;
            count -= taken;
            if (count > 0)
            {
                (_piece, _position) = (_piece + 1, 0);
            }
        }
    }
}
