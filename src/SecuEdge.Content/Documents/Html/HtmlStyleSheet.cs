using System.Buffers;

namespace SecuEdge.Content.Documents.Html;

/// <summary>
/// The simple rules of style elements: by tag, class or ID, those that say something about being seen. Rules for print or small screens
/// only apply sometimes and are left out.
/// </summary>
internal sealed class HtmlStyleSheet
{
    private const int MaxRules = 2_000;

    private static readonly SearchValues<char> Combining = SearchValues.Create(" >+~:[");

    private readonly Dictionary<string, HtmlDeclarations> _rules = new(StringComparer.OrdinalIgnoreCase);
    private bool _hasTags;
    private bool _hasTagClasses;
    private readonly Dictionary<string, HtmlDeclarations>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public HtmlStyleSheet() => _lookup = _rules.GetAlternateLookup<ReadOnlySpan<char>>();

    public void Read(ReadOnlySpan<char> css)
    {
        while (css.IndexOf('{') is >= 0 and var open)
        {
            var selectors = WithoutComments(css[..open]).Trim();
            css = css[(open + 1)..];
            if (selectors.StartsWith("@", StringComparison.Ordinal))
            {
                css = css[EndOfBlock(css)..];
                continue;
            }

            var close = css.IndexOf('}');
            var body = close < 0 ? css : css[..close];
            css = close < 0 ? default : css[(close + 1)..];
            var declarations = HtmlDeclarations.Parse(body);
            if (!declarations.SaysNothing)
            {
                Add(selectors, declarations);
            }
        }
    }

    public HtmlStyle Apply(HtmlStyle style, ReadOnlySpan<char> tag, ReadOnlySpan<char> classes, ReadOnlySpan<char> id)
    {
        if (_rules.Count == 0)
        {
            return style;
        }

        style = _hasTags ? Apply(style, tag) : style;
        Span<char> key = stackalloc char[128];
        foreach (var range in classes.Split(' '))
        {
            var name = classes[range];
            if (!name.IsEmpty && name.Length + tag.Length + 1 <= key.Length)
            {
                tag.CopyTo(key);
                key[tag.Length] = '.';
                name.CopyTo(key[(tag.Length + 1)..]);
                style = Apply(style, key[tag.Length..(tag.Length + name.Length + 1)]);
                style = _hasTagClasses ? Apply(style, key[..(tag.Length + name.Length + 1)]) : style;
            }
        }

        if (!id.IsEmpty && id.Length < key.Length)
        {
            key[0] = '#';
            id.CopyTo(key[1..]);
            style = Apply(style, key[..(id.Length + 1)]);
        }

        return style;
    }

    private HtmlStyle Apply(HtmlStyle style, ReadOnlySpan<char> key) => _lookup.TryGetValue(key, out var declarations) ? style.With(declarations) : style;

    private void Add(ReadOnlySpan<char> selectors, HtmlDeclarations declarations)
    {
        foreach (var range in selectors.Split(','))
        {
            var selector = selectors[range].Trim();
            selector = selector.StartsWith("*", StringComparison.Ordinal) && selector.Length > 1 ? selector[1..] : selector;
            if (selector.Length is > 0 and < 100 && !selector.ContainsAny(Combining) && _rules.Count < MaxRules)
            {
                _rules[selector.ToString()] = declarations;
                _hasTags |= selector[0] is not ('.' or '#') && !selector.Contains('.');
                _hasTagClasses |= selector[0] is not ('.' or '#') && selector.Contains('.');
            }
        }
    }

    private static int EndOfBlock(ReadOnlySpan<char> css)
    {
        var depth = 1;
        for (var i = 0; i < css.Length; i++)
        {
            depth += css[i] == '{' ? 1 : css[i] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return i + 1;
            }
        }

        return css.Length;
    }

    /// <summary>What stands behind the last comment, and behind a rule that ends without a block (<c>@import</c>) or the mark of a comment in HTML.</summary>
    private static ReadOnlySpan<char> WithoutComments(ReadOnlySpan<char> text)
    {
        var comment = text.LastIndexOf("*/", StringComparison.Ordinal);
        text = comment < 0 ? text : text[(comment + 2)..];
        var mark = text.LastIndexOf("<!--", StringComparison.Ordinal);
        text = mark < 0 ? text : text[(mark + 4)..];
        var end = text.LastIndexOf(';');
        return end < 0 ? text : text[(end + 1)..];
    }
}
