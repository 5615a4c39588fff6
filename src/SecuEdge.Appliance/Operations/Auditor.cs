using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Writes into the audit log in the caller's name. An operation that changes something, or shows content of mail, awaits it before it acts:
/// when the audit log cannot be written, an exception goes through to the caller as 503 and nothing was done.
/// A client that hangs up does not stop it: he would leave a deed that nobody can find.
/// </summary>
internal sealed class Auditor(IAuditLog log, TimeProvider timeProvider)
{
    /// <param name="action"><c>noun.verb</c>, see <see cref="AuditEntry.Action"/>.</param>
    /// <param name="tenant">The node concerned; empty = the appliance.</param>
    /// <param name="cancellationToken">Of the request; it ends what is done, never what is written down about it.</param>
    public Task RecordAsync(Caller caller, string action, string tenant, string target, string detail, CancellationToken cancellationToken, string reason = "", bool succeeded = true) =>
        log.AppendAsync(
            new AuditEntry
            {
                At = timeProvider.GetUtcNow(),
                Actor = caller.Name,
                Address = caller.Address,
                Tenant = tenant,
                Action = action,
                Target = target,
                Detail = detail,
                Reason = reason,
                Succeeded = succeeded,
            },
            CancellationToken.None);
}
