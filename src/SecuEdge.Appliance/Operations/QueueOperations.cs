using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with mail that waits for its next hop.</summary>
internal sealed class QueueOperations(MailQueue queue, MailGate gate, Auditor auditor)
{
    private const string Gone = "It was gone from the queue.";

    /// <param name="tenant">Only its own; null = all that the caller may see.</param>
    /// <param name="isHeld">Only what is held, or only what is not; null lists all.</param>
    public Task<QueuePage> ListAsync(Caller caller, string? tenant, bool? isHeld, int limit, string? cursor, CancellationToken cancellationToken)
    {
        var visible = caller.Visible(Permission.QueueRead, gate.Site);
        var asked = tenant is null ? visible
            : new HashSet<string>(visible?.Contains(tenant) == false ? [] : [tenant], StringComparer.OrdinalIgnoreCase);
        return queue.ListAsync(isHeld, limit, cursor, cancellationToken, asked);
    }

    /// <summary>Tries now, whatever the schedule says.</summary>
    public async Task<Outcome<string>> RetryAsync(Caller caller, string reference, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(caller, Permission.QueueManage, Permission.QueueRead, reference, NotQueued(reference), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!queue.Contains(reference))
        {
            return NotQueued(reference);
        }

        var tenant = queue.TenantOf(reference);
        var outcome = await auditor.DoAsync(
            new Deed(caller, "queue.retry", tenant, reference, "Tries to deliver before its time"),
            () => queue.RetryAsync(reference, CancellationToken.None),
            done => done is QueueOutcome.NotFound ? Gone : done is QueueOutcome.Held ? "It is held." : "");
        switch (outcome)
        {
            case QueueOutcome.NotFound:
                return NotQueued(reference);
            case QueueOutcome.Held:
                return new OperationProblem(OperationFailure.Conflict, $"{reference} is held, not waiting for a next hop; POST /api/v1/messages/{reference}:release delivers it");
            default:
                return reference;
        }
    }

    /// <param name="reason">Kept in the timeline: somebody will ask why this mail never came.</param>
    public async Task<Outcome<string>> DropAsync(Caller caller, string reference, string? reason, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            return new OperationProblem(OperationFailure.Invalid, "reason: is missing; say why this message is dropped, the timeline keeps it", "reason");
        }

        if (await gate.RefuseAsync(caller, Permission.QueueManage, Permission.QueueRead, reference, NotQueued(reference), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!queue.Contains(reference))
        {
            return NotQueued(reference);
        }

        var outcome = await auditor.DoAsync(
            new Deed(caller, "queue.drop", queue.TenantOf(reference), reference, "Dropped from the queue", reason),
            () => queue.DropAsync(reference, reason, caller.Name, CancellationToken.None),
            done => done is QueueOutcome.NotFound ? Gone : "");
        return outcome == QueueOutcome.NotFound ? NotQueued(reference) : reference;
    }

    private static OperationProblem NotQueued(string reference) =>
        new(OperationFailure.NotFound, $"{reference} is not waiting in the queue; GET /api/v1/messages/{reference} says where it is");
}
