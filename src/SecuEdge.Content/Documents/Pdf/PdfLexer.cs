using System.Buffers;
using System.Globalization;
using System.Text;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>
/// Reads values one after another (ISO 32000-1 §7.2, §7.3), forgiving as readers are: what is not closed ends with the object, what
/// makes no sense is a word. It never throws.
/// </summary>
internal sealed class PdfLexer(ReadOnlyMemory<byte> bytes, int position = 0)
{
    /// <summary>Deeper nesting is an attack on the stack of a reader; ours sees nothing there.</summary>
    private const int MaxDepth = 64;

    private static readonly SearchValues<byte> Delimiters = SearchValues.Create("\0\t\n\f\r ()<>[]{}/%"u8);
    private static readonly PdfKeyword CloseArray = new("]");
    private static readonly PdfKeyword CloseDictionary = new(">>");

    public int Position { get; set; } = position;

    public bool IsAtEnd => Position >= bytes.Length;

    /// <summary>The next value or word; null both for the value null and at the end.</summary>
    public object? Read(int depth = 0)
    {
        SkipBlanks();
        var span = bytes.Span;
        if (Position >= span.Length)
        {
            return null;
        }

        switch (span[Position])
        {
            case (byte)'/':
                Position++;
                return new PdfName(ReadName());
            case (byte)'(':
                return new PdfText(ReadLiteral());
            case (byte)'<' when Position + 1 < span.Length && span[Position + 1] == '<':
                Position += 2;
                return ReadDictionary(depth);
            case (byte)'<':
                return new PdfText(ReadHex());
            case (byte)'[':
                Position++;
                return depth >= MaxDepth ? null : ReadItems(CloseArray, depth);
            case (byte)']':
                Position++;
                return CloseArray;
            case (byte)'>':
                Position += Position + 1 < span.Length && span[Position + 1] == '>' ? 2 : 1;
                return CloseDictionary;
            case (byte)')' or (byte)'{' or (byte)'}':
                return new PdfKeyword(((char)span[Position++]).ToString());
            default:
                return ReadWord();
        }
    }

    public void SkipBlanks()
    {
        var span = bytes.Span;
        while (Position < span.Length)
        {
            if (span[Position] is 0 or 9 or 10 or 12 or 13 or 32)
            {
                Position++;
            }
            else if (span[Position] == '%')
            {
                var end = span[Position..].IndexOfAny((byte)'\r', (byte)'\n');
                Position = end < 0 ? span.Length : Position + end;
            }
            else
            {
                return;
            }
        }
    }

