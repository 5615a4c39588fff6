using System.Buffers;
using System.Text;

namespace SecuEdge.Content.Text;

/// <summary>Gathers the visible text of the bodies and the URLs in them, bounded, in order.</summary>
internal sealed class TextCollector(int maxChars)
{
    /// <summary>More links than this tell no more about a message, and each costs a look-up later.</summary>
    private const int MaxUrls = 1_000;

    /// <summary>RFC 7230 §3.1.1 recommends 8,000 octets for a request line.</summary>
    private const int MaxUrlChars = 8_000;

    private const int MaxLabelChars = 300;

    private static readonly string[] Schemes = ["http://", "https://", "ftp://", "mailto:"];

    private static readonly SearchValues<char> UrlEnd = SearchValues.Create(" \t\r\n<>\"\u00a0\u3000");

    private readonly List<string> _urls = [];
    private readonly List<Link> _links = [];
    private HashSet<string>? _seen;
    private string _first = "";
    private StringBuilder? _more;

    public string Text => _more?.ToString() ?? _first;

    public IReadOnlyList<string> Urls => _urls;

    public IReadOnlyList<Link> Links => _links;

    public void Add(ReadOnlySpan<byte> bytes, string? charset, bool isHtml)
    {
        var room = maxChars - (_more?.Length ?? _first.Length);
        if (room <= 0)
        {
            return;
        }

        // Markup is a multiple of its text; beyond that a body is mostly noise.
        var limit = (int)Math.Min(bytes.Length, (long)maxChars * 4);
        var text = Charsets.Decode(bytes[..limit], charset);
        if (isHtml)
        {
            text = HtmlText.Read(text, room, AddUrl);
        }

        text = text.Length <= room ? text : text[..room];
        FindLinks(text, part: "");
        if (_first.Length == 0)
        {
            _first = text;
            return;
        }

        _more ??= new StringBuilder(_first);
        _more.Append('\n').Append(text);
    }

    public void AddUrl(string url) => AddLink(url, label: "", part: "");

    public void AddLink(string url, string label, string part)
    {
        if (_urls.Count < MaxUrls && url.Length is > 6 and <= MaxUrlChars
            && Array.Exists(Schemes, scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) && (_seen ??= new(StringComparer.Ordinal)).Add(url))
        {
            _urls.Add(url);
            _links.Add(new Link(url, label.Length <= MaxLabelChars ? label : label[..MaxLabelChars], part));
        }
    }

    /// <summary>URLs that stand in the text itself.</summary>
    public void FindLinks(ReadOnlySpan<char> text, string part)
    {
        foreach (var mark in (ReadOnlySpan<string>)["://", "mailto:", "www."])
        {
            var position = 0;
            while (text[position..].IndexOf(mark, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
            {
                at += position;
                position = at + mark.Length;
                var start = mark == "://" ? StartOfScheme(text, at) : at;
                var end = EndOfUrl(text, position);
                if (end > position && start >= 0 && (mark != "www." || start == 0 || text[start - 1] is ' ' or '\n' or '(' or '<' or '"' or '\t'))
                {
                    AddLink(mark == "www." ? string.Concat("http://", text[start..end]) : text[start..end].ToString(), label: "", part);
                }

                position = Math.Max(position, end);
            }
        }
    }

    private static int StartOfScheme(ReadOnlySpan<char> text, int colon)
    {
        var start = colon;
        while (start > 0 && colon - start < 6 && char.IsAsciiLetter(text[start - 1]))
        {
            start--;
        }

        return start == colon ? -1 : start;
    }

    /// <summary>RFC 3986 appendix C: blanks, angle brackets and quotes delimit; punctuation at the end belongs to the sentence.</summary>
    private static int EndOfUrl(ReadOnlySpan<char> text, int start)
    {
        var length = text[start..].IndexOfAny(UrlEnd);
        var end = length < 0 ? text.Length : start + length;
        while (end > start && text[end - 1] is '.' or ',' or ';' or ':' or '!' or '?' or ')' or ']' or '}' or '\'' or '*')
        {
            end--;
        }

        return end;
    }
}
