using SecuEdge.Content;

namespace SecuEdge.Filter;

/// <summary>All that a check may look at: envelope, raw bytes, anatomy. Checks never see each other's findings.</summary>
public sealed record MessageFacts(Envelope Envelope, IByteSource Message, MessageAnatomy Anatomy)
{
    /// <summary>Whose convictions are advice this time besides; null in nearly every case.</summary>
    public Disbelief? Disbelief { get; init; }

    /// <summary>Whether its sender was unknown when it came; null asks whether he is now.</summary>
    public bool? IsFirstContact { get; init; }
}

/// <summary>A person asks what there is against a message besides what one engine says.</summary>
/// <param name="Signature">Null for all that the engine says.</param>
public sealed record Disbelief(string Engine, string? Signature)
{
    public bool Covers(string engine, string signature) =>
        Engine.Equals(engine, StringComparison.OrdinalIgnoreCase) && (Signature is null || Signature.Equals(signature, StringComparison.OrdinalIgnoreCase));
}
