using SecuEdge.Filter.Checks;

namespace SecuEdge.Filter;

/// <summary>What all checks said about one message, in the fixed order of the list of checks.</summary>
public sealed record FilterReport(IReadOnlyList<Finding> Findings, IReadOnlyList<EngineReport> Engines, TimeSpan Duration);
