namespace SecuEdge.Store.MessageLog;

/// <summary>
/// Changes stories after the fact, for retention and for the rights of persons. Everything goes in small transactions, so mail that is being
/// logged waits for one of them at most; what a crash interrupts is simply called again.
/// </summary>
public interface IMessageUpkeep
{
    /// <summary>Deletes stories of a tenant that are older.</summary>
    /// <param name="limit">At most so many in one call.</param>
    /// <returns>How many were deleted; less than the limit when none is left.</returns>
    Task<int> ExpireAsync(string tenant, DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>Rewrites the stories of a tenant between two times, oldest first, except those that are pseudonymised already.</summary>
    /// <param name="from">Where the call before ended; 0 at the beginning.</param>
    Task<UpkeepStep> RewriteAsync(
        string tenant, long from, DateTimeOffset before, Func<MessageRecord, MessageRecord> rewrite, int limit, CancellationToken cancellationToken);

    /// <summary>Stories in which the address is envelope sender or recipient.</summary>
    IAsyncEnumerable<MessageRecord> OfPersonAsync(string tenant, string address, CancellationToken cancellationToken);

    /// <summary>Rewrites one story, wherever it is; false when there is none.</summary>
    Task<bool> RewriteAsync(string reference, Func<MessageRecord, MessageRecord> rewrite, CancellationToken cancellationToken);
}

/// <param name="Looked">Stories looked at; less than the limit when none is left.</param>
/// <param name="Rewritten">Those that were changed.</param>
/// <param name="Next">Where to go on.</param>
public sealed record UpkeepStep(int Looked, int Rewritten, long Next);
