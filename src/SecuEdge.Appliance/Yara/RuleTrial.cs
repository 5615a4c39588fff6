using System.Text.RegularExpressions;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Appliance.Yara;

/// <summary>
/// Tries a set before it may judge mail: it compiles, says nothing about honest files, and is quick. Otherwise the files to blame are named.
/// </summary>
internal sealed partial class RuleTrial(RuleCage cage, YaraServiceOptions options)
{
    /// <summary>
    /// The set; or the problems, by the key of their file; or, when neither could be found out (no cage, no libyara), why.
    /// </summary>
    public async Task<(RuleSetInForce? Set, IReadOnlyList<RuleProblem> Problems, string Trouble)> RunAsync(
        IReadOnlyList<RuleFile> files, CancellationToken cancellationToken)
    {
        var (answer, compiled, uncompiled) = await cage.CompileAsync(files, cancellationToken);
        if (answer is null)
        {
            return await BlameAsync(files, uncompiled!.Kind, uncompiled.Why, cancellationToken); // one of the two is there
        }

        if (answer.Errors.Count > 0)
        {
            return (null, answer.Errors, "");
        }

        if (LeftOut(files, answer.Rules) is { } leftOut)
        {
            return (null, [], $"the compiled set lacks the built-in rule {leftOut}");
        }

        var set = new RuleSetInForce(files, answer.Rules, compiled, options.UnmarkedRules);
        foreach (var (name, type, bytes) in CleanSamples.Small)
        {
            var (scan, failed) = await cage.ScanAsync(set, new MemoryBytes(bytes), name, type, options.TrialLimit, cancellationToken);
            if (scan is null || scan.Trouble.Length > 0)
            {
                return await BlameAsync(files, failed?.Kind, scan?.Trouble ?? failed!.Why, cancellationToken); // one of the two is there
            }

            var wrong = scan.Matches.Where(match => set.MeaningOf(match) is { Severity: not RuleSeverity.Informational }).ToList();
            if (wrong.Count > 0)
            {
                return (null, [.. wrong.Select(match => new RuleProblem(match.File, 0, $"rule {match.Name} matches the honest sample {name}: it would stop ordinary mail"))], "");
            }
        }

        var (large, failure) = await ScanLargeAsync(set, cancellationToken);
        return large is { Trouble.Length: 0 } ? (set, [], "") : await BlameAsync(files, failure?.Kind, large?.Trouble ?? failure!.Why, cancellationToken); // one of the two is there
    }

    /// <summary>A rule file that takes over the compiler must not be able to take our own rules out of force unseen.</summary>
    private static string? LeftOut(IReadOnlyList<RuleFile> files, IReadOnlyList<RuleFacts> rules)
    {
        var compiled = rules.Select(rule => (rule.File, rule.Name)).ToHashSet();
        return files.Where(file => file.Origin == RuleOrigin.BuiltIn)
            .SelectMany(file => RuleHead.Matches(file.Text).Select(head => (file.Key, Name: head.Groups[1].Value)))
            .FirstOrDefault(rule => !compiled.Contains(rule)).Name;
    }

    /// <summary>As our own files write it: at the start of a line. Private rules never match by themselves and are not told.</summary>
    [GeneratedRegex(@"^rule (\w+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex RuleHead { get; }

    /// <summary>Something was too slow, or killed its worker: each file alone says whether it is the one.</summary>
    private async Task<(RuleSetInForce?, IReadOnlyList<RuleProblem>, string)> BlameAsync(
        IReadOnlyList<RuleFile> files, CageFailure? kind, string why, CancellationToken cancellationToken)
    {
        if (kind == CageFailure.Unavailable)
        {
            return (null, [], why);
        }

        List<RuleProblem> problems = [];
        foreach (var file in files.Where(file => file.Origin != RuleOrigin.BuiltIn))
        {
            if (await TroubleAloneAsync(file, cancellationToken) is { Length: > 0 } trouble)
            {
                problems.Add(new RuleProblem(file.Key, 0, $"the trial with 1 MB ended so: {trouble}"));
            }
        }

        // No file alone: then it is their number, or the machine.
        return problems.Count > 0 ? (null, problems, "") : (null, [], $"the trial of the rules ended so: {why}");
    }

    private async Task<string> TroubleAloneAsync(RuleFile file, CancellationToken cancellationToken)
    {
        var (answer, compiled, uncompiled) = await cage.CompileAsync([file], cancellationToken);
        if (answer is not { Errors.Count: 0 })
        {
            return uncompiled is { Kind: not CageFailure.Unavailable } ? uncompiled.Why : "";
        }

        var alone = new RuleSetInForce([file], answer.Rules, compiled, options.UnmarkedRules);
        var (scan, failed) = await ScanLargeAsync(alone, cancellationToken);
        return scan?.Trouble ?? failed!.Why; // one of the two is there
    }

    private Task<(RuleScanAnswer? Answer, CageOutcome.Failed? Failed)> ScanLargeAsync(RuleSetInForce set, CancellationToken cancellationToken) =>
        cage.ScanAsync(set, new MemoryBytes(CleanSamples.Large), "large.bin", "application/octet-stream", options.TrialLimit, cancellationToken);
}
