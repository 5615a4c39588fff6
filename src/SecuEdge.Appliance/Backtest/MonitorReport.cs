using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Backtest;

/// <summary>What rules on trial would have done.</summary>
public sealed record MonitorReport
{
    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>Messages recorded in that time, of the tenant and all below it.</summary>
    public required int Messages { get; init; }

    public required IReadOnlyList<MonitorRule> Rules { get; init; }
}

/// <summary>One rule on trial. Counted by decision: one message for one recipient.</summary>
public sealed record MonitorRule
{
    public required string Rule { get; init; }

    /// <summary>Where it is written.</summary>
    public required string Node { get; init; }

    /// <summary>It is in force as a trial now; false for what was recorded and is no trial any more.</summary>
    public required bool IsOnTrial { get; init; }

    public required int Held { get; init; }

    /// <summary>Of those, how many were delivered: what the rule would have changed.</summary>
    public required int Delivered { get; init; }

    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The newest messages it held for.</summary>
    public required IReadOnlyList<string> References { get; init; }

    public required IReadOnlyList<MonitorDay> Days { get; init; }
}

/// <summary>One day of a rule on trial.</summary>
/// <param name="Day">UTC.</param>
public sealed record MonitorDay(DateOnly Day, int Held);

/// <summary>Counts them.</summary>
internal sealed class MonitorTally
{
    private const int ShownReferences = 10;

    private readonly Dictionary<MonitoredRule, Counts> _rules = [];
    private int _messages;

    /// <param name="rules">In force now: those on trial are shown even when they never held.</param>
    public MonitorTally(IReadOnlyList<PlacedRule> rules)
    {
        foreach (var rule in rules.Where(r => r.Rule is { Enabled: true, Mode: RuleMode.Monitor }))
        {
            _rules[new MonitoredRule(rule.Rule.Name, rule.Node)] = new Counts { IsOnTrial = true };
        }
    }

    /// <summary>Oldest first.</summary>
    public void Take(PolicyFacts facts)
    {
        _messages++;
        foreach (var verdict in facts.Verdicts)
        {
            foreach (var rule in verdict.Monitored)
            {
                if (!_rules.TryGetValue(rule, out var counts))
                {
                    _rules[rule] = counts = new Counts();
                }

                counts.Add(facts, verdict);
            }
        }
    }

    public MonitorReport Report(DateTimeOffset since, DateTimeOffset until) => new()
    {
        Since = since,
        Until = until,
        Messages = _messages,
        Rules = [.. _rules.OrderByDescending(r => r.Value.Held).ThenBy(r => r.Key.Rule, StringComparer.Ordinal).Select(r => new MonitorRule
        {
            Rule = r.Key.Rule,
            Node = r.Key.Node,
            IsOnTrial = r.Value.IsOnTrial,
            Held = r.Value.Held,
            Delivered = r.Value.Delivered,
            LastAt = r.Value.LastAt,
            References = [.. r.Value.References.Reverse()],
            Days = [.. r.Value.Days.Select(d => new MonitorDay(d.Key, d.Value))],
        })],
    };

    private sealed class Counts
    {
        public bool IsOnTrial { get; init; }

        public int Held { get; private set; }

        public int Delivered { get; private set; }

        public DateTimeOffset? LastAt { get; private set; }

        public Queue<string> References { get; } = [];

        public SortedDictionary<DateOnly, int> Days { get; } = [];

        public void Add(PolicyFacts facts, PastVerdict verdict)
        {
            Held++;
            Delivered += verdict.Action is VerdictAction.Deliver or VerdictAction.Tag ? 1 : 0;
            LastAt = facts.At;
            if (!References.Contains(facts.Reference))
            {
                References.Enqueue(facts.Reference);
            }

            if (References.Count > ShownReferences)
            {
                References.Dequeue();
            }

            var day = DateOnly.FromDateTime(facts.At.UtcDateTime);
            Days[day] = Days.GetValueOrDefault(day) + 1;
        }
    }
}
