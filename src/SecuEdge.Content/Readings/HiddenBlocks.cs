using System.Buffers;
using System.Text;

namespace SecuEdge.Content.Readings;

/// <summary>
/// Finds files written into text. It decides nothing: what it finds is decoded and looked at like any part. Ordinary text is dismissed
/// by <see cref="MayBeIn"/> with a few vectorised searches.
/// </summary>
internal static class HiddenBlocks
{
    /// <summary>The shortest line that starts a suspicion; 32 characters of prose without a blank are rare.</summary>
    private const int LongLine = 32;

    /// <summary>Less than this cannot hold a file worth hiding.</summary>
    internal const int MinBase64Chars = 40;

    /// <summary>A string of a script that may be a file; shorter ones are keys and identifiers.</summary>
    private const int MinScriptString = 64;

    public static readonly SearchValues<byte> Base64Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="u8);

    public static bool MayBeIn(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("begin"u8) >= 0 || text.IndexOf("BEGIN "u8) >= 0 || text.IndexOf("ase64"u8) >= 0 || text.IndexOf("ASE64"u8) >= 0 || text.IndexOf("BinHex"u8) >= 0
            || text.IndexOf("data:"u8) >= 0 || text.IndexOf("NCODING=B"u8) >= 0 || text.IndexOf("NCODING=b"u8) >= 0 || IsScript(text))
        {
            return true;
        }

        foreach (var line in new LineSpans(text))
        {
            if (line.Length >= LongLine && line.TrimEnd("\r \t"u8).IndexOfAnyExcept(Base64Alphabet) < 0)
            {
                return true;
            }
        }

