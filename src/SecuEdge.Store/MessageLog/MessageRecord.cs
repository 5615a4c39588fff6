using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Store.MessageLog;

/// <summary>Where a message, or one recipient of it, stands.</summary>
public enum MessageState
{
    /// <summary>Accepted, not yet finished for this recipient.</summary>
    Queued,

    /// <summary>The next hop took it.</summary>
    Delivered,

    /// <summary>The next hop or we had temporary trouble; another attempt is planned.</summary>
    Deferred,

    /// <summary>Given up; the sender was told (or must not be told).</summary>
    Bounced,

    /// <summary>Waits to be looked at again, see <see cref="RecipientRecord.HeldUntil"/>.</summary>
    Held,

    /// <summary>Kept for the administrator.</summary>
    Quarantined,

    /// <summary>Deleted from quarantine or dropped from the queue by a person, or discarded by a rule.</summary>
    Dropped,

    /// <summary>Refused with 5xx; we never had it.</summary>
    Rejected,

    /// <summary>Refused with 4xx; we never had it.</summary>
    TemporarilyRefused,
}

/// <summary>One step of a message: what the timeline shows. Kinds are a closed set for filters and metrics.</summary>
public sealed record MessageEvent
{
    public required DateTimeOffset At { get; init; }

    public required MessageEventKind Kind { get; init; }

    /// <summary>The recipient concerned; null for the whole message.</summary>
    public string? Recipient { get; init; }

    /// <summary>One plain sentence, with the peer's reply where there is one.</summary>
    public required string Text { get; init; }

    /// <summary>Who did it: token name for operations, null for the gateway itself.</summary>
    public string? Actor { get; init; }

    public double? Milliseconds { get; init; }

    /// <summary>Reference of the message that came of this step: a copy, a notice, a report. Its own <see cref="MessageRecord.Origin"/> leads back.</summary>
    public string? Related { get; init; }
}

public enum MessageEventKind
{
    Received,
    Judged,
    Accepted,
    Refused,
    Quarantined,
    Attempted,
    Delivered,
    Deferred,
    Bounced,
    Released,
    Forwarded,
    Dropped,

    /// <summary>Waits for what engines will know in some minutes.</summary>
    Held,

    /// <summary>Looked at again while held.</summary>
    Reviewed,

    /// <summary>An engine convicted a file of it after it was delivered.</summary>
    RetroConvicted,

    /// <summary>An action of a rule was carried out, or could not be.</summary>
    RuleApplied,

    /// <summary>A rule in monitor mode held: what it would have done.</summary>
    RuleWatched,
}

/// <summary>What a message made here has to do with the one it comes from.</summary>
public enum OriginKind
{
    /// <summary>Sent because a rule wants a copy.</summary>
    Copy,

    /// <summary>Tells somebody what a rule did.</summary>
    Notice,

    /// <summary>Sent out of quarantine to another address by a person.</summary>
    Forward,

    /// <summary>Tells the sender that a message was not delivered.</summary>
    Report,
}

/// <summary>The message that another one comes from.</summary>
public sealed record MessageOrigin(string Reference, OriginKind Kind);

/// <summary>One recipient of a message and what became of it.</summary>
public sealed record RecipientRecord
{
    public required string Address { get; init; }

    public required VerdictAction Action { get; init; }