    private PdfDictionary ReadDictionary(int depth)
    {
        var dictionary = new PdfDictionary();
        var items = depth >= MaxDepth ? [] : ReadItems(CloseDictionary, depth);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is PdfName key)
            {
                // A key without a value before the end says at least that it is there.
                dictionary.Entries.Add(new(key.Value, i + 1 < items.Count ? items[i + 1] : null));
                i++;
            }
        }

        return dictionary;
    }

    /// <summary>Items up to the closing mark. Two integers before R are a reference (§7.3.10).</summary>
    private List<object?> ReadItems(PdfKeyword close, int depth)
    {
        var items = new List<object?>();
        while (true)
        {
            var start = Position;
            var item = Read(depth + 1);
            if (item is null && IsAtEnd)
            {
                return items;
            }

            if (item is not PdfKeyword keyword)
            {
                items.Add(item);
                continue;
            }

            if (ReferenceEquals(keyword, close))
            {
                return items;
            }

            // The wrong closing mark: ">>" closes the array that was forgotten, "]" means nothing.
            if (keyword.Word is "endobj" or "stream" or "endstream" or "obj" or "xref" or "trailer" or "startxref" or ">>")
            {
                Position = start;
                return items;
            }

            if (keyword.Word == "R" && items.Count >= 2 && items[^1] is double generation && items[^2] is double number)
            {
                items.RemoveRange(items.Count - 2, 2);
                items.Add(new PdfReference((int)number, (int)generation));
            }
            else if (keyword.Word == "null")
            {
                items.Add(null);
            }
        }
    }

    private string ReadName()
    {
        var span = bytes.Span[Position..];
        var length = span.IndexOfAny(Delimiters);
        length = length < 0 ? span.Length : length;
        Position += length;
        var name = span[..Math.Min(length, 4_096)];
        if (!name.Contains((byte)'#'))
        {
            return Encoding.Latin1.GetString(name);
        }

        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '#' && i + 2 < name.Length && char.IsAsciiHexDigit((char)name[i + 1]) && char.IsAsciiHexDigit((char)name[i + 2]))
            {
                text.Append((char)((Digit(name[i + 1]) << 4) | Digit(name[i + 2])));
                i += 2;
            }
            else
            {
                text.Append((char)name[i]);
            }
        }

        return text.ToString();
    }

    /// <summary>§7.3.4.2: parentheses balance, a backslash escapes.</summary>
    private byte[] ReadLiteral()
    {
        var span = bytes.Span;
        var text = new ArrayBufferWriter<byte>();
        var depth = 0;
        while (Position < span.Length)
        {
            var run = span[Position..].IndexOfAny("()\\"u8);
            run = run < 0 ? span.Length - Position : run;
            text.Write(span.Slice(Position, run));
            Position += run;
            if (Position >= span.Length)
            {
                break;
            }

            var mark = span[Position++];
            if (mark == '\\')
            {
                ReadEscape(span, text);
                continue;
            }

            depth += mark == '(' ? 1 : -1;
            if (depth == 0)
            {
                break;
            }

            if (mark != '(' || depth > 1)
            {
                text.Write([mark]);
            }
        }

        return text.WrittenSpan.ToArray();
    }

    private void ReadEscape(ReadOnlySpan<byte> span, ArrayBufferWriter<byte> text)
    {
        if (Position >= span.Length)
        {
            return;
        }

        var escaped = span[Position++];
        if (escaped is >= (byte)'0' and <= (byte)'7')
        {
            var value = escaped - '0';
            for (var i = 0; i < 2 && Position < span.Length && span[Position] is >= (byte)'0' and <= (byte)'7'; i++)
            {
                value = (value * 8) + span[Position++] - '0';
            }

            text.Write([(byte)value]);
            return;
        }

        if (escaped is (byte)'\r' or (byte)'\n')
        {
            Position += escaped == '\r' && Position < span.Length && span[Position] == '\n' ? 1 : 0;
            return;
        }

        text.Write([escaped switch { (byte)'n' => (byte)10, (byte)'r' => (byte)13, (byte)'t' => (byte)9, (byte)'b' => (byte)8, (byte)'f' => (byte)12, _ => escaped }]);
    }

    private byte[] ReadHex()
    {
        Position++;
        var rest = bytes.Span[Position..];
        var end = rest.IndexOf((byte)'>');
        end = end < 0 ? rest.Length : end;
        Position = Math.Min(bytes.Length, Position + end + 1);
        return FromHex(rest[..end]);
    }

    /// <summary>Digits in pairs; what is none is skipped, a missing last one is zero (§7.3.4.3).</summary>
    public static byte[] FromHex(ReadOnlySpan<byte> hex)
    {
        var result = new byte[(hex.Length + 1) / 2];
        var digits = 0;
        foreach (var character in hex)
        {
            if (char.IsAsciiHexDigit((char)character))
            {
                result[digits / 2] |= (byte)(Digit(character) << (digits % 2 == 0 ? 4 : 0));
                digits++;
            }
        }

        return result[..((digits + 1) / 2)];
    }

    private object? ReadWord()
    {
        var span = bytes.Span[Position..];
        var length = span.IndexOfAny(Delimiters);
        length = Math.Max(1, length < 0 ? span.Length : length);
        Position += length;
        var word = span[..length];
        if (word[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'+' or (byte)'-' or (byte)'.'
            && double.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return Math.Clamp(number, -1e15, 1e15);
        }

        return word switch
        {
            _ when word.SequenceEqual("true"u8) => true,
            _ when word.SequenceEqual("false"u8) => false,
            _ => new PdfKeyword(Encoding.Latin1.GetString(word[..Math.Min(word.Length, 64)])),
        };
    }

    private static int Digit(byte character) => character <= '9' ? character - '0' : (character | 0x20) - 'a' + 10;
}
