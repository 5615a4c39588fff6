using SecuEdge.Appliance.Operations;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Api;

/// <summary>One line of the message log.</summary>
public sealed record MessageSummary
{
    public required string Reference { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required Direction Direction { get; init; }

    public required string Tenant { get; init; }

    public required string ClientAddress { get; init; }

    /// <summary>Envelope sender; empty for delivery reports.</summary>
    public required string Sender { get; init; }

    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Header From, decoded.</summary>
    public required string From { get; init; }

    public required string Subject { get; init; }

    public required long SizeBytes { get; init; }

    public required VerdictAction Action { get; init; }

    public required MessageClass Class { get; init; }

    public required double Score { get; init; }

    /// <summary>Finding, rule or threshold that decided; of mail that nothing spoke against, the first rule that did something to it.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>Where it stands; with several recipients the least finished one.</summary>
    public required MessageState State { get; init; }

    /// <summary>The message that this one was made of, when it was made here: a copy, a notice, a forward, a report. Null for mail from the wire.</summary>
    public MessageOrigin? Origin { get; init; }

    internal static MessageSummary Of(MessageRecord record) => new()
    {
        Reference = record.Reference,
        ReceivedAt = record.ReceivedAt,
        Direction = record.Direction,
        Tenant = record.Tenant,
        ClientAddress = record.ClientAddress,
        Sender = record.ReversePath,
        Recipients = [.. record.Recipients.Select(r => r.Address)],
        From = record.HeaderFrom,
        Subject = record.Subject,
        SizeBytes = record.SizeBytes,
        Action = record.Action,
        Class = record.Class,
        Score = record.Score,
        DecidedBy = record.DecidedBy,
        State = record.State,
        Origin = record.Origin,
    };
}

/// <summary>One message with everything that was found, decided and done.</summary>
public sealed record MessageDetail
{
    public required MessageSummary Message { get; init; }

    public required string MessageId { get; init; }

    public required string HeloName { get; init; }

    public string? TlsVersion { get; init; }

    public string? AuthenticatedAs { get; init; }

    public required IReadOnlyList<RecipientDetail> Recipients { get; init; }

    public required IReadOnlyList<FindingDetail> Findings { get; init; }

    /// <summary>Why rules and thresholds decided so: what was compared by those that decided, acted or only watched.</summary>
    public required IReadOnlyList<ReasonDetail> Reasons { get; init; }

    public required IReadOnlyList<EngineReport> Engines { get; init; }

    /// <summary>Every step in order.</summary>
    public required IReadOnlyList<TimelineEvent> Timeline { get; init; }

