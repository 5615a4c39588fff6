using System.IO.Pipelines;

namespace SecuEdge.Smtp.Tests.Fakes;

/// <summary>Tells when the server waits for the client, so that a test may let time pass just then.</summary>
internal sealed class ObservedReader(PipeReader inner) : PipeReader
{
    private TaskCompletionSource waiting = NewSource();

    /// <summary>Completes while the server waits.</summary>
    public Task Waiting => Volatile.Read(ref waiting).Task;

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(cancellationToken);
        if (!read.IsCompleted)
        {
            waiting.TrySetResult();
        }

        var result = await read;
        Volatile.Write(ref waiting, NewSource());
        return result;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
