namespace SecuEdge.Store.Attachments;

/// <summary>Which message brought which file, so that those who got it can be found when it turns out to be malware. Hashes only, no content.</summary>
public interface IAttachmentLog
{
    /// <summary>Returns at once; a crash may lose the last second.</summary>
    void Note(string sha256, string reference, DateTimeOffset receivedAt);

    /// <summary>Every message with one of these files, oldest first, within the retention. Reads the whole log: for convictions, not for each mail.</summary>
    /// <param name="sha256s">Lower-case hex.</param>
    Task<IReadOnlyList<AttachmentSighting>> FindAsync(IReadOnlySet<string> sha256s, CancellationToken cancellationToken);

    /// <summary>The same for files that somebody has an opinion about: asked once for each record.</summary>
    Task<IReadOnlyList<AttachmentSighting>> FindAsync(Func<string, bool> isWanted, CancellationToken cancellationToken);

    /// <summary>Deletes the days past the retention.</summary>
    void Expire();
}

public sealed record AttachmentSighting(string Sha256, string Reference, DateTimeOffset ReceivedAt);
