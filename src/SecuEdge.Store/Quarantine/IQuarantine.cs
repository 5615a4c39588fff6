using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Quarantine;

/// <summary>
/// Messages kept for the administrator. The truth is one file with the bytes and one sidecar beside it; the index can be rebuilt from them.
/// One entry per message, with the recipients for whom it is kept.
/// </summary>
public interface IQuarantine
{
    /// <summary>Durable when the task completes; adding the same message again changes nothing (a crash may repeat it).</summary>
    /// <exception cref="IOException">The disk cannot take it, or another message of this reference is here already: keep this one.</exception>
    Task AddAsync(QuarantineEntry entry, IByteSource bytes, CancellationToken cancellationToken);

    /// <summary>Replaces the entry's state durably (released, seen).</summary>
    /// <returns>False when there is no such entry (any more): nothing is kept then.</returns>
    Task<bool> UpdateAsync(QuarantineEntry entry, CancellationToken cancellationToken);

    Task<QuarantineEntry?> FindAsync(string reference, CancellationToken cancellationToken);

    /// <summary>Newest first, by keyset.</summary>
    Task<QuarantinePage> ListAsync(QuarantineQuery query, CancellationToken cancellationToken);

    /// <summary>The bytes as received; null when the entry or its file is gone.</summary>
    IByteSource? OpenBytes(string reference);

    /// <summary>True when there was one.</summary>
    Task<bool> DeleteAsync(string reference, CancellationToken cancellationToken);

    /// <summary>Deletes what is older than its retention; returns the references.</summary>
    Task<IReadOnlyList<string>> ExpireAsync(DateTimeOffset olderThan, CancellationToken cancellationToken);

    int Count { get; }

    long TotalBytes { get; }
}

/// <summary>One quarantined message. <see cref="Message"/> is the record as it was when quarantined, with findings and envelope.</summary>
public sealed record QuarantineEntry
{
    public string Reference => Message.Reference;

    public required DateTimeOffset QuarantinedAt { get; init; }

    /// <summary>Addresses for whom it is kept.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Addresses for whom it was released.</summary>
    public IReadOnlyList<string> ReleasedTo { get; init; } = [];

    /// <summary>Names that rules gave: <c>policy</c>, <c>legal</c>. Empty where none did.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    public required MessageRecord Message { get; init; }
}

/// <summary>What became of a quarantined message.</summary>
public enum QuarantineState
{
    /// <summary>It is still kept for somebody.</summary>
    Waiting,

    /// <summary>It was let out to all for whom it was kept.</summary>
    Released,
}

/// <summary>Filters are combined with and.</summary>
public sealed record QuarantineQuery
{
    public string? Tenant { get; init; }

    /// <summary>
    /// Whose mail the caller may see; null = everybody's. Unlike the other filters it is a wall: nothing behind it is told by results, cursor or
    /// time taken.
    /// </summary>
    public IReadOnlySet<string>? Tenants { get; init; }

    /// <summary>Mailboxes whose mail he may see besides <see cref="Tenants"/>.</summary>
    public IReadOnlyList<MailboxView> Mailboxes { get; init; } = [];

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    public MessageClass? Class { get; init; }

    /// <summary>Whole address, or <c>@example.com</c>.</summary>
    public string? Sender { get; init; }

    public string? Recipient { get; init; }

    /// <summary>One of <see cref="QuarantineEntry.Queues"/>.</summary>
    public string? Queue { get; init; }

    /// <summary>As it stands for whoever asks: the owner of a mailbox is told of his own alone. Null = both.</summary>
    public QuarantineState? State { get; init; }

    /// <summary>Part of subject, header From, Message-ID, sender or recipient; or a reference.</summary>
    public string? Text { get; init; }

    /// <summary>1-200.</summary>
    public int Limit { get; init; } = 50;

    public string? Cursor { get; init; }
}

public sealed record QuarantinePage(IReadOnlyList<QuarantineEntry> Items, string? Next);
