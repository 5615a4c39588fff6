using System.Buffers;
using System.Text;

namespace SecuEdge.Content.Documents.Html;

/// <summary>Puts words together as a page shows them: blanks collapse, blocks begin lines, what has no width is left out.</summary>
internal sealed class HtmlText(int maxChars)
{
    private static readonly SearchValues<char> WithoutWidth = SearchValues.Create("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f");

    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public HtmlText Copy()
    {
        var copy = new HtmlText(maxChars);
        copy._text.Append(_text);
        return copy;
    }

    public bool IsFull => _text.Length >= maxChars;

    public void Append(ReadOnlySpan<char> piece)
    {
        if (IsFull)
        {
            return;
        }

        if (piece.Contains('&'))
        {
            piece = HtmlEntities.Decode(piece);
        }

        var hasNoWidth = piece.ContainsAny(WithoutWidth);
        var isFirst = true;
        foreach (var range in piece.SplitAny(' ', '\t', '\r', '\n'))
        {
            if (!isFirst)
            {
                Blank();
            }

            isFirst = false;
            if (hasNoWidth)
            {
                AppendWord(piece[range]);
            }
            else
            {
                _text.Append(piece[range]);
            }
        }
    }

    public void Break()
    {
        if (_text.Length > 0 && _text[^1] != '\n')
        {
            _text.Append('\n');
        }
    }

    public void Blank()
    {
        if (_text.Length > 0 && _text[^1] is not (' ' or '\n'))
        {
            _text.Append(' ');
        }
    }

    /// <summary>What was added since, on one line and bounded: the label of a link.</summary>
    public string Since(int start, int max)
    {
        start = Math.Min(start, _text.Length);
        return _text.ToString(start, Math.Min(max, _text.Length - start)).Replace('\n', ' ').Trim();
    }

    public override string ToString()
    {
        var length = Math.Min(_text.Length, maxChars);
        while (length > 0 && char.IsWhiteSpace(_text[length - 1]))
        {
            length--;
        }

        return _text.ToString(0, length);
    }

    /// <summary>Characters without width split a word for filters and not for eyes. Those that join letters stay between letters that need them.</summary>
    private void AppendWord(ReadOnlySpan<char> word)
    {
        while (word.IndexOfAny(WithoutWidth) is >= 0 and var at)
        {
            _text.Append(word[..at]);
            if (word[at] is '\u200c' or '\u200d' && at > 0 && !char.IsAscii(word[at - 1]) && word[at - 1] != '\u00a0')
            {
                _text.Append(word[at]);
            }

            word = word[(at + 1)..];
        }

        _text.Append(word);
    }
}
