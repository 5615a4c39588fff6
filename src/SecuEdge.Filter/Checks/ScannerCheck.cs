using SecuEdge.Content;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Filter.Checks;

/// <summary>
/// An antivirus engine as a check, whichever engine it is. Scanned are the message as received and every decoded part: engines miss what
/// only our anatomy could decode. The first part convicted or a failure ends it; a conviction wins over a failure of the same moment.
/// </summary>
internal sealed class ScannerCheck : ICheck
{
    // Scans of one message at once; the engine's own pool bounds all messages together.
    private const int MaxParallelScans = 4;
    private const int MaxNamedHeuristics = 5;
    private const int MaxConvictions = 20;

    // A message convicted as a whole is scanned on for the part that did it: whoever got the same file earlier is found by the part. It
    // must end well before the time limit of the check, because then the conviction would be lost.
    private static readonly TimeSpan PartSearch = TimeSpan.FromSeconds(5);

    // A hint never weighs as much as ten: the rules of a stranger must not outweigh all other checks.
    private const double MaxHeuristicScore = 10;

    // About 3 MB when full; ten minutes are the length of a campaign's wave through one gateway.
    private const int CachedResults = 10_000;
    private static readonly TimeSpan CacheAge = TimeSpan.FromMinutes(10);

    private const AnatomyFlags ReadDifferently = AnatomyFlags.Ambiguous | AnatomyFlags.Unparseable | AnatomyFlags.OverBudget;

    private const AnatomyFlags Encrypted =
        AnatomyFlags.EncryptedArchive | AnatomyFlags.EncryptedSmime | AnatomyFlags.EncryptedPgp | AnatomyFlags.Unlocked;

    private readonly IScanner _scanner;
    private readonly TimeProvider _timeProvider;
    private readonly ScanCache _cache;
    private readonly IAdvisories _advisories;
    private readonly FindingDefinition _infected;
    private readonly FindingDefinition _advisory;
    private readonly FindingDefinition _heuristic;
    private readonly FindingDefinition _limits;

    public ScannerCheck(IScanner scanner, TimeProvider timeProvider, IAdvisories? advisories = null)
    {
        _scanner = scanner;
        _advisories = advisories ?? NoAdvisories.Instance;
        _timeProvider = timeProvider;
        _cache = new ScanCache(CachedResults, CacheAge, timeProvider);
        Name = scanner.Name.ToUpperInvariant();
        _infected = new()
        {
            Code = Name + "_INFECTED",
            Class = MessageClass.Infected,
            Group = FindingGroup.Antivirus,
            Action = VerdictAction.Quarantine,
            Text = $"The antivirus engine {scanner.Name} found malware.",
        };
        // Its word does not convict for a while, but what it says is no reason to let mail pass either.
        _advisory = new()
        {
            Code = Name + "_ADVISORY",
            Class = MessageClass.Suspicious,
            Action = VerdictAction.Hold,
            Floor = VerdictAction.Hold,
            Text = $"The antivirus engine {scanner.Name} found malware with a signature that has convicted suspiciously much lately.",
        };
        // A hint like any other, with the score that Proxmox gives to the same.
        _heuristic = new()
        {
            Code = Name + "_HEURISTIC",
            Class = MessageClass.Suspicious,
            Group = FindingGroup.Antivirus,
            Score = 3,
            Text = $"The antivirus engine {scanner.Name} found something odd that is no known malware.",
        };
        _limits = new()
        {
            Code = Name + "_LIMITS",
            Class = MessageClass.Suspicious,
            Group = FindingGroup.Antivirus,
            Action = VerdictAction.Quarantine,
            Floor = VerdictAction.Quarantine,
            Text = $"The antivirus engine {scanner.Name} gave up at one of its limits: not everything was scanned.",
        };
        Findings = [_infected, _advisory, _heuristic, _limits];
    }

    public string Name { get; }

    public IReadOnlyList<FindingDefinition> Findings { get; }

    public VerdictAction? OnFailure => VerdictAction.Defer;

    public string? Engine => _scanner.Name;

    public async Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        // Read before scanning: a reload in between makes a fresh result old at worst, never an old one fresh.
        var version = _scanner.Status.Version;
        var targets = Targets(facts);
        if (targets.Count == 0)
        {
            // Nothing for this engine: it has no opinion, and its version stands for none.
            return CheckResult.Nothing;
        }

