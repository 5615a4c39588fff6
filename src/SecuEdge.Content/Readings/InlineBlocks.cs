using System.Buffers;
using System.Text;

namespace SecuEdge.Content.Readings;

/// <summary>
/// Files in the middle of a line: <c>data:…;base64,…</c>, <c>ATTACH;ENCODING=BASE64;…:…</c>, <c>PHOTO;ENCODING=b:…</c>, and <c>data:…,…</c> with percents.
/// </summary>
internal static class InlineBlocks
{
    private static readonly SearchValues<byte> UriEnd = SearchValues.Create("\"'<>) \r\n"u8);
    private static readonly SearchValues<byte> NoUri = SearchValues.Create("<>{}()"u8);

    public static void Find(ReadOnlySpan<byte> text, HiddenBlockList found)
    {
        var position = 0;
        while (!found.IsCut && NextMark(text, position) is >= 0 and var mark)
        {
            position = mark + 1;
            var head = text[mark..Math.Min(text.Length, mark + 400)];
            var start = head[0] is (byte)'d' or (byte)'D' ? head.IndexOf((byte)',') : head.IndexOfAny((byte)',', (byte)':');
            if (start < 0 || head[..start].ContainsAny(NoUri))
            {
                continue;
            }

            var isPercent = head[0] is (byte)'d' or (byte)'D' && !ContainsIgnoringCase(head[..start], "base64"u8);
            start += mark + 1;
            if (isPercent)
            {
                var length = text[start..].IndexOfAny(UriEnd);
                length = length < 0 ? text.Length - start : length;
                if (length >= HiddenBlocks.MinBase64Chars / 2)
                {
                    found.Add(new(HiddenEncoding.Percent, start, length));
                    position = start + length;
                }

                continue;
            }

            var end = EndOf(text, start);
            if (end - start >= 16)
            {
                found.Add(new(HiddenEncoding.Base64Inline, start, end - start));
                position = end;
            }
        }
    }

    private static int NextMark(ReadOnlySpan<byte> text, int position)
    {
        while (position < text.Length)
        {
            // 'data:', 'base64' and 'encoding=b' have these letters in common with little else that stands before ':', ',' or ';'.
            var next = text[position..].IndexOfAny("dDbB"u8);
            if (next < 0)
            {
                return -1;
            }

            position += next;
            var rest = text[position..];
            if (HiddenBlocks.StartsWithIgnoringCase(rest, "data:"u8)
                || (HiddenBlocks.StartsWithIgnoringCase(rest, "base64"u8) && rest.Length > 6 && rest[6] is (byte)',' or (byte)':' or (byte)';')
                || (rest[0] is (byte)'b' or (byte)'B' && rest.Length > 1 && rest[1] is (byte)':' or (byte)';'
                    && position >= 9 && HiddenBlocks.StartsWithIgnoringCase(text[(position - 9)..], "encoding="u8)))
            {
                return position;
            }

            position++;
        }

        return -1;
    }

    /// <summary>
    /// The alphabet, escapes of URIs, and line ends that a folded calendar line or a wrapped attribute may have in between. A following
    /// line belongs to it only when it is base64 to its end or to a quote.
    /// </summary>
    private static int EndOf(ReadOnlySpan<byte> text, int start)
    {
        var position = start;
        while (true)
        {
            var length = text[position..].IndexOfAnyExcept(HiddenBlocks.Base64Alphabet);
            if (length < 0)
            {
                return text.Length;
            }

            position += length;
            if (text[position] == '%' && position + 2 < text.Length)
            {
                position += 3;
                continue;
            }

            var next = text[position..].IndexOfAnyExcept(" \t\r\n\\"u8);
            if (next <= 0)
            {
                return position;
            }

            var token = text[(position + next)..].IndexOfAnyExcept(HiddenBlocks.Base64Alphabet);
            var after = token < 0 ? text.Length : position + next + token;
            if (token == 0 || (after < text.Length && text[after] is not ((byte)'"' or (byte)'\'' or (byte)'\r' or (byte)'\n' or (byte)'%' or (byte)'\\' or (byte)')')))
            {
                return position;
            }

            position = after;
        }
    }

    private static bool ContainsIgnoringCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        for (var i = 0; i + word.Length <= text.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(text.Slice(i, word.Length), word))
            {
                return true;
            }
        }

        return false;
    }
}
