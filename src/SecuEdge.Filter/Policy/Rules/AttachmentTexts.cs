using System.Collections;
using System.Text;
using SecuEdge.Content;
using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// Names of the files of a message, and the text of its documents and text files. Read when a rule first asks: most mail meets no rule about
/// it. Valid as long as the anatomy is.
/// </summary>
internal sealed class AttachmentTexts(MessagePart root) : IReadOnlyList<string>
{
    private const int MaxFileBytes = 1024 * 1024;

    /// <summary>Of all files, names not counted: what two long books have.</summary>
    private const int MaxChars = 2 * FoldedMessage.MaxChars;

    private readonly Lazy<(List<string> Texts, bool IsCut)> _read = new(() => Read(root));

    public int Count => _read.Value.Texts.Count;

    /// <summary>Some text had no room, so that a word not found may stand there.</summary>
    public bool IsCut => _read.Value.IsCut;

    public string this[int index] => _read.Value.Texts[index];

    public IEnumerator<string> GetEnumerator() => _read.Value.Texts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static (List<string> Texts, bool IsCut) Read(MessagePart root)
    {
        List<string> texts = [];
        var (left, files, isCut) = (MaxChars, 0, false);
        foreach (var (part, _) in MessageFiles.Of(root))
        {
            if (++files > AttachmentReader.MaxFiles)
            {
                return (texts, true);
            }

            texts.AddRange(part.OtherNames.Prepend(part.FileName ?? "").Where(name => name.Length > 0));
            isCut |= part.Flags.HasFlag(AnatomyFlags.TextCut);
            if (left <= 0)
            {
                isCut |= part.Text.Length > 0 || IsPlainText(part);
                continue;
            }

            isCut |= part.Text.Length == 0 && IsPlainText(part) && part.Size > MaxFileBytes;
            var text = part.Text.Length > 0 ? part.Text : PlainText(part);
            if (text.Length > 0)
            {
                texts.Add(text);
                left -= text.Length;
            }
        }

        return (texts, isCut);
    }

    private static bool IsPlainText(MessagePart part) => AttachmentReader.KindOf(part) == AttachmentKind.Text && part.Content is not null;

    private static string PlainText(MessagePart part)
    {
        if (!IsPlainText(part) || part.Content is not { } content)
        {
            return "";
        }

        var bytes = new byte[(int)Math.Min(content.Length, MaxFileBytes)];
        using var stream = content.OpenRead();
        var read = bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        return read switch
        {
            [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(read[2..]),
            [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(read[2..]),
            _ when System.Text.Unicode.Utf8.IsValid(Whole(read)) => Encoding.UTF8.GetString(read),
            _ => Encoding.Latin1.GetString(read),
        };
    }

    /// <summary>Without a character that the limit cut in two.</summary>
    private static ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.Length;
        for (var back = 0; back < 3 && end > 0 && (bytes[end - 1] & 0xC0) == 0x80; back++)
        {
            end--;
        }

        return end < bytes.Length && end > 0 ? bytes[..(end - 1)] : end > 0 && bytes[end - 1] >= 0xC0 ? bytes[..(end - 1)] : bytes[..end];
    }
}
