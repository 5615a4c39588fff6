using System.Text;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>
/// Where something can be put into an HTML text so that it is shown: behind the start tag of the body, or before its end tag. What looks
/// like one inside a comment, script or style is none, or a sender could make a warning invisible.
/// </summary>
internal static class HtmlPlaces
{
    // Their content is no markup; a browser reads on to their own end tag.
    private static readonly byte[][] RawElements = Names("script", "style", "title", "textarea", "xmp", "noembed", "noframes", "iframe", "plaintext");

    // All that may stand before the body without beginning it (WHATWG HTML §13.2.6.4.4), by start and end tag.
    private static readonly byte[][] HeadElements = Names("html", "head", "/head", "meta", "link", "base", "title", "/title", "style", "/style", "script", "/script");

    /// <summary>
    /// Behind <c>&lt;body …&gt;</c> where nothing shown stands before it: a later one is ignored by browsers, wherever it is. Else before the first
    /// thing shown, which begins the body by itself.
    /// </summary>
    public static int Top(ReadOnlySpan<byte> html)
    {
        var places = Scan(html);
        return places.BodyStart >= 0 ? places.BodyStart
            : places.FirstShown >= 0 ? places.FirstShown
            : places.OpenEnd;
    }

    /// <summary>Before <c>&lt;/body&gt;</c>, else before <c>&lt;/html&gt;</c>, else at the end; before a comment or script that never ends.</summary>
    public static int Bottom(ReadOnlySpan<byte> html)
    {
        var places = Scan(html);
        return places.BodyEnd >= 0 ? places.BodyEnd : places.HtmlEnd >= 0 ? places.HtmlEnd : places.OpenEnd;
    }

    private static Places Scan(ReadOnlySpan<byte> html)
    {
        var places = new Places { OpenEnd = html.Length };
        for (var at = 0; at < html.Length;)
        {
            var next = html[at..].IndexOf((byte)'<');
            if (next < 0)
            {
                if (!IsBlank(html[at..]))
                {
                    places.Show(at);
                }

                break;
            }

            if (!IsBlank(html.Slice(at, next)))
            {
                places.Show(at);
            }

            at += next;
            var tag = html[at..];
            if (tag.StartsWith("<!--"u8))
            {
                var end = CommentLength(tag);
                if (end < 0)
                {
                    places.OpenEnd = at;
                    break;
                }

                at += end;
                continue;
            }

            at = Take(html, at, ref places);
        }

        return places;
    }

    /// <returns>Where to go on.</returns>
    private static int Take(ReadOnlySpan<byte> html, int at, ref Places places)
    {
        var tag = html[at..];
        if (IsTag(tag, "/body"u8))
        {
            places.BodyEnd = at;
        }
        else if (IsTag(tag, "/html"u8))
        {
            places.HtmlEnd = at;
        }
        else if (IsTag(tag, "body"u8) && !places.IsShown)
        {
            places.BodyStart = at + TagLength(tag);
        }
        else if (tag.Length > 1 && tag[1] is not ((byte)'!' or (byte)'?') && !IsHead(tag))
        {
            places.Show(at);
        }

        foreach (var element in RawElements)
        {
            if (IsTag(tag, element))
            {
                var end = EndOf(tag, element);
                if (end < 0)
                {
                    places.OpenEnd = Math.Min(places.OpenEnd, at);
                    return html.Length;
                }

                return at + end;
            }
        }

        return at + (tag.Length > 1 && IsTagStart(tag[1]) ? TagLength(tag) : 1);
    }

    private static int EndOf(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> element)
    {
        for (var at = TagLength(tag); at < tag.Length;)
        {
            var next = tag[at..].IndexOf("</"u8);
            if (next < 0)
            {
                return -1;
            }

            at += next;
            if (IsTag(tag[(at + 1)..], element, 1))
            {
                return at;
            }

            at += 2;
        }

        return -1;
    }

    private static bool IsTagStart(byte b) => b is (byte)'/' or (byte)'!' or (byte)'?' || char.IsAsciiLetter((char)b);

    private static bool IsTag(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name, int start = 1) =>
        tag.Length > start + name.Length
        && Ascii.EqualsIgnoreCase(tag.Slice(start, name.Length), name)
        && (tag[start + name.Length] is (byte)'>' or (byte)'/' || IsSpace(tag[start + name.Length]));

