using SecuEdge.Content;

namespace SecuEdge.Cage.Pool;

/// <summary>A job from the line to its outcome. Either a worker takes it or its owner gives up, never both.</summary>
internal sealed class CageJob(string kind, string parameters, IByteSource bytes, TimeSpan limit, CancellationToken cancellation)
{
    /// <summary>A worker may have been killed from outside, so one failure proves nothing about the bytes; two do.</summary>
    private const int MaxTries = 2;

    private readonly TaskCompletionSource<CageOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isTaken;

    public string Kind => kind;

    public string Parameters => parameters;

    public IByteSource Bytes => bytes;

    public TimeSpan Limit => limit;

    public CancellationToken Cancellation => cancellation;

    public Task<CageOutcome> Outcome => _outcome.Task;

    public int Tries { get; set; }

    public bool MayTryAgain => Tries < MaxTries;

    /// <summary>True for whoever comes first: a worker to do it, or its owner to give up.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    public void End(CageOutcome outcome)
    {
        if (!_outcome.TrySetResult(outcome))
        {
            (outcome as IDisposable)?.Dispose();
        }
    }

    public void Cancel() => _outcome.TrySetCanceled(cancellation.IsCancellationRequested ? cancellation : new CancellationToken(canceled: true));
}
