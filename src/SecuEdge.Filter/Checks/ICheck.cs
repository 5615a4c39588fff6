namespace SecuEdge.Filter.Checks;

/// <summary>
/// A small function from facts to findings. It never depends on another check, holds no state of a message, and may be slow or fail: the
/// runner limits its time and turns a failure into the finding <c>NAME_FAILED</c>.
/// </summary>
public interface ICheck
{
    /// <summary>UPPER_SNAKE; prefix of its failure finding.</summary>
    string Name { get; }

    /// <summary>Everything it can find.</summary>
    IReadOnlyList<FindingDefinition> Findings { get; }

    /// <summary>What its failure asks for; null only notes it. Antivirus: <see cref="VerdictAction.Defer"/> (unscanned mail never passes).</summary>
    VerdictAction? OnFailure { get; }

    /// <summary>Lower-case name of the engine behind it, so that a time-out can be reported under it; null without one.</summary>
    string? Engine => null;

    Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken);
}

/// <param name="Engine">What the engine behind the check reports about itself, for checks that have one.</param>
public sealed record CheckResult(IReadOnlyList<Finding> Findings, EngineReport? Engine = null)
{
    public static CheckResult Nothing { get; } = new([]);
}

/// <summary>One engine's part in a decision.</summary>
/// <param name="Version">Engine and signature version as the engine names them; empty when unknown.</param>
/// <param name="Result"><c>clean</c>, <c>hit</c>, <c>error</c> or <c>timeout</c>.</param>
public sealed record EngineReport(string Name, string Version, string Result, double Milliseconds)
{
    /// <summary>What it convicted; empty in records of older versions.</summary>
    public IReadOnlyList<Conviction> Convictions { get; init; } = [];
}

/// <summary>One thing that an engine calls malware.</summary>
/// <param name="Sha256">Of the part, lower-case hex; empty when the engine convicted the message as a whole.</param>
/// <param name="Signature">As the engine names it.</param>
/// <param name="Label">Where it is.</param>
/// <param name="IsAdvisory">Engine or signature was demoted: the message was held, not convicted.</param>
public sealed record Conviction(string Sha256, string Signature, string Label, bool IsAdvisory = false);
