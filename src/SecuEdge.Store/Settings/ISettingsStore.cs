namespace SecuEdge.Store.Settings;

/// <summary>What administrators change: the site document, in numbered revisions, and API tokens.</summary>
public interface ISettingsStore
{
    /// <summary>The newest revision; null on a new appliance.</summary>
    SiteRevision? Current { get; }

    /// <summary>Durable when the task completes. The number is the previous one plus one.</summary>
    Task<SiteRevision> SaveAsync(string siteJson, string author, string comment, CancellationToken cancellationToken);

    /// <summary>Newest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<SiteRevision>> HistoryAsync(int limit, CancellationToken cancellationToken);

    IReadOnlyList<TokenRecord> Tokens { get; }

    Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken);

    Task<bool> RemoveTokenAsync(string name, CancellationToken cancellationToken);
}

public sealed record SiteRevision(int Number, DateTimeOffset At, string Author, string Comment, string Json);

/// <param name="Hash">Lower-case hex SHA-256 of the token; a token has 256 random bits, so no slow hash is needed.</param>
public sealed record TokenRecord(string Name, string Hash, DateTimeOffset CreatedAt);
