using System.Text;
using MimeKit;
using MimeKit.Utils;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>
/// A header block as text: fields are set, removed and put in front of; every other field keeps its bytes, folding and order.
/// </summary>
internal sealed class HeaderEditor
{
    // RFC 5322 §2.1.1: what a line should not exceed.
    private const int LineLength = 78;

    private static readonly string[] ReplyMarks = ["re:", "aw:", "rép:", "fw:", "fwd:", "tr:", "wg:", "sv:"];

    private readonly List<(string Name, byte[] Raw)> _fields = [];
    private byte[] _end = [];

    /// <param name="block">With or without its empty line.</param>
    public HeaderEditor(ReadOnlySpan<byte> block)
    {
        var start = 0;
        for (var at = 0; at < block.Length;)
        {
            var length = block[at..].IndexOf((byte)'\n');
            var next = length < 0 ? block.Length : at + length + 1;
            var line = block[at..next].TrimEnd("\r\n"u8);
            if (line.IsEmpty)
            {
                Take(block[start..at]);
                _end = block[at..].ToArray();
                return;
            }

            if (at > start && line[0] is not ((byte)' ' or (byte)'\t'))
            {
                Take(block[start..at]);
                start = at;
            }

            at = next;
        }

        Take(block[start..]);
    }

    public bool IsChanged { get; private set; }

    public bool Has(string name) => _fields.Exists(f => Is(f, name));

    /// <summary>The block; a change closes it with an empty line where it had none.</summary>
    public byte[] ToArray() => [.. _fields.SelectMany(f => f.Raw), .. _end.Length == 0 && IsChanged ? "\r\n"u8.ToArray() : _end];

    /// <summary>Empty when the line begins no field (RFC 5322 §3.6.8).</summary>
    public static string NameOf(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var name = colon <= 0 ? default : line[..colon].TrimEnd(" \t"u8);
        return name.IsEmpty || name.IndexOfAnyExceptInRange((byte)33, (byte)126) >= 0 ? "" : Encoding.ASCII.GetString(name);
    }

    public void Remove(string name) => IsChanged |= _fields.RemoveAll(f => Is(f, name)) > 0;

