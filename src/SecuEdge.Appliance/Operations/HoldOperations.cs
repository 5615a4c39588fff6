using SecuEdge.Appliance.MailFlow;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with held mail before its time.</summary>
internal sealed class HoldOperations(MailQueue queue, IMessageLog messageLog, TimeProvider timeProvider)
{
    // A review that is running ends within the time limit of the checks; nobody waits for it so long with a console open.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Delivers to those for whom it is held.</summary>
    public Task<Outcome<MessageRecord>> ReleaseAsync(Caller caller, string reference, CancellationToken cancellationToken) =>
        DecideAsync(reference.ToUpperInvariant(), new HoldDecision(isRelease: true, caller.Name), cancellationToken);

    public Task<Outcome<MessageRecord>> QuarantineAsync(Caller caller, string reference, CancellationToken cancellationToken) =>
        DecideAsync(reference.ToUpperInvariant(), new HoldDecision(isRelease: false, caller.Name), cancellationToken);

    private async Task<Outcome<MessageRecord>> DecideAsync(string reference, HoldDecision decision, CancellationToken cancellationToken)
    {
        if (queue.Decide(reference, decision) == QueueOutcome.NotFound)
        {
            return await NotHeldAsync(reference, cancellationToken);
        }

        try
        {
            return await decision.CarriedOut.WaitAsync(Patience, timeProvider, cancellationToken) is { } record
                ? record
                : await NotHeldAsync(reference, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new OperationProblem(OperationFailure.Unavailable, $"{reference} is being judged at the moment; the decision is carried out as soon as that ends");
        }
    }

    private async Task<OperationProblem> NotHeldAsync(string reference, CancellationToken cancellationToken) =>
        await messageLog.FindAsync(reference, cancellationToken) is not { } record
            ? new OperationProblem(OperationFailure.NotFound, $"there is no message {reference}; list what is held with GET /api/v1/queue?state=held")
            : new OperationProblem(
                OperationFailure.Conflict,
                $"{reference} is not held but {record.State.ToString().ToLowerInvariant()}"
                + (record.State == MessageState.Quarantined ? $"; use POST /api/v1/quarantine/{reference}:release" : ""));
}
