using System.Buffers;

namespace SecuEdge.Content.Documents.Html;

/// <summary>
/// Reads a page once: seen and hidden text, links with their labels, and what is active. Not a browser: the cascade is inline style and
/// simple rules, the tree is a stack of open elements.
/// </summary>
internal ref struct HtmlReader
{
    /// <summary>Deeper elements inherit from the last one that was noted; browsers stop at 512 too.</summary>
    private const int MaxDepth = 512;

    /// <summary>How far up an end tag looks for its start.</summary>
    private const int MaxSearch = 64;

    private const int MaxLabelChars = 300;
    private const int MaxFrames = 3;
    private const int MaxScriptChars = 16 * 1024 * 1024;

    private static readonly SearchValues<char> Seconds = SearchValues.Create("0123456789. ");

    private readonly ReadOnlySpan<char> _html;
    private readonly bool _isXml;
    private readonly int _frame;
    private readonly HtmlPage _page;
    private readonly HtmlTexts _texts;
    private readonly HtmlStyleSheet _sheet = new();
    private readonly List<(int Start, int Length, HtmlTag Tag, HtmlStyle Style)> _open = [];
    private HtmlTokenizer _tokens;
    private HtmlStyle _style;
    private string _base = "";
    private int _link = -1;
    private int _linkStart;
    private string _alternative = "";
    private int _scriptChars;

    private HtmlReader(ReadOnlySpan<char> html, bool isXml, HtmlPage page, HtmlTexts texts, HtmlStyle style, int frame)
    {
        _html = html;
        (_isXml, _page, _texts, _style, _frame) = (isXml, page, texts, style, frame);
        _tokens = new HtmlTokenizer(html, isXml);
    }

    public static HtmlPage Read(ReadOnlySpan<char> html, bool isXml, int maxChars)
    {
        var page = new HtmlPage();
        var texts = new HtmlTexts(maxChars);
        new HtmlReader(html, isXml, page, texts, HtmlStyle.Default, frame: 0).Run();
        texts.WriteTo(page);
        return page;
    }

    private void Run()
    {
        while (true)
        {
            switch (_tokens.Read())
            {
                case HtmlToken.End:
                    CloseLink();
                    return;
                case HtmlToken.Text:
                    _texts.Append(_tokens.Text, _style);
                    break;
                case HtmlToken.StartTag:
                    Start();
                    break;
                case HtmlToken.EndTag:
                    End();
                    break;
                default:
                    ReadConditional();
                    break;
            }
        }
    }

    /// <summary>
    /// Outlook shows what stands in its comments (<c>[if mso]</c>), so where they lead and what they say counts. Some programs end a comment
    /// at <c>--!&gt;</c> as the standard asks (WHATWG HTML §13.2.5.52), others do not.
    /// </summary>
    private readonly void ReadConditional()
    {
        var comment = _tokens.Text;
        if (comment.StartsWith("[if", StringComparison.OrdinalIgnoreCase) && comment.IndexOf('>') is >= 0 and var condition)
        {
            ReadFrame(comment[(condition + 1)..], isShown: false);
        }
        else if (comment.IndexOf("--!>", StringComparison.Ordinal) is >= 0 and var end)
        {
            ReadFrame(comment[(end + 4)..], isShown: false);
        }
    }

    private readonly void ReadFrame(ReadOnlySpan<char> html, bool isShown)
    {
        if (_frame >= MaxFrames)
        {
            _page.IsTextCut = true;
            return;
        }

        new HtmlReader(html, isXml: false, _page, _texts, HtmlStyle.Default with { IsHidden = !isShown || _style.IsHidden }, _frame + 1).Run();
    }

    private void Start()
    {
        var name = _tokens.Name;
        var nameStart = _tokens.NameStart;
        var tag = HtmlTags.Of(name);
        var attributes = new HtmlAttributes();
        while (_tokens.TryReadAttribute(out var attribute, out var value))
        {
            attributes.Take(attribute, value, _page);
        }

        CloseImplied(tag);
        var style = StyleOf(name, tag, in attributes);
        if (tag.HasFlag(HtmlTag.Block))
        {
            _texts.Break(style);
        }
        else if (tag.HasFlag(HtmlTag.Cell))
        {
            _texts.Blank(style);
        }

        if (tag.HasFlag(HtmlTag.Interesting))
        {
            ReadElement(name, in attributes, style);
        }

        ReadLinks(name, in attributes, style);
        if (tag.HasFlag(HtmlTag.Raw) && !(_isXml && _tokens.IsSelfClosed))
        {
            ReadRaw(name, style, in attributes);
        }
        else if (!tag.HasFlag(HtmlTag.Void) && !(_isXml && _tokens.IsSelfClosed) && _open.Count < MaxDepth)
        {
            _open.Add((nameStart, name.Length, tag, _style));
            _style = style;
        }
        else if (name.Equals("body", StringComparison.OrdinalIgnoreCase))
        {
            _style = style;
        }
    }

    private readonly HtmlStyle StyleOf(ReadOnlySpan<char> name, HtmlTag tag, in HtmlAttributes attributes)
    {
        var style = _sheet.Apply(_style, name, attributes.Class, attributes.Id);
        if (!attributes.BackgroundColor.IsEmpty)
        {
            style = style with { Background = HtmlColor.Parse(attributes.BackgroundColor) is >= 0 and var color ? color : HtmlDeclarations.AnyColor };
        }

        if (!attributes.BackgroundPicture.IsEmpty)
        {
            style = style with { Background = HtmlDeclarations.AnyColor };
        }

        if (!attributes.Color.IsEmpty && HtmlColor.Parse(attributes.Color) is >= 0 and var text)
        {
            style = style with { Color = text };
        }

        if (!attributes.Style.IsEmpty)
        {
            style = style.With(HtmlDeclarations.Parse(attributes.Style));
        }

        style = style.ToldApartFrom(_style);
        return attributes.IsHidden || tag.HasFlag(HtmlTag.Unseen) ? style with { IsHidden = true } : style;
    }

    /// <summary>A paragraph ends the one before, a cell the one before: a hidden one that is never closed does not hide the rest.</summary>
    private void CloseImplied(HtmlTag tag)
    {
        if (_open.Count == 0 || (tag & (HtmlTag.Block | HtmlTag.Cell)) == 0)
        {
            return;
        }

        var (_, _, last, style) = _open[^1];
        if ((last & HtmlTag.ClosedByNext) != 0 && (last.HasFlag(HtmlTag.Paragraph) || (last & tag & (HtmlTag.Cell | HtmlTag.Item)) != 0))
        {
            _style = style;
            _open.RemoveAt(_open.Count - 1);
        }
    }

    private void End()
    {
        var name = _tokens.Name;
        if (name.Equals("a", StringComparison.OrdinalIgnoreCase))
        {
            CloseLink();
        }

        for (var i = _open.Count - 1; i >= 0 && i >= _open.Count - MaxSearch; i--)
        {
            if (_html.Slice(_open[i].Start, _open[i].Length).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                if (_open[i].Tag.HasFlag(HtmlTag.Block))
                {
                    _texts.Break(_style);
                }

                _style = _open[i].Style;
                _open.RemoveRange(i, _open.Count - i);
                return;
            }
        }

        if (HtmlTags.Of(name).HasFlag(HtmlTag.Block))
        {
            _texts.Break(_style);
        }
    }

    private void ReadRaw(ReadOnlySpan<char> name, HtmlStyle style, in HtmlAttributes attributes)
    {
        var content = _tokens.ReadRaw(name);
        if (name.Equals("style", StringComparison.OrdinalIgnoreCase))
        {
            _sheet.Read(content);
        }
        else if (name.EndsWith("script", StringComparison.OrdinalIgnoreCase))
        {
            AddScript(content, attributes.Type);
        }
        else if (name.Equals("textarea", StringComparison.OrdinalIgnoreCase) || name.Equals("xmp", StringComparison.OrdinalIgnoreCase))
        {
            _texts.Append(content, style);
        }
        else if (name.StartsWith("no", StringComparison.OrdinalIgnoreCase))
        {
            // For programs that have no frames and no plug-ins, as mail programs.
            ReadFrame(content, isShown: false);
        }
    }

    /// <summary>Structured data for mail programs and search engines is no script (schema.org actions in newsletters).</summary>
    private void AddScript(ReadOnlySpan<char> content, ReadOnlySpan<char> type)
    {
        if (content.IsWhiteSpace() || type.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        _scriptChars += content.Length;
        if (_scriptChars <= MaxScriptChars)
        {
            HtmlPage.Add(_page.Scripts, _isXml ? HtmlEntities.Decode(content) : content.ToString());
        }
    }

    private void ReadElement(ReadOnlySpan<char> name, in HtmlAttributes attributes, HtmlStyle style)
    {
        if (Is(name, "input"))
        {
            _page.HasPasswordField |= HtmlEntities.Decode(attributes.Type).Trim().Equals("password", StringComparison.OrdinalIgnoreCase);
            _page.HasTextField |= attributes.Type.IsEmpty || Is(attributes.Type, "text") || Is(attributes.Type, "email") || Is(attributes.Type, "tel");
        }
        else if (Is(name, "base"))
        {
            _base = _base.Length == 0 ? HtmlUrl.Normalize(attributes.Href, "") : _base;
        }
        else if (Is(name, "meta") && attributes.HttpEquiv.Trim().Equals("refresh", StringComparison.OrdinalIgnoreCase))
        {
            AddRedirect(HtmlEntities.Decode(attributes.Content));
        }
        else if (name.EndsWith("script", StringComparison.OrdinalIgnoreCase))
        {
            var source = attributes.Src.IsEmpty ? attributes.Href : attributes.Src;
            if (!source.IsEmpty)
            {
                HtmlPage.Add(_page.ScriptSources, HtmlUrl.Normalize(source, _base));
            }
        }
        else if (name.StartsWith("hta:", StringComparison.OrdinalIgnoreCase))
        {
            HtmlPage.Add(_page.ScriptSources, name.ToString());
        }
        else if (Is(name, "form"))
        {
            HtmlPage.Add(_page.Forms, HtmlUrl.Normalize(attributes.Action, _base));
        }
        else if (Is(name, "iframe") && !attributes.SourceDocument.IsEmpty)
        {
            ReadFrame(HtmlEntities.Decode(attributes.SourceDocument), !style.IsUnseen);
        }
        else if (Is(name, "img") && !attributes.Alternative.IsEmpty)
        {
            // Programs that load no pictures show it instead.
            _texts.Append(attributes.Alternative, style with { IsHidden = true });
            if (_link >= 0 && _alternative.Length == 0)
            {
                _alternative = HtmlEntities.Decode(attributes.Alternative[..Math.Min(MaxLabelChars, attributes.Alternative.Length)]);
            }
        }
    }

    /// <summary>The content is seconds and, perhaps, an address: <c>0; url='http://…'</c>.</summary>
    private readonly void AddRedirect(string content)
    {
        var at = content.IndexOf("url", StringComparison.OrdinalIgnoreCase);
        var target = at < 0 ? content.AsSpan(Math.Max(0, content.AsSpan().IndexOfAny(';', ',') + 1)) : content.AsSpan(at + 3);
        target = target.Trim().TrimStart('=').Trim().Trim("'\"");
        if (!target.IsEmpty && target.ContainsAnyExcept(Seconds))
        {
            var url = HtmlUrl.Normalize(target, _base);
            HtmlPage.Add(_page.Redirects, url);
            HtmlPage.Add(_page.Links, (url, ""));
        }
    }

    private void ReadLinks(ReadOnlySpan<char> name, in HtmlAttributes attributes, HtmlStyle style)
    {
        var isAnchor = Is(name, "a");
        if (isAnchor)
        {
            CloseLink();
        }

        if (!attributes.HasLinks)
        {
            return;
        }

        AddLink(attributes.Href, isAnchor && !style.IsUnseen, attributes.Download);
        AddLink(attributes.Src, isLabelled: false, default);
        AddLink(attributes.Action, isLabelled: false, default);
        AddLink(attributes.FormAction, isLabelled: false, default);
        AddLink(attributes.BackgroundPicture, isLabelled: false, default);
        AddLink(attributes.Data, isLabelled: false, default);
        AddLink(attributes.Poster, isLabelled: false, default);
    }

    private void AddLink(ReadOnlySpan<char> raw, bool isLabelled, ReadOnlySpan<char> download)
    {
        if (raw.IsEmpty)
        {
            return;
        }

        if (HtmlAttributes.StartsLike(raw, "data:"))
        {
            AddData(raw, download);
        }
        else if (HtmlAttributes.StartsLike(raw, "javascript:") || HtmlAttributes.StartsLike(raw, "vbscript:"))
        {
            HtmlPage.Add(_page.Scripts, Uri.UnescapeDataString(HtmlEntities.Decode(raw)));
        }
        else if (_page.Links.Count < HtmlPage.MaxItems)
        {
            _page.Links.Add((HtmlUrl.Normalize(raw, _base), ""));
            (_link, _linkStart, _alternative) = isLabelled ? (_page.Links.Count - 1, _texts.Seen.Length, "") : (_link, _linkStart, _alternative);
        }
    }

    /// <summary>Pictures are everyday; base64 of any kind is found by the search for files in text as well.</summary>
    private readonly void AddData(ReadOnlySpan<char> raw, ReadOnlySpan<char> download)
    {
        var url = raw.Contains('&') ? HtmlEntities.Decode(raw) : raw.ToString();
        if (!url.AsSpan().Trim().StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) || url.Contains("svg", StringComparison.OrdinalIgnoreCase))
        {
            HtmlPage.Add(_page.DataFiles, (url, HtmlEntities.Decode(download)));
        }
    }

    private void CloseLink()
    {
        if (_link >= 0)
        {
            var label = _texts.Seen.Since(_linkStart, MaxLabelChars);
            _page.Links[_link] = (_page.Links[_link].Url, label.Length > 0 ? label : _alternative);
            _link = -1;
        }
    }

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