    /// <summary>Takes away all Content-* fields and returns them as they were.</summary>
    public byte[] TakeContentFields()
    {
        byte[] taken = [.. _fields.Where(IsContent).SelectMany(f => f.Raw)];
        IsChanged |= _fields.RemoveAll(IsContent) > 0;
        return taken;

        static bool IsContent((string Name, byte[] Raw) field) => field.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Behind the last field, where Content-* fields usually stand.</summary>
    public void Append(string line)
    {
        IsChanged = true;
        if (_fields is [.., var last] && last.Raw is not [.., (byte)'\n'])
        {
            _fields[^1] = (last.Name, [.. last.Raw, .. "\r\n"u8]);
        }

        var raw = Encoding.ASCII.GetBytes(line + "\r\n");
        _fields.Add((NameOf(raw), raw));
    }

    /// <summary>Where the field stood, or at the end.</summary>
    public void Replace(string name, string line)
    {
        var index = _fields.FindIndex(f => Is(f, name));
        if (index < 0)
        {
            Append(line);
            return;
        }

        IsChanged = true;
        _fields[index] = (name, Encoding.ASCII.GetBytes(line + "\r\n"));
        for (var i = _fields.Count - 1; i > index; i--)
        {
            if (Is(_fields[i], name))
            {
                _fields.RemoveAt(i);
            }
        }
    }

    /// <summary>The first field; those of its name that came with the message are removed.</summary>
    public void Set(string name, string value)
    {
        IsChanged = true;
        _fields.RemoveAll(f => Is(f, name));
        var clean = OneLine(value);
        var text = Ascii.IsValid(clean) ? Fold(name, clean) : EncodedWords(clean);
        var first = Math.Max(0, _fields.FindIndex(f => f.Name.Length > 0));
        _fields.Insert(first, (name, Encoding.ASCII.GetBytes($"{name}: {text}\r\n")));
    }

    /// <summary>Puts the tag in front of every subject that does not begin with it; replies that quote it in theirs do.</summary>
    public bool TagSubject(string tag)
    {
        var clean = OneLine(tag).Trim();
        if (clean.Length == 0)
        {
            return false;
        }

        if (!Has("Subject"))
        {
            Append($"Subject: {(Ascii.IsValid(clean) ? clean : EncodedWords(clean))}");
            return true;
        }

        var wasChanged = false;
        for (var i = 0; i < _fields.Count; i++)
        {
            if (Is(_fields[i], "Subject") && Tagged(_fields[i].Raw, clean) is { } tagged)
            {
                _fields[i] = (_fields[i].Name, tagged);
                IsChanged = wasChanged = true;
            }
        }

        return wasChanged;
    }

    /// <returns>Null when the tag stands there.</returns>
    private static byte[]? Tagged(byte[] raw, string tag)
    {
        var colon = Array.IndexOf(raw, (byte)':');
        var value = raw.AsSpan(colon + 1);
        var subject = Rfc2047.DecodeText(raw.AsSpan(colon + 1).ToArray()).ReplaceLineEndings("").Trim();
        if (HasTag(subject, tag))
        {
            return null;
        }

        var rest = value.TrimStart(" \t"u8);
        var isPlainTag = Ascii.IsValid(tag);
        // Blanks between two encoded words are not shown (RFC 2047 §6.2): the blank behind the tag belongs into it.
        var isFollowedByWord = rest.TrimStart(" \t\r\n"u8).StartsWith("=?"u8);
        var mark = isPlainTag ? tag : EncodedWords(isFollowedByWord ? tag + " " : tag);
        if (rest.TrimEnd(" \t\r\n"u8).IsEmpty)
        {
            return [.. raw.AsSpan(0, colon + 1), .. Encoding.ASCII.GetBytes($" {mark}\r\n")];
        }

        var isFolded = rest[0] is (byte)'\r' or (byte)'\n';
        var firstLine = rest.IndexOf((byte)'\n') is var end and >= 0 ? end : rest.Length;
        var between = isFolded ? "" : colon + mark.Length + firstLine + 3 > LineLength ? "\r\n " : " ";
        return [.. raw.AsSpan(0, colon + 1), .. Encoding.ASCII.GetBytes($" {mark}{between}"), .. rest];
    }

    private static bool HasTag(string subject, string tag)
    {
        while (true)
        {
            if (subject.StartsWith(tag, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (Array.Find(ReplyMarks, m => subject.StartsWith(m, StringComparison.OrdinalIgnoreCase)) is not { } mark)
            {
                return false;
            }

            subject = subject[mark.Length..].TrimStart();
        }
    }

    /// <summary>RFC 2047 §2: words of at most 75 characters, none of which splits a character.</summary>
    public static string EncodedWords(string text)
    {
        const int bytesPerWord = 45;
        List<string> words = [];
        var word = new List<byte>();
        Span<byte> buffer = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(buffer);
            if (word.Count + count > bytesPerWord)
            {
                words.Add(Word(word));
                word.Clear();
            }

            word.AddRange(buffer[..count]);
        }

        words.Add(Word(word));
        return string.Join("\r\n ", words);

        static string Word(List<byte> bytes) => $"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=";
    }

    private static string Fold(string name, string value)
    {
        var folded = new StringBuilder();
        var column = name.Length + 2;
        foreach (var word in value.Split(' '))
        {
            if (folded.Length > 0)
            {
                // A fold may not stand before a blank alone: a line of white space would end the header for some readers.
                var isFold = column + 1 + word.Length > LineLength && word.Length > 0;
                folded.Append(isFold ? "\r\n " : " ");
                column = isFold ? 1 : column + 1;
            }

            folded.Append(word);
            column += word.Length;
        }

        return folded.ToString();
    }

    /// <summary>Nothing of a value may begin another field.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static bool Is((string Name, byte[] Raw) field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private void Take(ReadOnlySpan<byte> raw)
    {
        if (!raw.IsEmpty)
        {
            _fields.Add((NameOf(raw), raw.ToArray()));
        }
    }
}
