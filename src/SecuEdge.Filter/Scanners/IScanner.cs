using SecuEdge.Content;

namespace SecuEdge.Filter.Scanners;

/// <summary>An antivirus engine. Any engine that convicts wins.</summary>
public interface IScanner
{
    /// <summary>Lower-case word for metrics and API: <c>clamav</c>.</summary>
    string Name { get; }

    /// <summary>Whether it could scan now, with what, and how old its signatures are. Kept fresh by the scanner, cheap to read.</summary>
    ScannerStatus Status { get; }

    /// <summary>Never throws for trouble with the engine: that is <see cref="ScanResult.Failed"/>. Throws only when cancelled.</summary>
    Task<ScanResult> ScanAsync(IByteSource bytes, CancellationToken cancellationToken);
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
    public sealed record Heuristic(string Name) : ScanResult;

    public sealed record Failed(string Why) : ScanResult;
}

/// <param name="IsReady">The engine answers and has signatures.</param>
/// <param name="Version">Engine version and signature version; empty when unknown.</param>
/// <param name="SignaturesAt">When the signatures were published; null when unknown.</param>
/// <param name="Trouble">Why it is not ready, or what is degraded; empty otherwise.</param>
public sealed record ScannerStatus(bool IsReady, string Version, DateTimeOffset? SignaturesAt, string Trouble);
