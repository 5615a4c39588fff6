using SecuEdge.Content;

namespace SecuEdge.Filter.Scanners;

/// <summary>One thing for an engine to look at: the message as received, or one decoded part of it.</summary>
public sealed record ScanTarget
{
    public required IByteSource Bytes { get; init; }

    /// <summary>The part, null for the message as received.</summary>
    public MessagePart? Part { get; init; }

    /// <summary>Lower-case hex; empty when it is not known.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Whose mail it is: some lists belong to one tenant. Empty when nobody's.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>A body of text or HTML that every parser reads alike: an engine that reads MIME has seen it in the message.</summary>
    public bool IsPlainBody { get; init; }

    /// <summary>How findings name it.</summary>
    public string Label { get; init; } = "message";
}
