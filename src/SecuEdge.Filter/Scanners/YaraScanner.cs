using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Filter.Scanners;

/// <summary>
/// YARA rules as an engine. The rule says what its match means: <c>severity = "malware"</c> convicts, <c>"suspicious"</c> adds its score.
/// </summary>
public sealed partial class YaraScanner(IRuleEngine engine, YaraOptions options, ILogger<YaraScanner> logger) : IScanner
{
    private const int MaxNamed = 5;

    public string Name => "yara";

    public ScannerStatus Status => engine.Status;

    /// <summary>Rules see the bytes they are given: what base64 or an archive hides is theirs only as a decoded part.</summary>
    public bool ReadsMime => false;

    public bool ReadsNames => true;

    public bool IsCaged => true;

    public bool Wants(ScanTarget target) => options.ScanBodies || (target.Part is not null && !target.IsPlainBody);

    public async Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken)
    {
        if (target.Bytes.Length > options.MaxScanBytes)
        {
            return new ScanResult.Heuristic("TooLarge", HeuristicKind.LimitsExceeded);
        }

        switch (await engine.ScanAsync(target, cancellationToken))
        {
            case RuleScan.Done done:
                return Judge(done.Matches, done.IsCut);
            case RuleScan.Failed failed:
                LogFailed(failed.Why);
                return new ScanResult.Failed(failed.Why, failed.IsTimeout);
            default:
                throw new InvalidOperationException("A rule scan is done or failed.");
        }
    }

    /// <summary>One conviction is enough; otherwise all that is suspicious, with the scores added up.</summary>
    private static ScanResult Judge(IReadOnlyList<RuleMatch> matches, bool isCut)
    {
        if (matches.FirstOrDefault(m => m.Severity == RuleSeverity.Malware) is { } sure)
        {
            return new ScanResult.Infected(sure.Name);
        }

        if (isCut)
        {
            return new ScanResult.Heuristic("TooManyMatches", HeuristicKind.LimitsExceeded);
        }

        var odd = matches.Where(m => m.Severity == RuleSeverity.Suspicious).ToList();
        if (odd.Count == 0)
        {
            return new ScanResult.Clean();
        }

        var names = string.Join(", ", odd.Take(MaxNamed).Select(m => m.Name));
        var score = odd.Any(m => m.Score is not null) ? odd.Sum(m => m.Score ?? 0) : (double?)null;
        return new ScanResult.Heuristic(names) { Score = score };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "YARA could not scan: {Why}")]
    private partial void LogFailed(string why);
}
