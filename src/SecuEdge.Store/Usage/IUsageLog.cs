using SecuEdge.Filter;

namespace SecuEdge.Store.Usage;

/// <summary>
/// What each tenant used, by month: mailboxes that really got or sent mail, and the traffic of each day. Counted in the same transaction that
/// writes a message's story, with a mark beside it of what was counted: a story written again, after a crash or because of a new event,
/// counts once. A message belongs to the month in which it was received, also when it was delivered in the next. What settings say is asked when mail
/// is counted, and kept: nothing that is done to them later changes a month that is over.
/// </summary>
public interface IUsageLog
{
    /// <summary>Months that are known, newest first, each as <c>202611</c>.</summary>
    Task<IReadOnlyList<int>> MonthsAsync(CancellationToken cancellationToken);

    /// <summary>Everything of a month; empty when nothing is known of it.</summary>
    /// <param name="tenants">Only what is theirs, at the cost of what they have and not of what all have; null = everybody's.</param>
    Task<MonthlyUsage> FindAsync(int month, CancellationToken cancellationToken, IReadOnlyCollection<string>? tenants = null);

    /// <summary>The addresses that counted, in their order. Empty for months whose messages are no longer kept: of those only the numbers are.</summary>
    /// <param name="after">The last address of the page before.</param>
    Task<IReadOnlyList<UsedMailbox>> MailboxesAsync(int month, string tenant, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>The months in which an address counted.</summary>
    Task<IReadOnlyList<UsedMailbox>> FindMailboxAsync(string tenant, string address, CancellationToken cancellationToken);

    /// <summary>Gives an address another name in all months; null for all addresses of the tenant. The numbers stay.</summary>
    /// <returns>How many were renamed.</returns>
    Task<int> RenameAsync(string tenant, string? address, Func<string, string> rename, CancellationToken cancellationToken);
}

public sealed record MonthlyUsage
{
    public static MonthlyUsage Empty(int month) => new() { Month = month };

    /// <summary><c>202611</c></summary>
    public required int Month { get; init; }

    public IReadOnlyList<UsageDay> Days { get; init; } = [];

    public IReadOnlyList<MailboxCount> Mailboxes { get; init; } = [];
}

/// <summary>Mailboxes of one tenant that counted in a month.</summary>
/// <param name="Used">Received or sent.</param>
public sealed record MailboxCount(string Tenant, int Used, int Received, int Sent)
{
    /// <summary>Addresses besides <see cref="Used"/> that were in no list while mail came for them.</summary>
    public int Unlisted { get; init; }

    /// <summary>Addresses besides <see cref="Used"/> that an older version counted, in domains that were not the tenant's.</summary>
    public int Former { get; init; }
}

/// <summary>As what an address counts.</summary>
public enum MailboxStanding
{
    /// <summary>A mailbox, in a domain that was the tenant's when its mail was counted, whosever it is now.</summary>
    Used,

    /// <summary>It was in no list while mail came for it: the domain takes every address.</summary>
    Unlisted,

    /// <summary>Counted by an older version, which did not always ask; its domain was not the tenant's when this one was begun with.</summary>
    Former,
}

/// <summary>Traffic of one tenant on one day. A message counts once in each number that fits, under its last class.</summary>
public sealed record UsageDay
{
    public required string Tenant { get; init; }

    public required DateOnly Day { get; init; }

    public required Direction Direction { get; init; }

    public required MessageClass Class { get; init; }

    /// <summary>Accepted.</summary>
    public long Messages { get; init; }

    /// <summary>Of the accepted ones.</summary>
    public long Bytes { get; init; }

    /// <summary>Messages that at least one recipient got.</summary>
    public long Delivered { get; init; }

    /// <summary>Recipients that got one.</summary>
    public long Deliveries { get; init; }

    public long Quarantined { get; init; }

    /// <summary>Refused for good, never accepted.</summary>
    public long Blocked { get; init; }
}

/// <param name="Month"><c>202611</c></param>
/// <param name="Since">Day on which it counted first.</param>
public sealed record UsedMailbox(int Month, string Address, bool HasReceived, bool HasSent, DateOnly Since)
{
    public MailboxStanding Standing { get; init; }
}