    /// <param name="mayReadContent">He may read the message, and that he does is written down.</param>
    internal static MessageDetail Of(MessageRecord record, bool mayReadContent = false) => new()
    {
        Message = MessageSummary.Of(record),
        MessageId = record.MessageId,
        HeloName = record.HeloName,
        TlsVersion = record.TlsVersion,
        AuthenticatedAs = record.AuthenticatedAs,
        Recipients = [.. record.Recipients.Select(r => new RecipientDetail(r.Address, r.Action, r.State, r.Attempts, r.NextAttemptAt, r.HeldUntil, r.LastReply, r.NextHop, r.RedirectedTo))],
        Findings = [.. record.Findings.Select(f => new FindingDetail(f.Code, f.Score, f.Class, f.Text, f.Detail, f.Group))],
        Reasons = [.. record.Reasons.Select(r => ReasonDetail.Of(r, mayReadContent))],
        Engines = record.Engines,
        Timeline = [.. record.Events.Select(e => new TimelineEvent(e.At, e.Kind, e.Recipient, e.Text, e.Actor, e.Milliseconds, e.Related))],
    };
}

/// <param name="RedirectedTo">To whom it goes instead, because a rule says so.</param>
public sealed record RecipientDetail(
    string Address, VerdictAction Action, MessageState State, int Attempts, DateTimeOffset? NextAttemptAt, DateTimeOffset? HeldUntil, string LastReply, string NextHop,
    string? RedirectedTo);

/// <summary>What a rule or threshold compared.</summary>
/// <param name="Rule">Name of the rule or threshold.</param>
/// <param name="Node">Where the rule is written; empty for thresholds.</param>
/// <param name="IsDecisive">It said where the message goes; the others only did something to it.</param>
/// <param name="IsWatching">It is in monitor mode: nothing came of it.</param>
/// <param name="Why">One sentence with the values compared. The words found in the message are in it only where its content is read.</param>
/// <param name="Recipients">For whom; empty for all.</param>
public sealed record ReasonDetail(string Rule, string Node, bool IsDecisive, bool IsWatching, string Why, IReadOnlyList<string> Recipients)
{
    internal static ReasonDetail Of(RuleReason reason, bool mayReadContent) =>
        new(reason.Rule, reason.Node, reason.IsDecisive, reason.IsWatching, (mayReadContent ? reason.Words : null) ?? reason.Why, reason.Recipients);
}

public sealed record FindingDetail(string Code, double Score, MessageClass Class, string Text, string Detail, FindingGroup Group);

/// <param name="Actor">The token that did it; null for the gateway itself.</param>
/// <param name="Related">Reference of the other message, where one came of this step or this one comes of it.</param>
public sealed record TimelineEvent(DateTimeOffset At, MessageEventKind Kind, string? Recipient, string Text, string? Actor, double? Milliseconds, string? Related);

/// <summary>One message in the queue.</summary>
/// <param name="NextAttemptAt">Null while it is being worked on.</param>
/// <param name="HeldUntil">When a held message is judged for the last time; null when it is not held.</param>
public sealed record QueueEntry(DateTimeOffset? NextAttemptAt, DateTimeOffset? HeldUntil, MessageSummary Message);

/// <summary>One quarantined message.</summary>
public sealed record QuarantineItem
{
    public required string Reference { get; init; }

    public required DateTimeOffset QuarantinedAt { get; init; }

    /// <summary>For whom it is kept.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    public required IReadOnlyList<string> ReleasedTo { get; init; }

    /// <summary>Names of the quarantines that rules chose; empty where findings or scores decided.</summary>
    public required IReadOnlyList<string> Queues { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether it is still kept for somebody. Where a released message is since then, <c>message.state</c> says.</summary>
    public required QuarantineState State { get; init; }

    public required MessageSummary Message { get; init; }

    internal static QuarantineItem Of(QuarantineEntry entry) => new()
    {
        Reference = entry.Reference,
        QuarantinedAt = entry.QuarantinedAt,
        Recipients = entry.Recipients,
        ReleasedTo = entry.ReleasedTo,
        Queues = entry.Queues,
        Reason = QuarantineReasons.Of(entry),
        State = entry.Recipients.Except(entry.ReleasedTo, StringComparer.OrdinalIgnoreCase).Any() ? QuarantineState.Waiting : QuarantineState.Released,
        Message = MessageSummary.Of(entry.Message),
    };
}

/// <summary>A quarantined message read safely: headers and text as plain text, parts by name only, nothing rendered.</summary>
public sealed record QuarantinePreview
{
    public required QuarantineItem Item { get; init; }

    public required IReadOnlyList<FindingDetail> Findings { get; init; }

    /// <summary>Why rules and thresholds decided so, with the words that they found.</summary>
    public required IReadOnlyList<ReasonDetail> Reasons { get; init; }

    /// <summary>Header fields in order, decoded.</summary>
    public required IReadOnlyList<HeaderLine> Headers { get; init; }

    /// <summary>Visible text, at most 64 K characters.</summary>
    public required string Text { get; init; }

    public required Operations.AnalysisPart Anatomy { get; init; }
}

public sealed record HeaderLine(string Name, string Value);

/// <param name="Recipients">Some of the recipients; omitted = all not yet released.</param>
public sealed record ReleaseRequest(IReadOnlyList<string>? Recipients);

/// <param name="To">Address that gets the message.</param>
/// <param name="Reason">Why; kept in the audit log. Required where the tenant asks for it.</param>
public sealed record ForwardRequest(string To, string? Reason = null);
