using System.Buffers;

namespace SecuEdge.Content.Documents.Html;

internal enum HtmlToken
{
    End,
    Text,
    StartTag,
    EndTag,
    Comment,
}

/// <summary>
/// Cuts markup into tags and text the way browsers do (WHATWG HTML §13.2.5), as far as a reader of text and links needs it. Linear in
/// time: a search that found nothing once is not made again.
/// </summary>
internal ref struct HtmlTokenizer(ReadOnlySpan<char> html, bool isXml)
{
    private static readonly SearchValues<char> TagNameEnd = SearchValues.Create(" \t\r\n\f/>");
    private static readonly SearchValues<char> ValueEnd = SearchValues.Create(" \t\r\n\f>");

    private readonly ReadOnlySpan<char> _html = html;
    private readonly bool _isXml = isXml;
    private int _position;
    private int _attributes;
    private int _noDoubleFrom = int.MaxValue;
    private int _noSingleFrom = int.MaxValue;
    private int _noTagEndFrom = int.MaxValue;

    /// <summary>Of the tag read last, as it is written.</summary>
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>Where <see cref="Name"/> stands.</summary>
    public int NameStart { get; private set; }

    /// <summary>Text or comment read last, undecoded.</summary>
    public ReadOnlySpan<char> Text { get; private set; }

    /// <summary>A tag that ends with a slash; it means something in XML only.</summary>
    public bool IsSelfClosed { get; private set; }

    public HtmlToken Read()
    {
        if (_position >= _html.Length)
        {
            return HtmlToken.End;
        }

        var rest = _html[_position..];
        if (rest[0] != '<')
        {
            var length = rest.IndexOf('<');
            return TakeText(length < 0 ? rest.Length : length);
        }

        if (rest.Length > 1 && char.IsAsciiLetter(rest[1]))
        {
            return ReadTag(_position + 1, HtmlToken.StartTag);
        }

        if (rest.Length > 2 && rest[1] == '/' && char.IsAsciiLetter(rest[2]))
        {
            return ReadTag(_position + 2, HtmlToken.EndTag);
        }

        return rest.Length > 1 && rest[1] is '!' or '?' or '/' ? ReadComment(rest) : TakeText(1);
    }

    /// <summary>After a start tag: its attributes one by one, values undecoded. Afterwards the tokenizer stands behind the tag.</summary>
    public bool TryReadAttribute(out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        name = value = default;
        var at = _attributes;
        while (at < _html.Length && (char.IsWhiteSpace(_html[at]) || _html[at] == '/'))
        {
            at++;
        }

        if (at >= _html.Length || _html[at] == '>')
        {
            IsSelfClosed = at < _html.Length && at > 0 && _html[at - 1] == '/';
            _position = Math.Min(_html.Length, at + 1);
            return false;
        }

        // An equals sign in front belongs to the name (§13.2.5.32).
        var start = at++;
        while (at < _html.Length && _html[at] is not ('=' or '>' or ' ' or '/' or '\t' or '\r' or '\n' or '\f'))
        {
            at++;
        }

        name = _html[start..at];
        while (at < _html.Length && char.IsWhiteSpace(_html[at]))
        {
            at++;
        }

        if (at < _html.Length && _html[at] == '=')
        {
            value = ReadValue(at + 1);
        }
        else
        {
            _attributes = at;
        }

        return true;
    }

    /// <summary>The content of an element that holds no tags, up to its end tag, which is the next token.</summary>
    public ReadOnlySpan<char> ReadRaw(ReadOnlySpan<char> name)
    {
        var start = _position;
        var from = start;
        while (from < _html.Length && _html[from..].IndexOf("</", StringComparison.Ordinal) is >= 0 and var found)
        {
            from += found + 2;
            if (_html[from..].StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && (from + name.Length >= _html.Length || !char.IsAsciiLetterOrDigit(_html[from + name.Length])))
            {
                _position = from - 2;
                return _html[start.._position];
            }
        }

        _position = _html.Length;
        return _html[start..];
    }

    private HtmlToken TakeText(int length)
    {
        Text = _html.Slice(_position, length);
        _position += length;
        return HtmlToken.Text;
    }

    private HtmlToken ReadTag(int start, HtmlToken token)
    {
        var length = _html[start..].IndexOfAny(TagNameEnd);
        var end = length < 0 ? _html.Length : start + length;
        Name = _html[start..end];
        NameStart = start;
        _attributes = _position = end;
        if (token == HtmlToken.EndTag)
        {
            while (TryReadAttribute(out _, out _))
            {
            }
        }

        return token;
    }

    private ReadOnlySpan<char> ReadValue(int at)
    {
        while (at < _html.Length && char.IsWhiteSpace(_html[at]))
        {
            at++;
        }

        if (at >= _html.Length || _html[at] is not ('"' or '\''))
        {
            var length = _html[at..].IndexOfAny(ValueEnd);
            _attributes = length < 0 ? _html.Length : at + length;
            return _html[at.._attributes];
        }

        ref var none = ref _html[at] == '"' ? ref _noDoubleFrom : ref _noSingleFrom;
        var close = at + 1 >= none ? -1 : _html[(at + 1)..].IndexOf(_html[at]);
        if (close >= 0)
        {
            _attributes = at + close + 2;
            return _html.Slice(at + 1, close);
        }

        // Never closed: a browser drops the rest of the page. For us what could be read stays.
        none = Math.Min(none, at + 1);
        var tagEnd = at >= _noTagEndFrom ? -1 : _html[at..].IndexOf('>');
        _noTagEndFrom = tagEnd < 0 ? Math.Min(_noTagEndFrom, at) : _noTagEndFrom;
        _attributes = tagEnd < 0 ? _html.Length : at + tagEnd;
        return _html[(at + 1).._attributes];
    }

    /// <summary>§13.2.5.42: comments, and everything else that begins like a declaration.</summary>
    private HtmlToken ReadComment(ReadOnlySpan<char> rest)
    {
        if (_isXml && rest.StartsWith("<![CDATA[", StringComparison.Ordinal))
        {
            var data = rest.IndexOf("]]>", StringComparison.Ordinal);
            Text = data < 0 ? rest[9..] : rest[9..data];
            _position += data < 0 ? rest.Length : data + 3;
            return HtmlToken.Text;
        }

        var isComment = rest.StartsWith("<!--", StringComparison.Ordinal);
        if (isComment && (rest.StartsWith("<!-->", StringComparison.Ordinal) || rest.StartsWith("<!--->", StringComparison.Ordinal)))
        {
            Text = default;
            _position += rest[4] == '>' ? 5 : 6;
            return HtmlToken.Comment;
        }

        var close = isComment ? rest[4..].IndexOf("-->", StringComparison.Ordinal) : rest.IndexOf('>');
        Text = isComment ? (close < 0 ? rest[4..] : rest.Slice(4, close)) : default;
        _position += close < 0 ? rest.Length : isComment ? close + 7 : close + 1;
        return HtmlToken.Comment;
    }
}
