using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with held mail before its time.</summary>
internal sealed class HoldOperations(MailQueue queue, IMessageLog messageLog, MailGate gate, Auditor auditor, TimeProvider timeProvider)
{
    // A review that is running ends within the time limit of the checks; nobody waits for it so long with a console open.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Delivers to those for whom it is held.</summary>
    public Task<Outcome<MessageRecord>> ReleaseAsync(Caller caller, string reference, CancellationToken cancellationToken) =>
        DecideAsync(caller, reference.ToUpperInvariant(), isRelease: true, cancellationToken);

    public Task<Outcome<MessageRecord>> QuarantineAsync(Caller caller, string reference, CancellationToken cancellationToken) =>
        DecideAsync(caller, reference.ToUpperInvariant(), isRelease: false, cancellationToken);

    private async Task<Outcome<MessageRecord>> DecideAsync(Caller caller, string reference, bool isRelease, CancellationToken cancellationToken)
    {
        // The decision is about all recipients: the owner of one mailbox cannot take it.
        var whole = caller with { Grants = [.. caller.Grants.Where(g => g.Mailbox is null)] };
        if (await gate.RefuseAsync(whole, Permission.QuarantineRelease, Permission.MessagesRead, reference, NotFound(reference), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (isRelease && queue.Contains(reference) && RefusedToRelease(caller, reference) is { } harmful)
        {
            return harmful;
        }

        var (action, detail) = isRelease ? ("message.release", "Released from hold") : ("message.quarantine", "Put into quarantine from hold");
        var tenant = queue.TenantOf(reference);
        if (queue.Find(reference)?.HeldUntil() is null)
        {
            return await NotHeldAsync(reference, cancellationToken);
        }

        await auditor.RecordAsync(caller, action, tenant, reference, detail, cancellationToken);
        var outcome = await DecideAsync(reference, new HoldDecision(isRelease, caller.Name), cancellationToken);
        if (outcome.Problem is { } problem)
        {
            await auditor.RecordAsync(caller, action, tenant, reference, problem.Detail, cancellationToken, succeeded: false);
        }

        return outcome;
    }

    /// <summary>What it is cannot be read: then it may be malware.</summary>
    private OperationProblem? RefusedToRelease(Caller caller, string reference) =>
        queue.Find(reference) is { } held
            ? caller.RefusedToRelease(held, gate.Site)
            : new OperationProblem(OperationFailure.Unavailable, $"what is known of {reference} cannot be read at the moment; try again");

    private async Task<Outcome<MessageRecord>> DecideAsync(string reference, HoldDecision decision, CancellationToken cancellationToken)
    {
        var outcome = queue.Decide(reference, decision);
        if (outcome == QueueOutcome.NotFound)
        {
            return await NotHeldAsync(reference, cancellationToken);
        }

        if (outcome == QueueOutcome.Decided)
        {
            return new OperationProblem(OperationFailure.Conflict, $"somebody decided about {reference} a moment ago; that is being carried out");
        }

        try
        {
            var record = await decision.CarriedOut.WaitAsync(Patience, timeProvider, cancellationToken);
            if (decision.Refusal is { } why)
            {
                return new OperationProblem(OperationFailure.Conflict, $"{reference} is not released: {why}");
            }

            return record is not null
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
            ? NotFound(reference)
            : new OperationProblem(
                OperationFailure.Conflict,
                record.State == MessageState.Quarantined
                    ? $"{reference} is not held but quarantined; use POST /api/v1/quarantine/{reference}:release"
                    : $"{reference} is not held but {record.State.ToString().ToLowerInvariant()}");

    private static OperationProblem NotFound(string reference) =>
        new(OperationFailure.NotFound, $"there is no message {reference}; list what is held with GET /api/v1/queue?state=held");
}
