using SecuEdge.Appliance.MailFlow;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with mail that waits for its next hop.</summary>
internal sealed class QueueOperations(MailQueue queue)
{
    public Task<QueuePage> ListAsync(int limit, string? cursor, CancellationToken cancellationToken) => queue.ListAsync(limit, cursor, cancellationToken);

    /// <summary>Tries now, whatever the schedule says.</summary>
    public async Task<Outcome<string>> RetryAsync(string reference, CancellationToken cancellationToken) =>
        await queue.RetryAsync(reference, cancellationToken) == QueueOutcome.NotFound ? NotQueued(reference) : reference;

    /// <param name="reason">Kept in the timeline: somebody will ask why this mail never came.</param>
    public async Task<Outcome<string>> DropAsync(Caller caller, string reference, string? reason, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            return new OperationProblem(OperationFailure.Invalid, "reason: is missing; say why this message is dropped, the timeline keeps it");
        }

        return await queue.DropAsync(reference, reason, caller.Name, cancellationToken) == QueueOutcome.NotFound ? NotQueued(reference) : reference;
    }

    private static OperationProblem NotQueued(string reference) =>
        new(OperationFailure.NotFound, $"{reference} is not waiting in the queue; GET /api/v1/messages/{reference} says where it is");
}