        var results = targets.Count == 1
            ? [await ScanTargetAsync(targets[0], cancellationToken)]
            : await ScanAllAsync(facts, targets, cancellationToken);
        var milliseconds = Math.Round(_timeProvider.GetElapsedTime(started).TotalMilliseconds, 2);
        return Conclude(facts, targets, results, verdict => new EngineReport(_scanner.Name, version, verdict, milliseconds));
    }

    private List<ScanTarget> Targets(MessageFacts facts)
    {
        var anatomy = facts.Anatomy;
        var tenant = facts.Envelope.Tenant;
        var message = new ScanTarget { Bytes = facts.Message, Tenant = tenant };
        List<ScanTarget> targets = _scanner.Wants(message) ? [message] : [];
        HashSet<string> seen = [];
        foreach (var part in anatomy.AllParts())
        {
            if (part.Content is not { Length: > 0 } content || ReferenceEquals(content, facts.Message))
            {
                continue;
            }

            var isPlainBody = IsPlainBody(part, anatomy);
            var target = new ScanTarget
            {
                Bytes = content,
                Part = part,
                Sha256 = part.Sha256,
                Tenant = tenant,
                IsPlainBody = isPlainBody,
                Label = PartLabel.Of(part),
            };
            // The same bytes may be a body that the engine does not want and an attachment that it wants: only the wanted count as seen.
            if (!(isPlainBody && _scanner.ReadsMime) && _scanner.Wants(target) && (part.Sha256.Length == 0 || seen.Add(KeyOf(target))))
            {
                targets.Add(target);
            }
        }

        return targets;
    }

    // A text that every parser reads alike is part of the message's own scan: a mail of text and HTML costs one scan.
    private static bool IsPlainBody(MessagePart part, MessageAnatomy anatomy) =>
        part.Kind == PartKind.Body && part.DetectedType is ("text/plain" or "text/html") && ((part.Flags | anatomy.Flags) & ReadDifferently) == 0;

    private async Task<ScanResult?[]> ScanAllAsync(MessageFacts facts, List<ScanTarget> targets, CancellationToken cancellationToken)
    {
        var results = new ScanResult?[targets.Count];
        using var decided = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, decided.Token);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxParallelScans, CancellationToken = ended.Token };
        try
        {
            await Parallel.ForAsync(0, targets.Count, parallel, async (i, token) =>
            {
                results[i] = await ScanTargetAsync(targets[i], token);
                if (results[i] is ScanResult.Failed || (results[i] is ScanResult.Infected && targets[i].Part is not null && !IsAdvisory(facts, results[i])))
                {
                    await decided.CancelAsync();
                }
                else if (results[i] is ScanResult.Infected && !IsAdvisory(facts, results[i]))
                {
                    decided.CancelAfter(PartSearch);
                }
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Decided: the others are not needed any more.
        }

        return results;
    }

    private async Task<ScanResult> ScanTargetAsync(ScanTarget target, CancellationToken cancellationToken)
    {
        var status = _scanner.Status;
        // Without a signature version nobody knows whether an old answer still holds.
        if (target.Sha256.Length == 0 || status.SignaturesAt is null)
        {
            return await _scanner.ScanAsync(target, cancellationToken);
        }

        if (_cache.Find(KeyOf(target), status.Version) is { } known)
        {
            return known;
        }

        var result = await _scanner.ScanAsync(target, cancellationToken);
        if (!(_scanner.IsCaged && result is ScanResult.Clean))
        {
            _cache.Remember(KeyOf(target), status.Version, result);
        }

        return result;
    }

    private string KeyOf(ScanTarget target) => _scanner.ReadsNames ? $"{target.Sha256} {target.Part?.DetectedType} {target.Part?.FileName}" : target.Sha256;

    private bool IsAdvisory(MessageFacts facts, ScanResult? result) => result is ScanResult.Infected infected
        && (facts.Disbelief?.Covers(_scanner.Name, infected.Name) == true || _advisories.IsAdvisory(_scanner.Name, infected.Name));

    private CheckResult Conclude(MessageFacts facts, List<ScanTarget> targets, ScanResult?[] results, Func<string, EngineReport> report)
    {
        List<Conviction> convictions = [];
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is ScanResult.Infected infected)
            {
                convictions.Add(new Conviction(targets[i].Sha256, infected.Name, targets[i].Label, IsAdvisory(facts, infected)));
            }
        }

        // Ever so many advisory ones must not push out the one that counts.
        convictions = [.. convictions.OrderBy(c => c.IsAdvisory).Take(MaxConvictions)];

        if (convictions.FirstOrDefault(c => !c.IsAdvisory) is { } conviction)
        {
            return new CheckResult([_infected.On($"{conviction.Signature} in {conviction.Label}")], report("hit") with { Convictions = convictions });
        }

        for (var i = 0; i < results.Length; i++)
        {
            // Not only a failure: whatever is not an answer about this target has not been scanned.
            if (results[i] is null or ScanResult.Failed)
            {
                var failure = results.OfType<ScanResult.Failed>().FirstOrDefault() ?? new ScanResult.Failed("not every part was scanned");
                return new CheckResult([CheckFailure.Of(this).On(failure.Why)], report(failure.IsTimeout ? "timeout" : "error") with { Convictions = convictions });
            }
        }

        for (var i = 0; i < results.Length; i++)
        {
            // Encrypted parts are a finding of the anatomy, which knows more about them. Where it knows of none, the engine's word is one.
            if (results[i] is ScanResult.Heuristic { Kind: HeuristicKind.Encrypted } encrypted && !IsEncrypted(targets[i].Part ?? facts.Anatomy.Root))
            {
                results[i] = encrypted with { Kind = HeuristicKind.Other };
            }
        }

        List<Finding> findings = [.. convictions.Take(1).Select(c => _advisory.On($"{c.Signature} in {c.Label}"))];
        foreach (var (definition, kind) in new[] { (_limits, HeuristicKind.LimitsExceeded), (_heuristic, HeuristicKind.Other) })
        {
            if (Names(targets, results, kind) is { Length: > 0 } names)
            {
                var scores = results.OfType<ScanResult.Heuristic>().Where(h => h.Kind == kind).Select(h => h.Score ?? definition.Score);
                findings.Add(definition.On(names) with { Score = Math.Min(MaxHeuristicScore, scores.Max()) });
            }
        }

        return new CheckResult(findings, report(findings.Count > 0 ? "hit" : "clean") with { Convictions = convictions });
    }

    private static bool IsEncrypted(MessagePart part) => part.SelfAndDescendants().Any(p => (p.Flags & Encrypted) != 0);

    private static string Names(List<ScanTarget> targets, ScanResult?[] results, HeuristicKind kind) => string.Join(", ", results
        .Select((result, i) => (Result: result as ScanResult.Heuristic, targets[i].Label))
        .Where(scan => scan.Result?.Kind == kind)
        .Take(MaxNamedHeuristics)
        .Select(scan => $"{scan.Result!.Name} in {scan.Label}"));
}
