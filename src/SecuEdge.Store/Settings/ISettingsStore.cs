namespace SecuEdge.Store.Settings;

/// <summary>
/// What administrators change: small JSON documents with a name (<c>tenant/acme</c>), every change of them a numbered revision, and API tokens.
/// </summary>
public interface ISettingsStore
{
    /// <summary>Number of the newest revision; 0 on a new appliance.</summary>
    int Revision { get; }

    /// <summary>The documents in force by name; a snapshot that later changes leave alone.</summary>
    IReadOnlyDictionary<string, SettingsDocument> Documents { get; }

    /// <summary>
    /// One revision with all the changes, or nothing. Durable when the task completes; the number is the previous one plus one. Changes to what a
    /// document already says are left out; when none is left, no revision is made.
    /// </summary>
    /// <returns>Null when nothing changes.</returns>
    /// <exception cref="System.Text.Json.JsonException">A document is no JSON.</exception>
    /// <exception cref="IOException">The disk cannot take it; everything is as before.</exception>
    Task<RevisionHeader?> SaveAsync(IReadOnlyList<DocumentWrite> changes, string author, string comment, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<RevisionPage> HistoryAsync(RevisionQuery query, CancellationToken cancellationToken);

    /// <summary>One revision with what its documents said before and after; null when there is none of that number (any more).</summary>
    Task<SettingsRevision?> FindAsync(int number, CancellationToken cancellationToken);

    /// <summary>All documents as they were once the revision was made; null when that is not known (any more).</summary>
    Task<IReadOnlyDictionary<string, SettingsDocument>?> AtAsync(int number, CancellationToken cancellationToken);

    /// <summary>
    /// Takes documents out of the history, too: what they ever said, and the comments of revisions that changed them. For good: there is no way
    /// back to them. Those in force are left alone.
    /// </summary>
    /// <exception cref="IOException">The disk cannot take it; called again it goes on.</exception>
    Task ForgetAsync(Func<string, bool> isToGo, CancellationToken cancellationToken);

    IReadOnlyList<TokenRecord> Tokens { get; }

    Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken);

    Task<bool> RemoveTokenAsync(string name, CancellationToken cancellationToken);
}

/// <param name="Revision">The revision that wrote it.</param>
public sealed record SettingsDocument(string Json, int Revision);

/// <param name="Json">Null deletes the document.</param>
public sealed record DocumentWrite(string Document, string? Json);

/// <summary>A revision without what it changed.</summary>
public sealed record RevisionHeader(int Number, DateTimeOffset At, string Author, string Comment, IReadOnlyList<string> Documents);

/// <summary>A change of the settings.</summary>
public sealed record SettingsRevision(RevisionHeader Header, IReadOnlyList<DocumentChange> Changes);

/// <param name="Before">Null when the document was created.</param>
/// <param name="After">Null when it was deleted.</param>
public sealed record DocumentChange(string Document, string? Before, string? After);

/// <summary>Which revisions.</summary>
public sealed record RevisionQuery
{
    /// <summary>Only those that touch a document of which this is true; null = all.</summary>
    public Func<string, bool>? Touches { get; init; }

    /// <summary>Only those with a smaller number: the last number of the page before.</summary>
    public int? Below { get; init; }

    /// <summary>1-200.</summary>
    public int Limit { get; init; } = 50;
}

/// <param name="Next"><see cref="RevisionQuery.Below"/> of the following page; null on the last.</param>
public sealed record RevisionPage(IReadOnlyList<RevisionHeader> Items, int? Next);

/// <param name="Hash">Lower-case hex SHA-256 of the token; a token has 256 random bits, so no slow hash is needed.</param>
public sealed record TokenRecord(string Name, string Hash, DateTimeOffset CreatedAt);
