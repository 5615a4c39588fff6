using MimeKit;
using MimeKit.IO;

namespace SecuEdge.Content.Mime;

/// <summary>Where an entity lies in the bytes of its message.</summary>
internal readonly record struct EntitySpan(long Begin, long HeadersEnd, long End);

/// <summary>
/// What MimeKit made of a message, and where each entity lies, so that everything else works on the bytes of the wire. Parsed as an
/// entity, not as a message: a message would interpret address fields at once.
/// </summary>
internal sealed class MessageTree
{
    private readonly Dictionary<MimeEntity, EntitySpan> _spans = [];

    private MessageTree()
    {
    }

    public MimeEntity Entity { get; private set; } = null!; // Set by Parse, the only way to get an instance.

    public EntitySpan SpanOf(MimeEntity entity) => _spans.GetValueOrDefault(entity);

    /// <summary>The encoded bytes of a leaf.</summary>
    public static IByteSource RawContent(MimePart leaf, IByteSource source) =>
        leaf.Content?.Stream is BoundStream bound ? source.Slice(bound.StartBoundary, bound.EndBoundary - bound.StartBoundary) : new MemoryBytes(default);

    public static ParserOptions MakeOptions(int maxDepth)
    {
        var options = new ParserOptions { MaxMimeDepth = maxDepth };

        // Messages inside are opaque to this parse and read later, after their own header check and with the depth counted.
        foreach (var type in (ReadOnlySpan<string>)["message/rfc822", "message/global", "message/news", "message/rfc2822", "message/external-body", "message/partial"])
        {
            options.RegisterMimeType(type, typeof(OpaqueMessage));
        }

        return options;
    }

    /// <summary>Throws what MimeKit throws on headers that it cannot read.</summary>
    public static MessageTree Parse(ParserOptions options, IByteSource source, CancellationToken cancellationToken)
    {
        var tree = new MessageTree();
        using var stream = source.OpenRead();
        var parser = new MimeParser(options, stream, MimeFormat.Entity, persistent: true);
        parser.MimeEntityEnd += tree.Keep;
        tree.Entity = parser.ParseEntity(cancellationToken);
        return tree;
    }

    private void Keep(object? sender, MimeEntityEndEventArgs entity) =>
        _spans[entity.Entity] = new EntitySpan(entity.BeginOffset, entity.HeadersEndOffset, entity.EndOffset);

    private sealed class OpaqueMessage(MimeEntityConstructorArgs args) : MimePart(args);
}
