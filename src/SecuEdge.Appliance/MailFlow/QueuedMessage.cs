using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>A message of the queue in memory: who it is and when it is due. The record is only here while somebody works on it.</summary>
internal sealed class QueuedMessage(ISpoolEntry entry, DateTimeOffset receivedAt, string tenant)
{
    public ISpoolEntry Entry { get; } = entry;

    public string Reference => Entry.Reference;

    public DateTimeOffset ReceivedAt { get; } = receivedAt;

    /// <summary>Known without its record: a list shows each caller only his own.</summary>
    public string Tenant { get; } = string.Intern(tenant);

    /// <summary>Null while the message waits; read again when its turn comes.</summary>
    public MessageRecord? Record { get; set; }

    /// <summary>Something was decided that the store could not take yet; it must be finished before anything else happens.</summary>
    public Settlement? Unsettled { get; set; }

    /// <summary>Someone asked for an attempt now: next hops are tried even if they were down a moment ago.</summary>
    public bool IsForced { get; set; }

    /// <summary>Someone asked to drop it; whoever works on it does so at the next step.</summary>
    public DropRequest? Drop
    {
        get => Volatile.Read(ref _drop);
        set => Volatile.Write(ref _drop, value);
    }

    /// <summary>When its hold ends; null when it is not held. Known without its record, so that held mail is found and counted.</summary>
    public DateTimeOffset? HeldUntil { get; set; }

    /// <summary>An engine knows more since it was judged: look again before its time.</summary>
    public bool IsReviewAsked
    {
        get => Volatile.Read(ref _isReviewAsked);
        set => Volatile.Write(ref _isReviewAsked, value);
    }

    /// <summary>A person decided about its hold.</summary>
    public HoldDecision? Decision => Volatile.Read(ref _decision);

    /// <summary>Waiting in the schedule. Changed under the lock of <see cref="MailQueue"/> only.</summary>
    public bool IsScheduled { get; set; }

    public DateTimeOffset DueAt { get; set; }

    private DropRequest? _drop;
    private HoldDecision? _decision;
    private bool _isReviewAsked;

    /// <summary>The first decision counts until it is carried out. False for a second one.</summary>
    public bool TryDecide(HoldDecision decision) => Interlocked.CompareExchange(ref _decision, decision, null) is null;

    /// <summary>Tells whoever decided, and lets others decide again.</summary>
    /// <param name="record">Null when there was nothing left to decide.</param>
    public void EndDecision(HoldDecision decision, MessageRecord? record)
    {
        Interlocked.CompareExchange(ref _decision, null, decision);
        decision.Complete(record);
    }
}

internal sealed record DropRequest(string Reason, string Actor);
