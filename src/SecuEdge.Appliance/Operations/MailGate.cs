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

        return await FindAsync(reference, r => caller.May(needed, r, site) || caller.May(seen, r, site), cancellationToken) is not { } record ? missing
            : caller.May(needed, record, site) ? null
            : Forbidden(needed, record.Tenant);
    }

    /// <summary>A message that somebody may see. One that he may not see is looked for, and takes the time, as one that does not exist.</summary>
    public async Task<MessageRecord?> FindAsync(string reference, Func<MessageRecord, bool> isVisible, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var found = await messageLog.FindAsync(reference, cancellationToken, isVisible) ?? queue.Find(reference);
        if (found is not null && isVisible(found))
        {
            return found;
        }

        await EvenPace.KeepAsync(started, cancellationToken);
        return null;
    }

    public static OperationProblem Forbidden(Permission needed, string tenant) =>
        new(OperationFailure.Forbidden, $"this needs the permission {MailAccess.Word(needed)} on '{(tenant.Length == 0 ? Tenant.Root : tenant)}'; GET /api/v1/me says what you may do");
}
