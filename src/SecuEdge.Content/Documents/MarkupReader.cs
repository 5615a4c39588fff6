using System.Buffers;
using System.Net;
using System.Text;

namespace SecuEdge.Content.Documents;

/// <summary>What <see cref="MarkupReader.Read"/> stands at.</summary>
internal enum MarkupNode
{
    /// <summary>A start tag; an empty element is followed by its end.</summary>
    Start,

    End,

    /// <summary>Characters, in pieces of a bounded size.</summary>
    Text,
}

/// <summary>
/// XML of documents, read without ever refusing it: an XML parser of the framework stops at the first fault, and a fault that the office
/// program forgives would end the search. Names are without prefix; there are no DTDs, no entities but the five and numbers, nothing is fetched.
/// </summary>
internal sealed class MarkupReader : IDisposable
{
    private const int MaxTextChars = 64 * 1024;
    private const int MaxTagChars = 64 * 1024;

    private static readonly SearchValues<byte> InFront = SearchValues.Create([(byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0, 0xef, 0xbb, 0xbf, 0xfe, 0xff]);

    private readonly StreamReader _reader;
    private readonly StringBuilder _buffer = new();
    private readonly List<(string Name, string Value)> _attributes = [];
    private bool _isEmptyElement;

    private MarkupReader(StreamReader reader) => _reader = reader;

    public MarkupNode Node { get; private set; }

    /// <summary>Local name of the element.</summary>
    public string Name { get; private set; } = "";

    public string Text { get; private set; } = "";

    public IReadOnlyList<(string Name, string Value)> Attributes => _attributes;

    /// <summary>By byte order mark, by zeros beside the first bracket, or as declared (XML 1.0 appendix F).</summary>
    public static MarkupReader Open(IByteSource bytes) => new(new StreamReader(bytes.OpenRead(), EncodingOf(bytes.Peek(0, 200).Span), detectEncodingFromByteOrderMarks: true, 16 * 1024));

    /// <summary>Whether it may be XML at all: the first thing is a bracket.</summary>
    public static bool IsMarkup(IByteSource bytes)
    {
        // Blanks, the bytes of a byte order mark, and the zeros of wide characters may stand in front.
        var head = bytes.Peek(0, 64).Span;
        var start = head.IndexOfAnyExcept(InFront);
        return start >= 0 && head[start] == '<';
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>The first attribute of that local name; empty when there is none.</summary>
    public string this[string attribute]
    {
        get
        {
            foreach (var (name, value) in _attributes)
            {
                if (name.Equals(attribute, StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }
            }

            return "";
        }
    }

    /// <summary>False at the end.</summary>
    public bool Read()
    {
        if (_isEmptyElement)
        {
            _isEmptyElement = false;
            Node = MarkupNode.End;
            return true;
        }

        while (_reader.Peek() is >= 0 and var next)
        {
            if (next != '<')
            {
                Text = Decode(ReadUntil('<', MaxTextChars));
                Node = MarkupNode.Text;
                return true;
            }

            _reader.Read();
            if (TryReadTag())
            {
                return true;
            }
        }

        return false;
    }

    private static Encoding EncodingOf(ReadOnlySpan<byte> head)
    {
        if (head.Length >= 2 && head[0] == 0 && head[1] != 0)
        {
            return Encoding.BigEndianUnicode;
        }

        if (head.Length >= 2 && head[1] == 0)
        {
            return head.Length >= 4 && head[2] == 0 ? Encoding.UTF32 : Encoding.Unicode;
        }

        var declaration = Encoding.Latin1.GetString(head);
        var at = declaration.IndexOf("encoding=", StringComparison.OrdinalIgnoreCase);
        var end = at < 0 || at + 10 >= declaration.Length ? -1 : declaration.IndexOf(declaration[at + 9], at + 10);
        if (end < 0)
        {
            return Encoding.UTF8;
        }

        try
        {
            // One byte for a character was just seen, whatever is declared.
            var encoding = Encoding.GetEncoding(declaration[(at + 10)..end]);
            return encoding.GetByteCount("<") == 1 ? encoding : Encoding.UTF8;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return Encoding.UTF8;
        }
    }

    /// <summary>After the bracket. False for comments, instructions and declarations.</summary>
    private bool TryReadTag()
    {
        var next = _reader.Peek();
        if (next == '!')
        {
            return TryReadDeclaration();
        }

        var isEnd = next == '/';
        if (next == '?' || (!isEnd && !IsNameStart(next)))
        {
            ReadUntil('>', MaxTagChars);
            _reader.Read();
            return false;
        }

        if (isEnd)
        {
            _reader.Read();
            Name = LocalName(ReadUntil('>', MaxTagChars).Trim());
            _reader.Read();
            Node = MarkupNode.End;
            return true;
        }

        Name = LocalName(ReadName());
        ReadAttributes();
        Node = MarkupNode.Start;
        return true;
    }

    private static bool IsNameStart(int character) => character is '_' or ':' || (character > 0 && char.IsLetter((char)character));

    /// <summary>CDATA is text, everything else is skipped to its own end.</summary>
    private bool TryReadDeclaration()
    {
        var head = new StringBuilder();
        while (head.Length < 8 && _reader.Peek() is >= 0 and not '>' and var next)
        {
            head.Append((char)next);
            _reader.Read();
            if (head.ToString() == "!--")
            {
                ReadUntilWord("-->");
                return false;
            }
        }

        if (head.ToString() == "![CDATA[")
        {
            Text = ReadUntilWord("]]>");
            Node = MarkupNode.Text;
            return true;
        }

        ReadUntil('>', MaxTagChars);
        _reader.Read();
        return false;
    }

    private string ReadName()
    {
        _buffer.Clear();
        while (_reader.Peek() is >= 0 and not ('>' or '/' or '=' or '<') and var next && !char.IsWhiteSpace((char)next))
        {
            Keep((char)next, MaxTagChars);
            _reader.Read();
        }

        return _buffer.ToString();
    }

    private void ReadAttributes()
    {
        _attributes.Clear();
        while (true)
        {
            var next = _reader.Peek();
            if (next is < 0 or '<')
            {
                return;
            }

            if (next == '>')
            {
                _reader.Read();
                return;
            }

            if (next is '/' or '=' || char.IsWhiteSpace((char)next))
            {
                _reader.Read();
                _isEmptyElement = next == '/' && _reader.Peek() == '>';
                continue;
            }

            ReadAttribute();
        }
    }

    private void ReadAttribute()
    {
        var name = LocalName(ReadName());
        SkipBlanks();
        if (_reader.Peek() != '=')
        {
            return;
        }

        _reader.Read();
        SkipBlanks();
        var quote = _reader.Peek();
        string value;
        if (quote is '"' or '\'')
        {
            _reader.Read();
            value = ReadUntil((char)quote, MaxTagChars);
            _reader.Read();
        }
        else
        {
            value = ReadName();
        }

        if (_attributes.Count < 200)
        {
            _attributes.Add((name, Decode(value)));
        }
    }

    private void SkipBlanks()
    {
        while (_reader.Peek() is >= 0 and var next && char.IsWhiteSpace((char)next))
        {
            _reader.Read();
        }
    }

    /// <summary>Everything before the character; text above the limit comes in pieces, a tag above it is cut.</summary>
    private string ReadUntil(char end, int maxChars)
    {
        _buffer.Clear();
        while (_reader.Peek() is >= 0 and var next && next != end)
        {
            if (_buffer.Length >= maxChars && end == '<')
            {
                break;
            }

            Keep((char)next, maxChars);
            _reader.Read();
        }

        return _buffer.ToString();
    }

    private string ReadUntilWord(string end)
    {
        _buffer.Clear();
        var matched = 0;
        while (_reader.Read() is >= 0 and var next)
        {
            Keep((char)next, MaxTextChars);
            matched = next == end[matched] ? matched + 1 : next == end[0] ? Math.Max(1, matched == 2 && end[1] == end[0] ? 2 : 1) : 0;
            if (matched == end.Length)
            {
                _buffer.Length = Math.Max(0, _buffer.Length - end.Length);
                break;
            }
        }

        return _buffer.ToString();
    }

    private void Keep(char character, int maxChars)
    {
        if (_buffer.Length < maxChars)
        {
            _buffer.Append(character);
        }
    }

    private static string Decode(string text) => text.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(text) : text;

    private static string LocalName(string name) => name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..];
}