    public required MessageState State { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When a held message is looked at for the last time; null when it is not held.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Last reply about this recipient, ours or the next hop's.</summary>
    public string LastReply { get; init; } = "";

    public string NextHop { get; init; } = "";

    /// <summary>To whom it goes instead, because a rule says so; null for nearly everybody.</summary>
    public string? RedirectedTo { get; init; }

    /// <summary>Name of the quarantine that a rule chose; empty where findings or scores decided.</summary>
    public string Queue { get; init; } = "";

    /// <summary>Held for the time that a rule says, not for the tenant's.</summary>
    public bool IsHeldByRule { get; init; }

    /// <summary>
    /// When that time ends, whatever has become of <see cref="HeldUntil"/> since: mail that could not be scanned is held on. Records of older
    /// versions do not say.
    /// </summary>
    public DateTimeOffset? RuleHoldsUntil { get; init; }

    /// <summary>
    /// Our trace headers for him, where recipients have different verdicts: nobody's mail tells what was decided for another. Null =
    /// <see cref="MessageRecord.TraceHeaders"/>.
    /// </summary>
    public string? TraceHeaders { get; init; }

    /// <summary>What rules want done for this recipient: places in <see cref="MessageRecord.Effects"/>, in order.</summary>
    public IReadOnlyList<int> Effects { get; init; } = [];
}

/// <summary>
/// The whole story of one message in one document: what the message log keeps after the bytes are gone, and the envelope under which the
/// spool keeps the message. No body, no full headers (R8).
/// </summary>
public sealed record MessageRecord
{
    public required string Reference { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required Direction Direction { get; init; }

    public required string Tenant { get; init; }

    public required string ConnectionId { get; init; }

    public required string ClientAddress { get; init; }

    public string HeloName { get; init; } = "";

    /// <summary>Greeted with EHLO; records of older versions do not say.</summary>
    public bool IsEsmtp { get; init; } = true;

    public string? TlsVersion { get; init; }

    public string? AuthenticatedAs { get; init; }

    /// <summary>Empty for the null path.</summary>
    public required string ReversePath { get; init; }

    public required IReadOnlyList<RecipientRecord> Recipients { get; init; }

    public string HeaderFrom { get; init; } = "";

    public string Subject { get; init; } = "";

    public string MessageId { get; init; } = "";

    public long SizeBytes { get; init; }

    public bool Is8Bit { get; init; }

    public bool IsSmtpUtf8 { get; init; }

    /// <summary>
    /// Its sender was unknown to the tenant when it came: what rules do about strangers, they do after a hold, too. Null when nobody knew.
    /// </summary>
    public bool? IsFirstContact { get; init; }

    /// <summary>An automatic message: never answered with a bounce.</summary>
    public bool IsAutomatic { get; init; }

    /// <summary>Made by the gateway in the name of nobody: a copy that a rule sends.</summary>
    public bool IsOurs { get; init; }

    /// <summary>Where it comes from, when it was made here; null for mail from the wire.</summary>
    public MessageOrigin? Origin { get; init; }

    /// <summary>Addresses, subject and the like were replaced by pseudonyms: who it was, the record no longer says.</summary>
    public bool IsPseudonymised { get; init; }

    /// <summary>The strongest verdict of the recipients.</summary>
    public VerdictAction Action { get; init; }

    public MessageClass Class { get; init; }

    public double Score { get; init; }

    public string DecidedBy { get; init; } = "";

    /// <summary>Why rules and thresholds decided so. Words of the message are in it, which only those may read who may read the message.</summary>
    public IReadOnlyList<RuleReason> Reasons { get; init; } = [];

    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public IReadOnlyList<EngineReport> Engines { get; init; } = [];

    /// <summary>
    /// Our trace headers as put in front of the bytes, CRLF lines; without a verdict where recipients have different ones. Empty when the message
    /// was refused.
    /// </summary>
    public string TraceHeaders { get; init; } = "";

    /// <summary>
    /// What rules want done when the message is delivered, each once, however many recipients it concerns. Empty when it has left: what
    /// was done stands in the events.
    /// </summary>
    public IReadOnlyList<RuleEffect> Effects { get; init; } = [];

    public IReadOnlyList<MessageEvent> Events { get; init; } = [];

    /// <summary>Least finished state of the recipients: a message is delivered when all of them are.</summary>
    public MessageState State => Recipients.Count == 0 ? MessageState.TemporarilyRefused : Recipients.MinBy(r => Progress(r.State))!.State;

    /// <summary>As those may have it who may not read the message.</summary>
    public MessageRecord WithoutWords() => Reasons.All(r => r.Words is null) ? this : this with { Reasons = [.. Reasons.Select(r => r with { Words = null })] };

    /// <summary>
    /// As if it had come for these addresses alone: neither who else got it is told, who may have been blind copies, nor what was decided for
    /// them.
    /// </summary>
    public MessageRecord OnlyFor(Func<string, bool> isTheirs)
    {
        List<RecipientRecord> theirs = [.. Recipients.Where(r => isTheirs(r.Address))];
        List<string> others = [.. Recipients.Select(r => r.Address).Where(a => !isTheirs(a))];
        var action = theirs.Select(r => r.Action).DefaultIfEmpty(Action).Max();
        return this with
        {
            Recipients = theirs,
            Action = action,
            DecidedBy = action == Action ? DecidedBy : "",
            TraceHeaders = others.Any(o => TraceHeaders.Contains(o, StringComparison.OrdinalIgnoreCase)) ? "" : TraceHeaders,
            Reasons = [.. Reasons.Where(r => theirs.Any(t => r.IsFor(t.Address))).Select(r => r with { Recipients = [.. r.Recipients.Where(isTheirs)] }).Where(r => !r.Names(others))],
            Events = [.. Events.Where(e => e.Recipient is { } recipient ? isTheirs(recipient) : action == Action || !IsOfVerdict(e)).Where(e => !others.Any(o => e.Text.Contains(o, StringComparison.OrdinalIgnoreCase)))],
        };
    }

    /// <summary>Says what was decided; for the whole message that is the strongest verdict.</summary>
    private static bool IsOfVerdict(MessageEvent e) => e.Kind is MessageEventKind.Judged or MessageEventKind.Reviewed or MessageEventKind.RuleApplied or MessageEventKind.RuleWatched;

    private static int Progress(MessageState state) => state switch
    {
        MessageState.Queued => 0,
        MessageState.Deferred => 1,
        MessageState.Held => 2,
        MessageState.Quarantined => 3,
        MessageState.Bounced => 4,
        MessageState.Rejected => 5,
        MessageState.TemporarilyRefused => 6,
        MessageState.Dropped => 7,
        MessageState.Delivered => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}
