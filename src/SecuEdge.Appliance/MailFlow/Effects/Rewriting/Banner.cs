using System.Globalization;
using System.Net;
using System.Text;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>A banner in the forms that bodies need.</summary>
internal sealed class Banner(BannerAction action)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string[] _lines = action.Text.ReplaceLineEndings("\n").Trim('\n').Split('\n');

    public bool IsTop => action.At == BannerPlace.Top;

    /// <summary>Lines with CRLF.</summary>
    public string Plain => string.Concat(_lines.Select(l => Clean(l) + "\r\n"));

    /// <summary>For <c>format=flowed</c> (RFC 3676 §4.2, §4.4): no line flows into the next, and none looks like a quotation.</summary>
    public string Flowed => string.Concat(_lines.Select(l => Stuffed(Clean(l).TrimEnd(' ')) + "\r\n"));

    /// <summary>ASCII only: entities stand for everything else, so that it fits every character set.</summary>
    public byte[] Html
    {
        get
        {
            var html = action.Html is { Length: > 0 } own
                ? own
                : $"<div style=\"margin:1em 0\">{string.Join("<br>", _lines.Select(l => WebUtility.HtmlEncode(Clean(l))))}</div>";
            var text = new StringBuilder("\r\n");
            foreach (var rune in html.ReplaceLineEndings("\r\n").EnumerateRunes())
            {
                _ = rune.IsAscii ? text.Append((char)rune.Value) : text.Append(CultureInfo.InvariantCulture, $"&#{rune.Value};");
            }

            return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
        }
    }

    /// <summary>The text with the banner, and its character set where it had to change.</summary>
    public (byte[] Content, string? Charset) AddToPlain(byte[] content, string? charset, bool isFlowed)
    {
        var text = isFlowed ? Flowed : Plain;
        var encoding = TextEncodings.Find(charset);
        // Of an unknown set only this is sure: nearly all contain ASCII.
        var isInside = encoding is null || TextEncodings.IsAsciiInside(encoding) || (Ascii.IsValid(text) && encoding.CodePage is >= 50220 and <= 50229);
        if (isInside && (encoding is null ? Encoding.ASCII.GetBytes(TextEncodings.ToAscii(text)) : TextEncodings.TryEncode(encoding, text)) is { } bytes)
        {
            return (Join(content, bytes), null);
        }

        return (Join(Utf8.GetBytes(TextEncodings.Decode(encoding, content)), Utf8.GetBytes(text)), "utf-8");
    }

    public (byte[] Content, string? Charset) AddToHtml(byte[] content, string? charset)
    {
        var encoding = TextEncodings.Find(charset);
        string? changed = null;
        if (encoding is not null && !TextEncodings.IsAsciiInside(encoding))
        {
            content = Utf8.GetBytes(TextEncodings.Decode(encoding, content));
            changed = "utf-8";
        }

        var at = IsTop ? HtmlPlaces.Top(content) : HtmlPlaces.Bottom(content);
        return ([.. content.AsSpan(0, at), .. Html, .. content.AsSpan(at)], changed);
    }

    private byte[] Join(byte[] content, byte[] banner)
    {
        var mark = content.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        var text = content.AsSpan(mark);
        if (text.TrimEnd("\r\n \t"u8).IsEmpty)
        {
            return [.. content.AsSpan(0, mark), .. banner];
        }

        var end = text.EndsWith("\n"u8) ? ""u8 : "\r\n"u8;
        return IsTop
            ? [.. content.AsSpan(0, mark), .. banner, .. "\r\n"u8, .. text]
            : [.. content, .. end, .. "\r\n"u8, .. banner];
    }

    private static string Stuffed(string line) =>
        line.StartsWith(' ') || line.StartsWith('>') || line.StartsWith("From ", StringComparison.Ordinal) ? " " + line : line;

    private static string Clean(string line) => string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c));
}