    private static bool IsHead(ReadOnlySpan<byte> tag)
    {
        foreach (var element in HeadElements)
        {
            if (IsTag(tag, element))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>WHATWG HTML §13.2.5.43: "&lt;!--&gt;" and "&lt;!---&gt;" are whole comments, and "--!&gt;" ends one, too. -1 when it never ends.</summary>
    private static int CommentLength(ReadOnlySpan<byte> tag)
    {
        if (tag.StartsWith("<!-->"u8) || tag.StartsWith("<!--->"u8))
        {
            return tag[4] == (byte)'>' ? 5 : 6;
        }

        // One search for both: a second one that finds nothing would go to the end of the page for every comment.
        for (var at = 4; tag[at..].IndexOf("--"u8) is >= 0 and var found; at++)
        {
            at += found;
            if (tag[(at + 2)..].StartsWith(">"u8))
            {
                return at + 3;
            }

            if (tag[(at + 2)..].StartsWith("!>"u8))
            {
                return at + 4;
            }
        }

        return -1;
    }

    /// <summary>To its <c>&gt;</c>, as §13.2.5 reads attributes: a quote opens a value only where one begins.</summary>
    private static int TagLength(ReadOnlySpan<byte> tag)
    {
        // Declarations and end tags of nothing are comments up to the first ">".
        if (tag.Length > 1 && (tag[1] is (byte)'!' or (byte)'?' || (tag[1] == (byte)'/' && tag.Length > 2 && !char.IsAsciiLetter((char)tag[2]))))
        {
            return tag.IndexOf((byte)'>') is >= 0 and var end ? end + 1 : tag.Length;
        }

        var state = TagState.ElementName;
        for (var i = 1; i < tag.Length; i++)
        {
            var b = tag[i];
            if (b == (byte)'>' && state is not (TagState.InDouble or TagState.InSingle))
            {
                return i + 1;
            }

            state = (state, b) switch
            {
                (TagState.InDouble, (byte)'"') or (TagState.InSingle, (byte)'\'') => TagState.BeforeName,
                (TagState.InDouble or TagState.InSingle, _) => state,
                (TagState.BeforeValue, (byte)'"') => TagState.InDouble,
                (TagState.BeforeValue, (byte)'\'') => TagState.InSingle,
                (TagState.BeforeValue, _) => IsSpace(b) ? state : TagState.Plain,
                (TagState.Plain, _) => IsSpace(b) ? TagState.BeforeName : state,
                // A name may begin with "=" (§13.2.5.32).
                (TagState.BeforeName, _) => IsSpace(b) || b == (byte)'/' ? state : TagState.Name,
                (TagState.AfterName, (byte)'=') => TagState.BeforeValue,
                (TagState.AfterName, _) => IsSpace(b) ? state : b == (byte)'/' ? TagState.BeforeName : TagState.Name,
                (TagState.ElementName, _) => IsSpace(b) || b == (byte)'/' ? TagState.BeforeName : state,
                (_, (byte)'=') => TagState.BeforeValue,
                _ => IsSpace(b) ? TagState.AfterName : b == (byte)'/' ? TagState.BeforeName : state,
            };
        }

        return tag.Length;
    }

    private static bool IsBlank(ReadOnlySpan<byte> text)
    {
        // The mark of UTF-8 is no text.
        text = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
        foreach (var b in text)
        {
            if (!IsSpace(b))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f';

    private static byte[][] Names(params string[] names) => [.. names.Select(Encoding.ASCII.GetBytes)];

    private enum TagState
    {
        ElementName,
        BeforeName,
        Name,
        AfterName,
        BeforeValue,
        Plain,
        InDouble,
        InSingle,
    }

    private ref struct Places
    {
        public Places()
        {
        }

        public int BodyStart = -1;

        public int FirstShown = -1;

        public int BodyEnd = -1;

        public int HtmlEnd = -1;

        public int OpenEnd = 0;

        /// <summary>The body has begun.</summary>
        public readonly bool IsShown => BodyStart >= 0 || FirstShown >= 0;

        public void Show(int at) => FirstShown = IsShown ? FirstShown : at;
    }
}
