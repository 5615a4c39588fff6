namespace SecuEdge.Store.Audit;

/// <summary>
/// Who did what, for good: append-only, each entry carries the hash of the one before, so that a removed or changed one shows. Not for
/// mail (the message log tells that), but for everything people and their tools do.
/// </summary>
public interface IAuditLog
{
    /// <summary>
    /// Durable when the task completes. Number and hashes are given here. Written first, acted after: whoever is to be audited waits for the
    /// task before anything is shown or changed. Should the act fail then, a second entry says so (<see cref="AuditEntry.Succeeded"/>).
    /// </summary>
    /// <exception cref="AuditUnavailableException">The disk does not take it, so nothing may be done: what nobody can account for does not happen.</exception>
    Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<AuditPage> SearchAsync(AuditQuery query, CancellationToken cancellationToken);
}

/// <summary>One thing somebody did, or tried.</summary>
public sealed record AuditEntry
{
    /// <summary>1, 2, 3 …; given by the log. 0 where only a part of the log is shown: gaps would tell how much others do.</summary>
    public long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>User or token.</summary>
    public required string Actor { get; init; }

    /// <summary>Where the request came from; empty for the appliance itself.</summary>
    public string Address { get; init; } = "";

    /// <summary>The node of the tree concerned; whoever may read its audit sees the entry. Empty = the appliance.</summary>
    public string Tenant { get; init; } = "";

    /// <summary><c>noun.verb</c>: <c>quarantine.release</c>, <c>message.content</c>, <c>token.create</c>, <c>login.failed</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: reference, name of a rule, user.</summary>
    public string Target { get; init; } = "";

    /// <summary>One plain sentence.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Why, in the words of the person; asked for where content of mail is read.</summary>
    public string Reason { get; init; } = "";

    /// <summary>False when it was refused.</summary>
    public bool Succeeded { get; init; } = true;

    /// <summary>Lower-case hex SHA-256 of the entry before; of the first one, 64 zeros. Empty in a part of the log: it may be somebody else's.</summary>
    public string PreviousHash { get; init; } = "";

    /// <summary>Lower-case hex SHA-256 of this entry's canonical form. Empty in a part of the log: with it the number could be found by trying.</summary>
    public string Hash { get; init; } = "";

    /// <summary>As those see it who see a part of the log.</summary>
    public AuditEntry InPart() => this with { Number = 0, PreviousHash = "", Hash = "" };
}

/// <summary>Filters are combined with and.</summary>
public sealed record AuditQuery
{
    /// <summary>Null = all.</summary>
    public IReadOnlySet<string>? Tenants { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>Whole; of a token its name alone, too.</summary>
    public string? Actor { get; init; }

    /// <summary>Whole, or its beginning: <c>quarantine.</c>.</summary>
    public string? Action { get; init; }

    public string? Target { get; init; }

    /// <summary>1-200.</summary>
    public int Limit { get; init; } = 50;

    public string? Cursor { get; init; }
}

public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, string? Next);
