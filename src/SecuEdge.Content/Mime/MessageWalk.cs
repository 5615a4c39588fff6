namespace SecuEdge.Content.Mime;

/// <summary>What a walk over one message noticed that its end needs to know.</summary>
internal sealed class MessageWalk
{
    private readonly List<(string Type, EntitySpan Span)> _leaves = [];

    /// <summary>Boundaries that the parser used.</summary>
    public HashSet<string> Boundaries { get; } = new(StringComparer.Ordinal);

    /// <summary>Something could be read differently, so the raw bytes are to be searched.</summary>
    public bool IsOdd { get; set; }

    public void AddOddities(MessagePart part, HeaderBlock header)
    {
        if (header.Oddities.Count > 0)
        {
            part.Flags |= AnatomyFlags.Ambiguous;
            IsOdd = true;
        }
    }

    public void AddLeaf(string type, EntitySpan span) => _leaves.Add((type, span));

    /// <summary>A place inside a message that is read by itself.</summary>
    public bool IsInsideMessage(long position) => _leaves.Exists(leaf => leaf.Type.StartsWith("message/", StringComparison.Ordinal) && Contains(leaf.Span, position));

    /// <summary>A place inside plain text, where MIME parts are only quoted.</summary>
    public bool IsInsideText(long position) => _leaves.Exists(leaf => leaf.Type.StartsWith("text/", StringComparison.Ordinal) && Contains(leaf.Span, position));

    private static bool Contains(EntitySpan span, long position) => position >= span.HeadersEnd && position < span.End;
}
