namespace SecuEdge.Content.Documents.Html;

/// <summary>The attributes of one tag that matter, undecoded; of repeated ones the first counts (WHATWG HTML §13.2.5.33).</summary>
internal ref struct HtmlAttributes
{
    public ReadOnlySpan<char> Style;
    public ReadOnlySpan<char> Class;
    public ReadOnlySpan<char> Id;
    public ReadOnlySpan<char> Href;
    public ReadOnlySpan<char> Src;
    public ReadOnlySpan<char> Action;
    public ReadOnlySpan<char> FormAction;
    public ReadOnlySpan<char> Data;
    public ReadOnlySpan<char> Poster;
    public ReadOnlySpan<char> BackgroundPicture;
    public ReadOnlySpan<char> BackgroundColor;
    public ReadOnlySpan<char> Color;
    public ReadOnlySpan<char> Type;
    public ReadOnlySpan<char> HttpEquiv;
    public ReadOnlySpan<char> Content;
    public ReadOnlySpan<char> SourceDocument;
    public ReadOnlySpan<char> Download;
    public ReadOnlySpan<char> Alternative;
    public bool IsHidden;

    public readonly bool HasLinks => !Href.IsEmpty || !Src.IsEmpty || !Action.IsEmpty || !FormAction.IsEmpty || !BackgroundPicture.IsEmpty || !Data.IsEmpty || !Poster.IsEmpty;

    /// <param name="page">Takes event handlers, which are scripts.</param>
    public void Take(ReadOnlySpan<char> name, ReadOnlySpan<char> value, HtmlPage page)
    {
        switch (name.Length)
        {
            case 2 when Is(name, "id"):
                Set(ref Id, value);
                break;
            case 3 when Is(name, "src"):
                Set(ref Src, value);
                break;
            case 3 when Is(name, "alt"):
                Set(ref Alternative, value);
                break;
            case 4 when Is(name, "href"):
            case 10 when Is(name, "xlink:href"):
                Set(ref Href, value);
                break;
            case 4 when Is(name, "type"):
                Set(ref Type, value);
                break;
            case 4 when Is(name, "data"):
                Set(ref Data, value);
                break;
            case 4 when Is(name, "text"):
            case 5 when Is(name, "color"):
                Set(ref Color, value);
                break;
            case 5 when Is(name, "style"):
                Set(ref Style, value);
                break;
            case 5 when Is(name, "class"):
                Set(ref Class, value);
                break;
            case 6 when Is(name, "action"):
                Set(ref Action, value);
                break;
            case 6 when Is(name, "poster"):
                Set(ref Poster, value);
                break;
            case 6 when Is(name, "srcdoc"):
                Set(ref SourceDocument, value);
                break;
            case 6 when Is(name, "hidden"):
                IsHidden = true;
                break;
            case 7 when Is(name, "bgcolor"):
                Set(ref BackgroundColor, value);
                break;
            case 7 when Is(name, "content"):
                Set(ref Content, value);
                break;
            case 8 when Is(name, "download"):
                Set(ref Download, value.IsEmpty ? " " : value);
                break;
            case 10 when Is(name, "background"):
                Set(ref BackgroundPicture, value);
                break;
            case 10 when Is(name, "formaction"):
                Set(ref FormAction, value);
                break;
            case 10 when Is(name, "http-equiv"):
                Set(ref HttpEquiv, value);
                break;
            default:
                TakeHandler(name, value, page);
                break;
        }
    }

    /// <summary>Browsers skip blanks and control characters in front of a scheme and inside it.</summary>
    public static bool StartsLike(ReadOnlySpan<char> value, string scheme)
    {
        value = value.TrimStart();
        if (value.Length == 0 || (value[0] | 0x20) != scheme[0] && value[0] is not ('&' or < ' '))
        {
            return false;
        }

        return value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            || HtmlUrl.Normalize(value[..Math.Min(value.Length, 200)], "").StartsWith(scheme, StringComparison.OrdinalIgnoreCase);
    }

    private static void TakeHandler(ReadOnlySpan<char> name, ReadOnlySpan<char> value, HtmlPage page)
    {
        if (name.Length is > 4 and < 40 && (name[0] | 0x20) == 'o' && name.StartsWith("on", StringComparison.OrdinalIgnoreCase) && !value.IsWhiteSpace())
        {
            HtmlPage.Add(page.Scripts, HtmlEntities.Decode(value));
        }
    }

    private static void Set(ref ReadOnlySpan<char> target, ReadOnlySpan<char> value) => target = target.IsEmpty ? value : target;

    /// <summary>The first letter decides mostly, and this is asked for every attribute of every tag.</summary>
    private static bool Is(ReadOnlySpan<char> name, string other) => (name[0] | 0x20) == other[0] && name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
