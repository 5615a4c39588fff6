using System.Text;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>
/// Where something can be put into an HTML text so that it is shown: behind the start tag of the body, or before its end tag. What looks
/// like one inside a comment, script or style is none, or a sender could make a warning invisible.
/// </summary>
internal static class HtmlPlaces
{
    // Their content is no markup; a browser reads on to their own end tag.
    private static readonly byte[][] RawElements = [.. ((string[])["script", "style", "title", "textarea", "xmp", "noembed", "noframes"]).Select(Encoding.ASCII.GetBytes)];

    /// <summary>Behind <c>&lt;body …&gt;</c>, else behind the head, else at the start.</summary>
    public static int Top(ReadOnlySpan<byte> html)
    {
        var places = Scan(html);
        return places.BodyStart >= 0 ? places.BodyStart : Math.Max(0, places.HeadEnd);
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
                break;
            }

            at += next;
            var tag = html[at..];
            if (tag.StartsWith("<!--"u8))
            {
                var end = tag[4..].IndexOf("-->"u8);
                // "<!-->" and "<!--->" are whole comments.
                end = tag.StartsWith("<!-->"u8) ? 5 : tag.StartsWith("<!--->"u8) ? 6 : end < 0 ? -1 : end + 7;
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
        else if (IsTag(tag, "body"u8) && places.BodyStart < 0)
        {
            places.BodyStart = at + TagLength(tag);
        }
        else if (IsTag(tag, "/head"u8) || (IsTag(tag, "html"u8) && places.HeadEnd < 0))
        {
            places.HeadEnd = at + TagLength(tag);
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
        && tag[start + name.Length] is (byte)'>' or (byte)'/' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    /// <summary>To its <c>&gt;</c>, one in a quoted attribute left out.</summary>
    private static int TagLength(ReadOnlySpan<byte> tag)
    {
        var quote = (byte)0;
        for (var i = 1; i < tag.Length; i++)
        {
            var b = tag[i];
            if (quote != 0)
            {
                quote = b == quote ? (byte)0 : quote;
            }
            else if (b is (byte)'"' or (byte)'\'')
            {
                // Only behind "=" does a quote open a value.
                quote = tag[..i].TrimEnd(" \t\r\n"u8)[^1] == (byte)'=' ? b : (byte)0;
            }
            else if (b == (byte)'>')
            {
                return i + 1;
            }
        }

        return tag.Length;
    }

    private ref struct Places
    {
        public Places()
        {
        }

        public int BodyStart = -1;

        public int HeadEnd = -1;

        public int BodyEnd = -1;

        public int HtmlEnd = -1;

        public int OpenEnd = 0;
    }
}
