using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Backtest;

/// <summary>Counts what a back-test finds.</summary>
internal sealed class BacktestTally(BacktestRequest request, Func<PolicyFacts, bool> maySeeSubject)
{
    // A look into the message log takes some tenths of a millisecond; what they say of the first thousands, they say of the rest.
    private const int MaxLookups = 5_000;
    private const int MaxUnknowns = 20;

    private readonly Dictionary<(VerdictAction From, VerdictAction To), int> _changes = [];
    private readonly Dictionary<(string Rule, string Why), int> _unknowns = [];
    private readonly Dictionary<string, RuleTally> _rules = request.Rules.DistinctBy(r => r.Name).ToDictionary(r => r.Name, _ => new RuleTally());
    private readonly List<BacktestSample> _samples = [];
    private readonly (Group Newly, Group Still, Group Freed) _groups = (new(), new(), new());
    private int _lookups;

    public int Messages { get; set; }

    public int Changed { get; private set; }

    private int Decisions { get; set; }

    private int Unknown { get; set; }

    /// <returns>What the message log should be asked about, answered by <see cref="Learn"/>; null when nothing.</returns>
    public Group? Take(PolicyFacts facts, int index, ReplayedDecision decision)
    {
        Decisions++;
        Count(decision);
        if (decision.Doubtful is { } doubtful)
        {
            Unknown++;
            var key = (doubtful.Rule.Rule.Name, doubtful.Why);
            // Sentences quote values: after the first hundreds, one is as good as another.
            key = _unknowns.Count < 200 || _unknowns.ContainsKey(key) ? key : (key.Name, "and other reasons");
            _unknowns[key] = _unknowns.GetValueOrDefault(key) + 1;
            return null;
        }

        if (decision.IsChanged)
        {
            Changed++;
            _changes[(decision.From, decision.To)] = _changes.GetValueOrDefault((decision.From, decision.To)) + 1;
            Sample(facts, index, decision);
        }

        var group = (IsStopped(decision.From), IsStopped(decision.To)) switch
        {
            (false, true) => _groups.Newly,
            (true, true) => _groups.Still,
            (true, false) => _groups.Freed,
            (false, false) => null,
        };
        if (group is null)
        {
            return null;
        }

        group.Count++;
        return _lookups++ < MaxLookups ? group : null;
    }

    /// <summary>What became of a message that a group asked about.</summary>
    public void Learn(Group group, PolicyFacts facts, MessageRecord? record)
    {
        var isReleased = record?.Events.Any(e => e is { Kind: MessageEventKind.Released or MessageEventKind.Forwarded, Actor: not null }) == true;
        var isInfected = facts.Convictions.Count > 0
            || record is { Class: MessageClass.Infected }
            || record?.Events.Any(e => e.Kind == MessageEventKind.RetroConvicted) == true;
        if (group == _groups.Freed ? isInfected : isReleased)
        {
            group.References.Add(facts.Reference);
        }
    }

    public BacktestResult Result(DateTimeOffset since, DateTimeOffset until, DateTimeOffset reached, double seconds) => new()
    {
        Since = since,
        Until = until,
        Messages = Messages,
        Decisions = Decisions,
        Changed = Changed,
        Unknown = Unknown,
        Unchanged = Decisions - Changed - Unknown,
        Changes = [.. _changes.Select(c => new BacktestChange(c.Key.From, c.Key.To, c.Value)).OrderByDescending(c => c.Count)],
        Unknowns = [.. _unknowns.Select(u => new BacktestUnknown(u.Key.Rule, u.Key.Why, u.Value)).OrderByDescending(u => u.Count).Take(MaxUnknowns)],
        Rules = [.. _rules.Select(r => new BacktestRule(r.Key, r.Value.Held, r.Value.Decided, r.Value.Unknown))],
        NewlyStopped = new StoppedMail(_groups.Newly.Count, _groups.Newly.References.Count),
        StillStopped = new StoppedMail(_groups.Still.Count, _groups.Still.References.Count),
        NewlyDelivered = new FreedMail(_groups.Freed.Count, _groups.Freed.References.Count),
        Samples = [.. _samples.OrderByDescending(s => s.At)],
        IsPartial = reached > since,
        ReachedBackTo = reached,
        Seconds = Math.Round(seconds, 2),
    };

    private void Count(ReplayedDecision decision)
    {
        if (_rules.Count == 0)
        {
            return;
        }

        foreach (var answer in decision.Answers)
        {
            if (answer.Holds != Truth.No && _rules.TryGetValue(answer.Rule.Rule.Name, out var tally))
            {
                tally.Held += answer.Holds == Truth.Yes ? 1 : 0;
                tally.Unknown += answer.Holds == Truth.Unknown ? 1 : 0;
                tally.Decided += answer.Holds == Truth.Yes && decision.ToDecidedBy == answer.Rule.Rule.Name ? 1 : 0;
            }
        }
    }

    private void Sample(PolicyFacts facts, int index, ReplayedDecision decision)
    {
        if (_samples.Count >= request.Limit)
        {
            return;
        }

        _samples.Add(new BacktestSample
        {
            Reference = facts.Reference,
            At = facts.At,
            Tenant = facts.Tenant,
            Recipient = facts.Recipients[index],
            Subject = maySeeSubject(facts) ? facts.Subject : null,
            From = decision.From,
            DecidedBy = decision.FromDecidedBy,
            To = decision.To,
            WouldBeDecidedBy = decision.ToDecidedBy,
            Happened = decision.Happened,
            Adds = decision.Adds,
            Leaves = decision.Leaves,
        });
    }

    private static bool IsStopped(VerdictAction action) => action >= VerdictAction.Quarantine;

    /// <summary>Mail about which the message log is asked.</summary>
    internal sealed class Group
    {
        public int Count { get; set; }

        public HashSet<string> References { get; } = new(StringComparer.Ordinal);
    }

    private sealed class RuleTally
    {
        public int Held { get; set; }

        public int Decided { get; set; }

        public int Unknown { get; set; }
    }
}
