using System.Buffers;

namespace SecuEdge.Content.Text;

/// <summary>Gathers the text of the bodies and the URLs in them, bounded, in order.</summary>
internal sealed class TextCollector(int maxChars)
{
    /// <summary>More links than this tell no more about a message, and each costs a look-up later.</summary>
    private const int MaxUrls = 1_000;

    /// <summary>RFC 7230 §3.1.1 recommends 8,000 octets for a request line.</summary>
    private const int MaxUrlChars = 8_000;

    private const int MaxLabelChars = 300;

    private static readonly string[] Schemes = ["http://", "https://", "ftp://", "mailto:"];

    /// <summary>What leads somewhere without being an address of the web: files on other computers, calls of programs.</summary>
    private static readonly string[] LinkSchemes = [.. Schemes, "file:", @"\\", "smb:", "search-ms:", "search:", "ms-", "webdav:", "davs:", "dav:", "tel:", "ldap:"];

    private static readonly SearchValues<char> UrlEnd = SearchValues.Create(" \t\r\n<>\"\u00a0\u3000");

    private readonly List<string> _urls = [];
    private readonly List<Link> _links = [];
    private HashSet<string>? _seen;
    private readonly BodyTexts _shown = new(maxChars);
    private readonly BodyTexts _hidden = new(maxChars);
    private BodyTexts? _whole;

    public string Text => _shown.ToString();

    public string HiddenText => _hidden.ToString();

    /// <summary>Empty where nothing is hidden.</summary>
    public string WholeText => _whole?.ToString() ?? "";

    public IReadOnlyList<string> Urls => _urls;

    public IReadOnlyList<Link> Links => _links;

    /// <summary>Text of a body, and the URLs that stand in it.</summary>
    /// <param name="hidden">What of it most programs do not show.</param>
    /// <param name="whole">Both in their order; empty where nothing is hidden.</param>
    /// <returns>False when not all of it had room.</returns>
    public bool Add(string text, string part, string hidden = "", string whole = "")
    {
        if (whole.Length > 0 && _whole is null)
        {
            _whole = new BodyTexts(maxChars);
            _whole.Add(Text, maxChars * BodyTexts.MaxBodies);
        }

        var hasRoom = _shown.Add(text, out var kept);
        FindLinks(kept, part);
        return hasRoom & _hidden.Add(hidden, out _) & (_whole?.Add(whole.Length > 0 ? whole : kept, out _) ?? true);
    }

    /// <summary>A bare URL that is known already says nothing new; one with another label does.</summary>
    public void AddLink(string url, string label, string part)
    {
        if (_links.Count >= MaxUrls || url.Length is <= 6 or > MaxUrlChars || !Array.Exists(LinkSchemes, scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        var isNew = (_seen ??= new(StringComparer.Ordinal)).Add(url);
        if (isNew && Array.Exists(Schemes, scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
        {
            _urls.Add(url);
        }

        label = label.Length <= MaxLabelChars ? label : label[..MaxLabelChars];
        if (isNew ? label.Length == 0 || _seen.Add(url + '\n' + label) : label.Length > 0 && _seen.Add(url + '\n' + label))
        {
            _links.Add(new Link(url, label, part));
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
