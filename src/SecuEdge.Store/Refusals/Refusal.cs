namespace SecuEdge.Store.Refusals;

/// <summary>Why a recipient was not taken, before there was a message.</summary>
public enum RefusalReason
{
    /// <summary>The domain takes mail, and this is no mailbox of it.</summary>
    UnknownMailbox,

    /// <summary>The directory of the domain was never read.</summary>
    MailboxesNotKnown,

    /// <summary>The tenant is suspended, or its trial is over.</summary>
    Suspended,

    /// <summary>Nobody has proven yet that the domain is his.</summary>
    Pending,

    /// <summary>Neither the recipient's domain nor the client is of anybody here.</summary>
    Relay,

    /// <summary>Stored settings cannot be read, and it may concern their tenants.</summary>
    Settings,
}

/// <summary>One recipient that was refused.</summary>
/// <param name="Tenant">Whom it concerns.</param>
/// <param name="Client">Empty, as the sender and the recipient then, for one whom it concerns and who may only know the number.</param>
/// <param name="Sender">Envelope sender; empty for bounces.</param>
/// <param name="Reply">As it was said, without the reference.</param>
/// <param name="Reference">Said in the reply.</param>
public sealed record RefusedAttempt(string Tenant, DateTimeOffset At, string Client, string Sender, string Recipient, RefusalReason Reason, string Reply, string Reference);

/// <summary>The refused attempts of one client from one sender to one recipient within an hour.</summary>
public sealed record Refusal
{
    /// <summary>Rises with the time of the first attempt.</summary>
    public required long Id { get; init; }

    public required string Tenant { get; init; }

    public required DateTimeOffset First { get; init; }

    public required DateTimeOffset Last { get; init; }

    public required long Count { get; init; }

    /// <summary>Address of the client; empty when attempts of many were counted together.</summary>
    public required string Client { get; init; }

    /// <summary>Empty for bounces, and in rows that count together.</summary>
    public required string Sender { get; init; }

    /// <summary>Empty in rows that count together.</summary>
    public required string Recipient { get; init; }

    public required RefusalReason Reason { get; init; }

    /// <summary>The latest.</summary>
    public required string Reply { get; init; }

    /// <summary>Of the latest attempts, newest last.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Attempts were too many to keep each address, or are not for the reader: only their number is known.</summary>
    public bool IsSum { get; init; }
}

/// <summary>What to look for; null leaves it open.</summary>
public sealed record RefusalQuery
{
    /// <summary>Those the reader may see; null for all.</summary>
    public IReadOnlySet<string>? Tenants { get; init; }

    public string? Tenant { get; init; }

    /// <summary>An address, or a domain.</summary>
    public string? Sender { get; init; }

    /// <summary>An address, or a domain.</summary>
    public string? Recipient { get; init; }

    public string? Client { get; init; }

    public string? Reference { get; init; }

    public RefusalReason? Reason { get; init; }

    /// <summary>With an attempt at or after.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>With an attempt before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only rows with a lower <see cref="Refusal.Id"/>.</summary>
    public long Before { get; init; } = long.MaxValue;

    public int Limit { get; init; } = 50;

    internal bool Matches(Refusal row) =>
        row.Id < Before
        && (Tenants is null || Tenants.Contains(row.Tenant))
        && (Tenant is null || row.Tenant.Equals(Tenant, StringComparison.OrdinalIgnoreCase))
        && (Client is null || row.Client.Equals(Client, StringComparison.OrdinalIgnoreCase))
        && (Reason is null || row.Reason == Reason)
        && (Since is null || row.Last >= Since)
        && (Until is null || row.First < Until)
        && (Sender is null || IsOf(row.Sender, Sender))
        && (Recipient is null || IsOf(row.Recipient, Recipient))
        && (Reference is null || row.References.Contains(Reference, StringComparer.OrdinalIgnoreCase));

    private static bool IsOf(string address, string wanted) =>
        wanted.Contains('@', StringComparison.Ordinal)
            ? address.Equals(wanted, StringComparison.OrdinalIgnoreCase)
            : address.EndsWith("@" + wanted, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Newest first.</summary>
/// <param name="Next">To be given as <see cref="RefusalQuery.Before"/> for what is older; null at the end. A page may be short and have one: a search reads so much at once.</param>
public sealed record RefusalPage(IReadOnlyList<Refusal> Items, long? Next);
