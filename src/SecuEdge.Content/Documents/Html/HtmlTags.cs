namespace SecuEdge.Content.Documents.Html;

/// <summary>What a reader has to know of an element.</summary>
[Flags]
internal enum HtmlTag
{
    None = 0,

    /// <summary>Begins and ends a line.</summary>
    Block = 1,

    /// <summary>A cell of a table.</summary>
    Cell = 2,

    /// <summary>Has no content and no end tag (WHATWG HTML §13.1.2).</summary>
    Void = 4,

    /// <summary>Its content is no markup.</summary>
    Raw = 8,

    /// <summary>Never shown.</summary>
    Unseen = 16,

    /// <summary>Says more than style and links.</summary>
    Interesting = 32,

    /// <summary>Its end tag may be left out.</summary>
    ClosedByNext = 64,

    Paragraph = 128,

    Item = 256,
}

/// <summary>The elements that matter.</summary>
internal static class HtmlTags
{
    private static readonly Dictionary<string, HtmlTag> All = Table();

    private static readonly Dictionary<string, HtmlTag>.AlternateLookup<ReadOnlySpan<char>> Lookup = All.GetAlternateLookup<ReadOnlySpan<char>>();

    public static HtmlTag Of(ReadOnlySpan<char> name) =>
        name.Length == 0 ? HtmlTag.None
        : Lookup.TryGetValue(name, out var tag) ? tag
        : name.Contains(':') ? OfPrefixed(name)
        : HtmlTag.None;

    /// <summary><c>svg:script</c> is a script; <c>hta:application</c> makes the page a program.</summary>
    private static HtmlTag OfPrefixed(ReadOnlySpan<char> name) =>
        name.EndsWith(":script", StringComparison.OrdinalIgnoreCase) ? HtmlTag.Raw | HtmlTag.Interesting
        : name.StartsWith("hta:", StringComparison.OrdinalIgnoreCase) ? HtmlTag.Interesting : HtmlTag.None;

    private static Dictionary<string, HtmlTag> Table()
    {
        var table = new Dictionary<string, HtmlTag>(StringComparer.OrdinalIgnoreCase);
        Add("p div tr li table h1 h2 h3 h4 h5 h6 blockquote ul ol dl dt dd pre center form section article header footer br hr", HtmlTag.Block);
        Add("td th", HtmlTag.Cell | HtmlTag.ClosedByNext);
        Add("p", HtmlTag.Paragraph | HtmlTag.ClosedByNext);
        Add("li", HtmlTag.Item | HtmlTag.ClosedByNext);
        Add("area base br col embed hr img input link meta source track wbr param frame", HtmlTag.Void);
        Add("script style title textarea xmp noembed noframes", HtmlTag.Raw);
        Add("template", HtmlTag.Unseen);
        Add("input base meta script form iframe img", HtmlTag.Interesting);
        return table;

        void Add(string names, HtmlTag tag)
        {
            foreach (var name in names.Split(' '))
            {
                table[name] = table.GetValueOrDefault(name) | tag;
            }
        }
    }
}
