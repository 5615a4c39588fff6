using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy;

/// <summary>Why a rule or a threshold had a say in what became of a message, short enough to be kept with its story.</summary>
public sealed record RuleReason
{
    /// <summary>A sentence each; whoever wants all of it analyses the message.</summary>
    public const int MaxChars = 300;

    private const int MaxReasons = 6;

    /// <summary>Name of the rule or threshold.</summary>
    public required string Rule { get; init; }

    /// <summary>Where the rule is written; empty for thresholds.</summary>
    public string Node { get; init; } = "";

    /// <summary>It said where the message goes.</summary>
    public bool IsDecisive { get; init; }

    /// <summary>It is in monitor mode: nothing came of it.</summary>
    public bool IsWatching { get; init; }

    /// <summary>One sentence with the values compared, without words of the message.</summary>
    public required string Why { get; init; }

    /// <summary>The same with the words that were found: content, for those who may read the message. Null where there are none.</summary>
    public string? Words { get; init; }

    /// <summary>For whom, where it is not for all recipients.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Whether it says anything of one of these persons.</summary>
    public bool Names(IReadOnlyList<string> addresses) => addresses.Any(a =>
        Recipients.Contains(a, StringComparer.OrdinalIgnoreCase)
        || Why.Contains(a, StringComparison.OrdinalIgnoreCase)
        || Words?.Contains(a, StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>Whether it is one for this recipient.</summary>
    public bool IsFor(string address) => Recipients.Count == 0 || Recipients.Contains(address, StringComparer.OrdinalIgnoreCase);

    /// <summary>Of one verdict: who decided first, then who acted, then who only watched.</summary>
    public static IReadOnlyList<RuleReason> Of(Verdict verdict)
    {
        if (verdict.Disposition is null && verdict.Acted.Count + verdict.Monitored.Count == 0)
        {
            return Threshold(verdict);
        }

        var wanted = verdict.Acted.Select(e => (e.Rule, e.Node))
            .Concat(verdict.Monitored.Select(m => (Rule: m.Rule.Name, m.Node)))
            .ToHashSet();
        IEnumerable<RuleReason> rules = verdict.Answers
            .Where(a => wanted.Contains((a.Rule.Rule.Name, a.Rule.Node)))
            .Select(a => Of(a, verdict.Disposition is { } d && (d.Rule, d.Node) == (a.Rule.Rule.Name, a.Rule.Node)));
        return [.. Threshold(verdict).Concat(rules).OrderBy(r => r.IsDecisive ? 0 : r.IsWatching ? 2 : 1).Take(MaxReasons)];
    }

    private static RuleReason Of(RuleAnswer answer, bool isDecisive)
    {
        var (why, words) = (Short(answer.WhyDiscreetly), Short(answer.Why));
        return new RuleReason
        {
            Rule = answer.Rule.Rule.Name,
            Node = answer.Rule.Node,
            IsDecisive = isDecisive,
            IsWatching = answer.Rule.Rule.Mode == RuleMode.Monitor,
            Why = why,
            Words = words == why ? null : words,
        };
    }

    /// <summary>Of findings the story has their own sentences.</summary>
    private static RuleReason[] Threshold(Verdict verdict) =>
        verdict.DecidedBy is Policy.RejectThreshold or Policy.QuarantineThreshold or Policy.TagThreshold
        && verdict.BeforeRules().FirstOrDefault(o => o.Rule == verdict.DecidedBy) is { } outcome
            ? [new RuleReason { Rule = outcome.Rule, IsDecisive = true, Why = outcome.Why }]
            : [];

    private static string Short(string sentence) => sentence.Length <= MaxChars ? sentence : sentence[..(MaxChars - 1)] + "…";
}
