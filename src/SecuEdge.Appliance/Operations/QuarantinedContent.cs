using SecuEdge.Content;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Operations;

/// <summary>A quarantined message and its bytes as received.</summary>
internal sealed record QuarantinedContent(QuarantineEntry Entry, IByteSource Bytes);
