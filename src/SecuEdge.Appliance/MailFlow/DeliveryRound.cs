using System.Collections.Concurrent;
using SecuEdge.Appliance.MailFlow.Effects.Rewriting;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// One pass over the due recipients of a message: a group for each route, worked on at the same time. Whoever finishes last settles.
/// </summary>
internal sealed class DeliveryRound(QueuedMessage message, MessageRecord record)
{
    private readonly List<RoundGroup> _groups = [];

    // Groups of the same effects on different routes share the message they get.
    private readonly ConcurrentDictionary<string, Lazy<RewrittenMessage>> _rewritten = new(StringComparer.Ordinal);

    // The one who builds the round counts as a group, so that nobody settles before it is complete.
    private int _pending = 1;

    public QueuedMessage Message { get; } = message;

    public MessageRecord Record { get; } = record;

    /// <summary>Someone asked for it: recipients are tried before their time, and next hops even if they were down a moment ago.</summary>
    public bool IsForced { get; init; }

    /// <summary>In the order of the recipients, whatever order they finish in.</summary>
    public IReadOnlyList<RoundGroup> Groups => _groups;

    /// <summary>Recipients whose action keeps them here.</summary>
    public List<int> ForQuarantine { get; } = [];

    /// <summary>A lane that had no room; the message waits there for the recipients that were left out.</summary>
    public DeliveryLane? FullLane { get; set; }

    /// <summary>Who is to get other bytes, or other headers in front of them, is another group.</summary>
    public RoundGroup GroupOf(Route route, RecipientRecord recipient)
    {
        var (effects, traceHeaders) = (recipient.Effects, recipient.TraceHeaders ?? Record.TraceHeaders);
        foreach (var group in _groups)
        {
            var isSameWay = ReferenceEquals(group.Route, route) || (route.Failure is null && group.Route.Name == route.Name);
            if (isSameWay && group.Effects.SequenceEqual(effects) && group.TraceHeaders == traceHeaders)
            {
                return group;
            }
        }

        var added = new RoundGroup(this, route, effects, traceHeaders);
        _groups.Add(added);
        return added;
    }

    /// <summary>Made once; a failure of the disk is forgotten, so that the next attempt tries again.</summary>
    public RewrittenMessage Rewritten(IReadOnlyList<int> effects, Func<RewrittenMessage> rewrite) =>
        _rewritten.GetOrAdd(string.Join(',', effects), _ => new Lazy<RewrittenMessage>(rewrite)).Value;

    public void Begin() => Interlocked.Increment(ref _pending);

    /// <returns>True for the last one, who must settle.</returns>
    public bool End() => Interlocked.Decrement(ref _pending) == 0;
}

/// <summary>The recipients of a message that share a route, our headers and what rules do to the message, and what the attempt brought.</summary>
internal sealed class RoundGroup(DeliveryRound round, Route route, IReadOnlyList<int> effects, string traceHeaders)
{
    public DeliveryRound Round { get; } = round;

    public Route Route { get; } = route;

    /// <summary>Places in the record's effects.</summary>
    public IReadOnlyList<int> Effects { get; } = effects;

    /// <summary>Ours, without what rules add.</summary>
    public string TraceHeaders { get; } = traceHeaders;

    /// <summary>Null while nobody sent it, and where no rule changes it.</summary>
    public RewrittenMessage? Rewritten { get; set; }

    /// <summary>Indexes in the record.</summary>
    public List<int> Recipients { get; } = [];

    /// <summary>One per recipient that was tried; empty when the attempt was called off.</summary>
    public List<RecipientOutcome> Outcomes { get; } = [];

    /// <summary>What went wrong on the way to the hop that answered.</summary>
    public List<HopTrouble> Troubles { get; } = [];

    /// <summary>The same answer for everyone who has none yet.</summary>
    public void AnswerRest(SmtpReply reply, string nextHop)
    {
        var answered = Outcomes.Select(o => o.Index).ToHashSet();
        Outcomes.AddRange(Recipients.Where(i => !answered.Contains(i)).Select(i => new RecipientOutcome(i, reply, nextHop, 0)));
    }
}

/// <param name="Index">In the record.</param>
/// <param name="NextHop">Who answered; empty when it was us.</param>
internal sealed record RecipientOutcome(int Index, SmtpReply Reply, string NextHop, double Milliseconds);

/// <param name="Text">One sentence for the timeline.</param>
internal sealed record HopTrouble(string Text, double Milliseconds);
