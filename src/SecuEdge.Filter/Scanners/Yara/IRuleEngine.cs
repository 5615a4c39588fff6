namespace SecuEdge.Filter.Scanners.Yara;

/// <summary>Matches a set of YARA rules against one part; where that happens is not the scanner's concern.</summary>
public interface IRuleEngine
{
    /// <summary>The set in force. Cheap to read.</summary>
    ScannerStatus Status { get; }

    /// <summary>Never throws for trouble with the engine: that is <see cref="RuleScan.Failed"/>. Throws only when cancelled.</summary>
    Task<RuleScan> ScanAsync(ScanTarget target, CancellationToken cancellationToken);
}

/// <summary>What the rules said about one part.</summary>
public abstract record RuleScan
{
    private RuleScan()
    {
    }

    /// <param name="Matches">In the order of the rules; empty when none matched.</param>
    /// <param name="IsCut">More rules matched than are told; one of those might convict.</param>
    public sealed record Done(IReadOnlyList<RuleMatch> Matches, bool IsCut = false) : RuleScan;

    public sealed record Failed(string Why, bool IsTimeout = false) : RuleScan;
}

/// <summary>One rule that matched.</summary>
/// <param name="Name">As findings show it: the rule, and for other people's rules the file before it.</param>
/// <param name="Score">What a suspicious rule is worth; null = the scanner's own score.</param>
public sealed record RuleMatch(string Name, RuleSeverity Severity, double? Score = null);

/// <summary>What the author of a rule wants a match to mean: the rule's <c>severity</c>.</summary>
public enum RuleSeverity
{
    /// <summary>A mark for other programs; a mail is not judged by it.</summary>
    Informational,

    /// <summary>Seen in attacks, and now and then in honest mail: adds its score.</summary>
    Suspicious,

    /// <summary>No honest mail carries it.</summary>
    Malware,
}
