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

    /// <summary>Someone asked for an attempt now: next hops are tried even if they were down a moment ago. Until the next round begins.</summary>
    public bool IsForced
    {
        get => Volatile.Read(ref _isForced);
        set => Volatile.Write(ref _isForced, value);
    }

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

    /// <summary>Whether something was asked that does not wait for its time.</summary>
    public bool IsWanted => Drop is not null || (HeldUntil is null ? IsForced : IsReviewAsked || Decision is not null);

    /// <summary>Completes when it has left the queue.</summary>
    public Task Left => (Interlocked.CompareExchange(ref _left, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null) ?? _left).Task;

    /// <summary>Waiting in the schedule. Changed under the lock of <see cref="MailQueue"/> only.</summary>
    public bool IsScheduled { get; set; }

    public DateTimeOffset DueAt { get; set; }

    private static readonly TaskCompletionSource s_gone = Gone();

    private DropRequest? _drop;
    private HoldDecision? _decision;
    private bool _isReviewAsked;
    private bool _isForced;
    private TaskCompletionSource? _left;

    /// <summary>Takes what <see cref="IsForced"/> says, once.</summary>
    public bool TakeForce() => Interlocked.Exchange(ref _isForced, false);

    /// <summary>It has left the queue.</summary>
    public void Leave() => (Interlocked.CompareExchange(ref _left, s_gone, null) ?? s_gone).TrySetResult();

    /// <summary>The first decision counts until it is carried out. False for a second one.</summary>
    public bool TryDecide(HoldDecision decision) => Interlocked.CompareExchange(ref _decision, decision, null) is null;

    /// <summary>Tells whoever decided, and lets others decide again.</summary>
    /// <param name="record">Null when there was nothing left to decide.</param>
    public void EndDecision(HoldDecision decision, MessageRecord? record)
    {
        Interlocked.CompareExchange(ref _decision, null, decision);
        decision.Complete(record);
    }

    private static TaskCompletionSource Gone()
    {
        var gone = new TaskCompletionSource();
        gone.SetResult();
        return gone;
    }
}

internal sealed record DropRequest(string Reason, string Actor);