        return false;
    }

    public static HiddenBlockList Find(ReadOnlySpan<byte> text)
    {
        var found = new HiddenBlockList();
        FindMarkedBlocks(text, found);
        FindBase64Lines(text, found);
        InlineBlocks.Find(text, found);
        if (IsScript(text))
        {
            FindScriptStrings(text, found);
        }

        return found;
    }

    private static bool IsScript(ReadOnlySpan<byte> text) =>
        text.IndexOf("atob"u8) >= 0 || text.IndexOf("Blob"u8) >= 0 || text.IndexOf("fromCharCode"u8) >= 0 || text.IndexOf("<script"u8) >= 0;

    /// <summary>
    /// uuencode, xxencode, base64 of POSIX uuencode, yEnc, BinHex: each begins with a line of its own. A block goes to its end; those
    /// that begin inside it go to the next begin, so that all together are at most twice the text.
    /// </summary>
    private static void FindMarkedBlocks(ReadOnlySpan<byte> text, HiddenBlockList found)
    {
        var lines = new TextLines(text);
        var outerEnd = 0;
        while (lines.MoveNext() && !found.IsCut)
        {
            if (!TryReadBegin(lines.Current, out var kind, out var name))
            {
                continue;
            }

            kind = kind == HiddenEncoding.UuEncode && IsXxEncoded(text[lines.Next..]) ? HiddenEncoding.XxEncode : kind;
            var length = LengthUntil(text, lines.Next, EndWordOf(kind), isInside: lines.Next < outerEnd);
            outerEnd = Math.Max(outerEnd, lines.Next + length);
            found.Add(new(kind, lines.Next, length, name));
        }
    }

    private static bool TryReadBegin(ReadOnlySpan<byte> line, out HiddenEncoding kind, out string? name)
    {
        (kind, name) = (default, null);
        if (line.Length < 5 || line[0] is not ((byte)'b' or (byte)'B' or (byte)'=' or (byte)'('))
        {
            return false;
        }

        if (line.StartsWith("=ybegin "u8))
        {
            var position = line.IndexOf("name="u8);
            (kind, name) = (HiddenEncoding.YEnc, position < 0 ? null : NameOf(line[(position + 5)..]));
            return true;
        }

        if (IsBeginLine(line, "begin "u8))
        {
            (kind, name) = (HiddenEncoding.UuEncode, NameAfterMode(line[6..]));
            return true;
        }

        if (IsBeginLine(line, "begin-base64 "u8))
        {
            (kind, name) = (HiddenEncoding.Base64Inline, NameAfterMode(line[13..]));
            return true;
        }

        kind = HiddenEncoding.BinHex;
        return line[0] == '(' && line.IndexOf("BinHex"u8) >= 0;
    }

    /// <summary>BinHex ends itself.</summary>
    private static ReadOnlySpan<byte> EndWordOf(HiddenEncoding kind) => kind switch
    {
        HiddenEncoding.YEnc => "=yend"u8,
        HiddenEncoding.Base64Inline => "===="u8,
        HiddenEncoding.BinHex => default,
        _ => "end"u8,
    };

    private static bool IsBeginLine(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word) =>
        line.Length > word.Length + 3 && Ascii.EqualsIgnoreCase(line[..word.Length], word)
        && line[word.Length..].TrimStart((byte)' ')[..Math.Min(3, line.Length - word.Length)].IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0;

    private static string? NameAfterMode(ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)' ');
        var blank = rest.IndexOf((byte)' ');
        return blank < 0 ? null : NameOf(rest[(blank + 1)..]);
    }

    private static string? NameOf(ReadOnlySpan<byte> name)
    {
        var trimmed = name.Trim(" \t\""u8);
        return trimmed.IsEmpty ? null : Encoding.Latin1.GetString(trimmed);
    }

    /// <summary>A full line of uuencode begins with 'M', of xxencode with 'h' (45 bytes); the last line tells by its own length.</summary>
    private static bool IsXxEncoded(ReadOnlySpan<byte> text)
    {
        var lines = new TextLines(text);
        if (!lines.MoveNext() || lines.Current.Length < 2)
        {
            return false;
        }

        var line = lines.Current.TrimEnd(" \t"u8);
        var asUu = (line[0] - 32) & 63;
        var asXx = LineDecoder.XxAlphabet.IndexOf(line[0]);
        return asXx > 0 && line.Length - 1 >= (asXx + 2) / 3 * 4 && line.Length - 1 != (asUu + 2) / 3 * 4;
    }

    private static int LengthUntil(ReadOnlySpan<byte> text, int start, ReadOnlySpan<byte> endWord, bool isInside)
    {
        var lines = new TextLines(text, start);
        while (lines.MoveNext())
        {
            if (IsEndLine(lines.Current, endWord) || (isInside && TryReadBegin(lines.Current, out _, out _)))
            {
                return lines.Start - start;
            }
        }

        return text.Length - start;
    }

    private static bool IsEndLine(ReadOnlySpan<byte> line, ReadOnlySpan<byte> endWord) =>
        !endWord.IsEmpty && StartsWithIgnoringCase(line, endWord) && (endWord[0] == '=' || line.Trim(" \t"u8).Length <= endWord.Length);

    /// <summary>
    /// A run of lines that are nothing but base64, as a whole; and, where a word on a line of its own stands before or behind the data,
    /// the lines of one length with a shorter one at the end, which is how every encoder writes.
    /// </summary>
    private static void FindBase64Lines(ReadOnlySpan<byte> text, HiddenBlockList found)
    {
        var whole = new LineRun();
        var regular = new LineRun();
        var lines = new TextLines(text);
        while (lines.MoveNext() && !found.IsCut)
        {
            var line = lines.Current.Trim(" \t"u8);
            if (line.IsEmpty || line.IndexOfAnyExcept("-_="u8) < 0)
            {
                continue;
            }

            if (line.StartsWith("--"u8) || line.IndexOfAnyExcept(Base64Alphabet) >= 0)
            {
                regular.Close(found);
                whole.Close(found);
                continue;
            }

            if (line.Length > regular.LastLength)
            {
                regular.Close(found);
            }

            regular.Add(lines.Start, lines.End, line.Length);
            whole.Add(lines.Start, lines.End, line.Length);
            if (line.Length < regular.Longest || line[^1] == '=')
            {
                regular.Close(found);
            }
        }

        regular.Close(found);
        whole.Close(found);
    }

    /// <summary>Lines that may be one file.</summary>
    private struct LineRun
    {
        private int _start;
        private int _end;
        private int _chars;

        public int Longest { get; private set; }

        public int LastLength { get; private set; }

        public void Add(int start, int end, int length)
        {
            _start = _chars == 0 ? start : _start;
            _end = end;
            _chars += length;
            Longest = Math.Max(Longest, length);
            LastLength = length;
        }

        public void Close(HiddenBlockList found)
        {
            var block = new HiddenBlock(HiddenEncoding.Base64Lines, _start, _end - _start);
            if (_chars >= MinBase64Chars && Longest >= LongLine)
            {
                found.Add(block);
            }

            this = default;
        }
    }

    private static void FindScriptStrings(ReadOnlySpan<byte> text, HiddenBlockList found)
    {
        var position = 0;
        while (!found.IsCut)
        {
            var quote = text[position..].IndexOfAny("\"'`"u8);
            if (quote < 0)
            {
                return;
            }

            position += quote + 1;
            var length = text[position..].IndexOfAnyExcept(Base64Alphabet);
            if (length >= MinScriptString && text[position + length] == text[position - 1])
            {
                found.Add(new(HiddenEncoding.Base64Inline, position, length));
                position += length + 1;
            }
        }
    }

    internal static bool StartsWithIgnoringCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);

    /// <summary>Lines by LF only: enough for a first look, and twice as fast.</summary>
    private ref struct LineSpans(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly LineSpans GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            var end = _rest.IndexOf((byte)'\n');
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            return true;
        }
    }
}
