using SecuEdge.Appliance.MailFlow;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with mail that waits for its next hop.</summary>
internal sealed class QueueOperations(MailQueue queue)
{
    /// <param name="isHeld">Only what is held, or only what is not; null lists all.</param>
    public Task<QueuePage> ListAsync(bool? isHeld, int limit, string? cursor, CancellationToken cancellationToken) =>
        queue.ListAsync(isHeld, limit, cursor, cancellationToken);

    /// <summary>Tries now, whatever the schedule says.</summary>
    public async Task<Outcome<string>> RetryAsync(string reference, CancellationToken cancellationToken) =>
        await queue.RetryAsync(reference, cancellationToken) switch
        {
            QueueOutcome.NotFound => NotQueued(reference),
            QueueOutcome.Held => new OperationProblem(OperationFailure.Conflict, $"{reference} is held, not waiting for a next hop; POST /api/v1/messages/{reference}:release delivers it"),
            _ => reference,
        };

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
