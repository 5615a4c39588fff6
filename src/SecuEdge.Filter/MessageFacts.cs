using SecuEdge.Content;

namespace SecuEdge.Filter;

/// <summary>All that a check may look at: envelope, raw bytes, anatomy. Checks never see each other's findings.</summary>
public sealed record MessageFacts(Envelope Envelope, IByteSource Message, MessageAnatomy Anatomy);
