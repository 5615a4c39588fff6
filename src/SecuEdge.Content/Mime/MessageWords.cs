using System.Text;
using MimeKit;
using MimeKit.IO;
using MimeKit.IO.Filters;
using SecuEdge.Content.Documents.Html;
using SecuEdge.Content.Files;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Mime;

/// <summary>Subject and all text of a message, read ahead of its turn: the password of an archive may stand behind the archive.</summary>
internal static class MessageWords
{
    private const int MaxChars = 64 * 1024;
    private const int MaxLeaves = 20;

    public static string Of(MessageTree tree, IByteSource source)
    {
        var text = new StringBuilder();
        foreach (var leaf in Leaves(tree.Entity).Where(IsText).Take(MaxLeaves))
        {
            var words = Charsets.Decode(Read(leaf, source), leaf.ContentType.Charset);
            text.Append(MessageReader.MediaTypeOf(leaf) == FileTypes.Html ? HtmlReader.Read(words, isXml: false, MaxChars).Text : words).Append('\n');
        }

        return text.Append(tree.Entity.Headers[HeaderId.Subject]).ToString();
    }

    private static bool IsText(MimePart leaf) => MessageReader.MediaTypeOf(leaf) is "" or FileTypes.PlainText or FileTypes.Html;

    private static IEnumerable<MimePart> Leaves(MimeEntity entity)
    {
        var pending = new Stack<MimeEntity>([entity]);
        while (pending.TryPop(out var next))
        {
            if (next is MimePart leaf)
            {
                yield return leaf;
            }
            else if (next is Multipart multipart)
            {
                for (var i = multipart.Count - 1; i >= 0; i--)
                {
                    pending.Push(multipart[i]);
                }
            }
        }
    }

    private static byte[] Read(MimePart leaf, IByteSource source)
    {
        using var filtered = new FilteredStream(MessageTree.RawContent(leaf, source).OpenRead());
        filtered.Add(DecoderFilter.Create(leaf.ContentTransferEncoding));
        var bytes = new byte[MaxChars];
        return bytes[..filtered.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
