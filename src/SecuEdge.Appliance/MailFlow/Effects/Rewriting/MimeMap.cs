using MimeKit;
using MimeKit.IO;
using MimeKit.IO.Filters;
using SecuEdge.Content;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>One entity of a message and where it lies in its bytes.</summary>
/// <param name="Path">MIME position as in <see cref="MessagePart.Path"/>: <c>1</c> is the body, <c>1.2</c> its second part.</param>
/// <param name="HeadersEnd">Behind the empty line.</param>
/// <param name="End">Without the line end that belongs to the next delimiter.</param>
internal sealed record MimeNode(string Path, MimeEntity Entity, long Begin, long HeadersEnd, long End, MimeNode? Parent)
{
    public List<MimeNode> Children { get; } = [];

    public bool IsMultipart => Entity is Multipart;

    /// <summary>Without a field that of RFC 2045 §5.2, or in a digest that of RFC 2046 §5.1.5.</summary>
    public string Type => Entity.ContentType.MimeType.ToLowerInvariant();

    public string? FileName => (Entity as MimePart)?.FileName;

    public ContentEncoding Encoding => (Entity as MimePart)?.ContentTransferEncoding ?? ContentEncoding.Default;

    public IEnumerable<MimeNode> SelfAndDescendants()
    {
        var pending = new Stack<MimeNode>([this]);
        while (pending.TryPop(out var node))
        {
            yield return node;
            for (var i = node.Children.Count - 1; i >= 0; i--)
            {
                pending.Push(node.Children[i]);
            }
        }
    }
}

/// <summary>
/// The parts of a message by their places, read the way the anatomy reads them, so that both number the parts alike. Messages inside are
/// leaves here; who wants to change one maps it on its own.
/// </summary>
internal static class MimeMap
{
    // The anatomy refuses more; a header that grew meanwhile must not take the memory of the box.
    private const int MaxHeaderBytes = 1 << 20;

    private static readonly ParserOptions Options = MakeOptions();

    /// <exception cref="RewriteException">It cannot be read as a message.</exception>
    public static MimeNode Read(IByteSource source, CancellationToken cancellationToken)
    {
        var start = FirstField(source);
        var spans = new Dictionary<MimeEntity, MimeEntityEndEventArgs>();
        using var stream = source.OpenRead();
        using var bound = new BoundStream(stream, start, -1, leaveOpen: true);
        MimeEntity root;
        try
        {
            var parser = new MimeParser(Options, bound, MimeFormat.Entity, persistent: true);
            parser.MimeEntityEnd += (_, e) => spans[e.Entity] = e;
            root = parser.ParseEntity(cancellationToken);
        }
        catch (Exception e) when (e is FormatException or ParseException)
        {
            throw new RewriteException($"it cannot be read as a message ({e.Message})");
        }

        MimeNode Make(MimeEntity entity, string path, MimeNode? parent) =>
            new(path, entity, start + spans[entity].BeginOffset, start + spans[entity].HeadersEndOffset, start + spans[entity].EndOffset, parent);

        var node = Make(root, "1", null);
        var pending = new Stack<MimeNode>([node]);
        while (pending.TryPop(out var at))
        {
            if (at.Entity is not Multipart multipart)
            {
                continue;
            }

            for (var i = 0; i < multipart.Count; i++)
            {
                var child = Make(multipart[i], $"{at.Path}.{i + 1}", at);
                at.Children.Add(child);
                pending.Push(child);
            }
        }

        return node;
    }

    public static byte[] HeaderOf(MimeNode node, IByteSource source)
    {
        if (node.HeadersEnd - node.Begin > MaxHeaderBytes)
        {
            throw new RewriteException("its header is too large");
        }

        return Read(source, node.Begin, node.HeadersEnd);
    }

    public static byte[] Read(IByteSource source, long start, long end)
    {
        var bytes = new byte[end - start];
        using var stream = source.OpenRead();
        stream.Position = start;
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The decoded content, read as it comes.</summary>
    public static Stream OpenDecoded(MimeNode node, IByteSource source)
    {
        var content = new BoundStream(source.OpenRead(), node.HeadersEnd, node.End, leaveOpen: false);
        content.Position = 0;
        var filtered = new FilteredStream(content);
        filtered.Add(DecoderFilter.Create(node.Encoding));
        return filtered;
    }

    /// <summary>The envelope line of a mailbox file and other lines that are no fields are not the parser's, nor ours to change.</summary>
    private static long FirstField(IByteSource source)
    {
        var head = Read(source, 0, Math.Min(source.Length, 64 * 1024)).AsSpan();
        for (var at = 0; at < head.Length;)
        {
            var end = head[at..].IndexOf((byte)'\n');
            var line = end < 0 ? head[at..] : head[at..(at + end)];
            if (line.TrimEnd((byte)'\r').IsEmpty)
            {
                break;
            }

            if (HeaderEditor.NameOf(line).Length > 0)
            {
                return at;
            }

            if (end < 0)
            {
                break;
            }

            at += end + 1;
        }

        throw new RewriteException("it has no header field");
    }

    private static ParserOptions MakeOptions()
    {
        var options = new ParserOptions();
        foreach (var type in (ReadOnlySpan<string>)["message/rfc822", "message/global", "message/news", "message/rfc2822", "message/external-body", "message/partial"])
        {
            options.RegisterMimeType(type, typeof(OpaqueMessage));
        }

        return options;
    }

    private sealed class OpaqueMessage(MimeEntityConstructorArgs args) : MimePart(args);
}
