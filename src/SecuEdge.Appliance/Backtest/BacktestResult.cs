using SecuEdge.Filter;

namespace SecuEdge.Appliance.Backtest;

/// <summary>
/// What a changed policy would have made of recorded mail, compared with the policy in force. Counted by decision: one message for one
/// recipient.
/// </summary>
public sealed record BacktestResult
{
    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>Mail of the tenant and of all tenants below it.</summary>
    public required int Messages { get; init; }

    public required int Decisions { get; init; }

    public required int Unchanged { get; init; }

    /// <summary>Another action, or other things done to the message (tag, banner, copy).</summary>
    public required int Changed { get; init; }

    /// <summary>Cannot be said, because something that a rule asks was not recorded. Bodies never are.</summary>
    public required int Unknown { get; init; }

    /// <summary>The changed ones by action.</summary>
    public required IReadOnlyList<BacktestChange> Changes { get; init; }

    /// <summary>Why it cannot be said, most frequent first.</summary>
    public required IReadOnlyList<BacktestUnknown> Unknowns { get; init; }

    /// <summary>The rules given, and how often each would have held.</summary>
    public required IReadOnlyList<BacktestRule> Rules { get; init; }

    /// <summary>Delivered by the policy in force, kept or refused by the new one.</summary>
    public required StoppedMail NewlyStopped { get; init; }

    /// <summary>Kept or refused by both: those released are mistakes that the change does not mend.</summary>
    public required StoppedMail StillStopped { get; init; }

    /// <summary>Kept or refused by the policy in force, delivered by the new one.</summary>
    public required FreedMail NewlyDelivered { get; init; }

    /// <summary>Some of what changed, newest first.</summary>
    public required IReadOnlyList<BacktestSample> Samples { get; init; }

    /// <summary>The time ran out: only mail since <see cref="ReachedBackTo"/> was looked at.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>Everything from here to <see cref="Until"/> was looked at.</summary>
    public required DateTimeOffset ReachedBackTo { get; init; }

    public required double Seconds { get; init; }
}

/// <summary>Decisions that would change from one action to another.</summary>
/// <param name="From">By the policy in force.</param>
/// <param name="To">By the changed policy; the same when only other things are done to the message.</param>
public sealed record BacktestChange(VerdictAction From, VerdictAction To, int Count);

/// <summary>Decisions that a rule leaves open.</summary>
/// <param name="Why">What was not recorded.</param>
public sealed record BacktestUnknown(string Rule, string Why, int Count);

/// <summary>What one rule would have done.</summary>
/// <param name="Held">Decisions for which it holds.</param>
/// <param name="Decided">Those of them whose action is the rule's.</param>
public sealed record BacktestRule(string Rule, int Held, int Decided, int Unknown);

/// <summary>Mail that would not be delivered.</summary>
/// <param name="Released">Messages of them that a person released from quarantine or hold.</param>
public sealed record StoppedMail(int Count, int Released);

/// <summary>Mail that would be delivered and was not.</summary>
/// <param name="Infected">Messages of them that an engine convicted, then or since.</param>
public sealed record FreedMail(int Count, int Infected);

/// <summary>One decision that would be another.</summary>
public sealed record BacktestSample
{
    public required string Reference { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Tenant { get; init; }

    public required string Recipient { get; init; }

    /// <summary>Absent for callers who may not read messages of the tenant.</summary>
    public string? Subject { get; init; }

    /// <summary>By the policy in force.</summary>
    public required VerdictAction From { get; init; }

    public required string DecidedBy { get; init; }

    /// <summary>By the changed policy.</summary>
    public required VerdictAction To { get; init; }

    public required string WouldBeDecidedBy { get; init; }

    /// <summary>What happened when it came; another than <see cref="From"/> when the policy changed since. Absent when it was not recorded.</summary>
    public VerdictAction? Happened { get; init; }

    /// <summary>Rules whose other actions (tag, banner, copy) would be carried out, and are not now.</summary>
    public IReadOnlyList<string> Adds { get; init; } = [];

    /// <summary>Rules whose other actions are carried out now, and would not be.</summary>
    public IReadOnlyList<string> Leaves { get; init; } = [];
}

/// <summary>How far a back-test is.</summary>
/// <param name="Done">Messages looked at.</param>
/// <param name="Total">About how many there are; null when older records do not say.</param>
/// <param name="Changed">Decisions that would change, of those looked at.</param>
/// <param name="ReachedBackTo">Everything from here to now was looked at.</param>
public sealed record BacktestProgress(int Done, int? Total, int Changed, DateTimeOffset ReachedBackTo);
