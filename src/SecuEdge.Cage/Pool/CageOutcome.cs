using SecuEdge.Content;

namespace SecuEdge.Cage.Pool;

/// <summary>How a job ended.</summary>
public abstract record CageOutcome
{
    private CageOutcome()
    {
    }

    /// <summary>
    /// An answer of the right form. Its content comes from a process that read hostile bytes and may lie. Disposing it deletes the files
    /// of its attachments.
    /// </summary>
    /// <param name="Attachments">In the order of the answer.</param>
    public sealed record Answered(string Body, IReadOnlyList<CageAttachment> Attachments) : CageOutcome, IDisposable
    {
        /// <summary>Owner of the attachments' files; null when all are in memory.</summary>
        public IDisposable? Files { get; init; }

        public void Dispose() => Files?.Dispose();
    }

    public sealed record Failed(CageFailure Kind, string Why) : CageOutcome;
}

/// <summary>Why there is no answer.</summary>
public enum CageFailure
{
    /// <summary>The process died of the job, twice.</summary>
    Crashed,

    /// <summary>No answer within the job's time; the process was killed.</summary>
    TimedOut,

    /// <summary>The job gave up, or a limit of the cage ended it, or its answer was malformed.</summary>
    Refused,

    /// <summary>No worker can be had, or not in time, or our disk is full: says nothing about the bytes. The client tries again (451).</summary>
    Unavailable,
}

/// <summary>Bytes that came with an answer; the parent wrote them where no worker can reach them.</summary>
/// <param name="Sha256">Lower-case hex, computed by the parent: a worker could claim that of another file.</param>
public sealed record CageAttachment(IByteSource Bytes, string Sha256);
