using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Lets a caller through to a message, or not. References are short and easily guessed; so a message that he may not see is answered with the
/// words of one that does not exist, after the same look into the message log and the same time.
/// </summary>
internal sealed class MailGate(IMessageLog messageLog, MailQueue queue, SiteHolder sites)
{
    /// <summary>The reference of the first moment there could have been one.</summary>
    private const string NeverGiven = "0000-0000";

    public SiteDirectory Site => sites.Current;

    /// <param name="needed">What he wants to do.</param>
    /// <param name="seen">With this he may know that the message exists, even if he may not do it.</param>
    /// <param name="missing">Answered when there is none, or none for him.</param>
    /// <returns>Null when he may go on.</returns>
    public async Task<OperationProblem?> RefuseAsync(
        Caller caller, Permission needed, Permission seen, string reference, OperationProblem missing, CancellationToken cancellationToken)
    {
        var site = Site;
        if (caller.May(needed, Tenant.Root, site))
        {
            return null;
        }

        var started = TimeProvider.System.GetTimestamp();
        var record = await messageLog.FindAsync(reference, cancellationToken) ?? queue.Find(reference);
        if (record is not null && caller.May(needed, record, site))
        {
            return null;
        }

        if (record is not null && caller.May(seen, record, site))
        {
            return Forbidden(needed, record.Tenant);
        }

        await ConcealAsync(started, record is not null, cancellationToken);
        return missing;
    }

    /// <summary>Lets an answer that there is no such message take its time: whether it was looked for in vain, or found and not shown.</summary>
    /// <param name="started">Time stamp of the system's clock before the look.</param>
    public async Task ConcealAsync(long started, bool isFound, CancellationToken cancellationToken)
    {
        if (isFound)
        {
            // In vain means in all months of the log.
            await messageLog.FindAsync(NeverGiven, cancellationToken);
        }

        await EvenPace.KeepAsync(started, cancellationToken);
    }

    public static OperationProblem Forbidden(Permission needed, string tenant) =>
        new(OperationFailure.Forbidden, $"this needs the permission {MailAccess.Word(needed)} on '{(tenant.Length == 0 ? Tenant.Root : tenant)}'; GET /api/v1/me says what you may do");
}
