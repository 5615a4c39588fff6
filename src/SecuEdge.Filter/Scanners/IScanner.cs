using SecuEdge.Content;

namespace SecuEdge.Filter.Scanners;

/// <summary>An antivirus engine. Any engine that convicts wins.</summary>
public interface IScanner
{
    /// <summary>Lower-case word for metrics and API: <c>clamav</c>.</summary>
    string Name { get; }

    /// <summary>Whether it could scan now, with what, and how old its signatures are. Kept fresh by the scanner, cheap to read.</summary>
    ScannerStatus Status { get; }

    /// <summary>False for what the engine has nothing to say about; it is not asked then. Most look at everything.</summary>
    bool Wants(ScanTarget target) => true;

    /// <summary>
    /// The engine takes a message apart itself, so that plain bodies are part of the message's own scan. One that does not is offered them
    /// as parts, see <see cref="ScanTarget.IsPlainBody"/>.
    /// </summary>
    bool ReadsMime => true;

    /// <summary>The answer depends on the part's name and type, too: the same bytes under another name are another question.</summary>
    bool ReadsNames => false;

    /// <summary>
    /// The answer comes from a process that reads what strangers made, and that one of them may have taken over. Its "clean" holds for the
    /// mail that was asked about only: remembered, one mail could pass a file for all that follow.
    /// </summary>
    bool IsCaged => false;

    /// <summary>Never throws for trouble with the engine: that is <see cref="ScanResult.Failed"/>. Throws only when cancelled.</summary>
    Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken);

    /// <summary>Keeps <see cref="Status"/> fresh until cancelled; the host runs it in the background, once per scanner.</summary>
    Task RunStatusAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>The answer of an engine about one file. Nothing but <see cref="Clean"/> is clean.</summary>
public abstract record ScanResult
{
    private ScanResult()
    {
    }

    public sealed record Clean : ScanResult;

    /// <param name="Name">Signature name as the engine gives it.</param>
    public sealed record Infected(string Name) : ScanResult;

    /// <summary>A heuristic of the engine (limits exceeded, encrypted, broken…): a matter of policy, not a virus.</summary>
    public sealed record Heuristic(string Name, HeuristicKind Kind = HeuristicKind.Other) : ScanResult
    {
        /// <summary>What the engine thinks it is worth; null = the score of the finding.</summary>
        public double? Score { get; init; }
    }

    /// <param name="IsTimeout">The engine was reachable and did not answer in time.</param>
    public sealed record Failed(string Why, bool IsTimeout = false) : ScanResult;
}

/// <summary>Heuristics that mean the same whichever engine says them.</summary>
public enum HeuristicKind
{
    /// <summary>Odd in a way only the engine's name for it describes.</summary>
    Other,

    /// <summary>The engine gave up at a limit of its own: the rest is unscanned.</summary>
    LimitsExceeded,

    /// <summary>Encrypted, so the engine could not look inside.</summary>
    Encrypted,
}

/// <param name="IsReady">The engine answers and has signatures.</param>
/// <param name="Version">Engine version and signature version; empty when unknown.</param>
/// <param name="SignaturesAt">When the signatures were published; null when unknown.</param>
/// <param name="Trouble">Why it is not ready, or what is degraded; empty otherwise.</param>
public sealed record ScannerStatus(bool IsReady, string Version, DateTimeOffset? SignaturesAt, string Trouble)
{
    /// <summary>Signatures of single files, stale after a day. Rules about structure are not: months old they still hold.</summary>
    public bool IsDaily { get; init; } = true;
}
