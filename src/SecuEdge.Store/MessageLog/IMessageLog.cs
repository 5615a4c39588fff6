using SecuEdge.Filter;

namespace SecuEdge.Store.MessageLog;

/// <summary>
/// The stories of all messages, one file a month. It is a projection: the spool is the truth of what is on the gateway, and what a crash
/// took from the log is written again from it.
/// </summary>
public interface IMessageLog
{
    /// <summary>Remembers the newest state of a message. Returns at once; readers see it at once; never throws; it is on disk after <see cref="FlushAsync"/> or within a second.</summary>
    void Save(MessageRecord record);

    /// <summary>Completes when everything saved before is on disk. Throws when it cannot be.</summary>
    Task FlushAsync(CancellationToken cancellationToken);

    /// <param name="isWanted">One that is not is looked for like one that does not exist, to the end of the log; null = any.</param>
    Task<MessageRecord?> FindAsync(string reference, CancellationToken cancellationToken, Func<MessageRecord, bool>? isWanted = null);

    /// <summary>Newest first, by keyset.</summary>
    Task<MessagePage> SearchAsync(MessageQuery query, CancellationToken cancellationToken);
}

/// <summary>Filters are combined with and. Text filters are equality on indexed fields; <see cref="Text"/> looks within the time window only.</summary>
public sealed record MessageQuery
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

    public Direction? Direction { get; init; }

    public VerdictAction? Action { get; init; }

    public MessageClass? Class { get; init; }

    public MessageState? State { get; init; }

    /// <summary>Envelope sender, whole address or <c>@example.com</c>, case-insensitive.</summary>
    public string? Sender { get; init; }

    /// <summary>Any envelope recipient, or to whom a rule sent it instead; whole address, case-insensitive.</summary>
    public string? Recipient { get; init; }

    /// <summary>Part of subject, header From, Message-ID or reference; a whole reference finds what was made of that message too.</summary>
    public string? Text { get; init; }

    /// <summary>1-200.</summary>
    public int Limit { get; init; } = 50;

    /// <summary><see cref="MessagePage.Next"/> of the page before.</summary>
    public string? Cursor { get; init; }
}

/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record MessagePage(IReadOnlyList<MessageRecord> Items, string? Next);
