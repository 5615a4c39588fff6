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
    private const int MaxFileBytes = 256 * 1024;

    private readonly Lazy<List<string>> _texts = new(() => Read(root));

    public int Count => _texts.Value.Count;

    public string this[int index] => _texts.Value[index];

    public IEnumerator<string> GetEnumerator() => _texts.Value.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static List<string> Read(MessagePart root)
    {
        List<string> texts = [];
        var left = FoldedMessage.MaxChars;
        foreach (var (part, _) in MessageFiles.Of(root))
        {
            foreach (var text in new[] { part.FileName ?? "", part.Text.Length > 0 ? part.Text : PlainText(part) })
            {
                if (text.Length > 0)
                {
                    texts.Add(text);
                    left -= text.Length;
                }
            }

            if (left <= 0)
            {
                break;
            }
        }

        return texts;
    }

    private static string PlainText(MessagePart part)
    {
        if (AttachmentReader.KindOf(part) != AttachmentKind.Text || part.Content is not { } content)
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
