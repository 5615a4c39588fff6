using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>Changes the record of one tenant and saves it as a revision. Whoever changes rules, lists or settings goes through here.</summary>
internal interface ITenantEditor
{
    /// <param name="tenant">The caller's permission on it was checked before.</param>
    /// <param name="change">From the record in force to the new one, or why it cannot be. Called once, while nobody else changes anything.</param>
    /// <param name="deedOf">What the audit log is told before it is done, by the new record; not asked when nothing changes.</param>
    /// <param name="expectedRevision">Revision the caller read; another one in force answers <see cref="OperationFailure.Stale"/>. Null does not ask.</param>
    /// <returns>The tenant as it is now, with the revision that made it so.</returns>
    Task<Outcome<Versioned<Tenant>>> ChangeAsync(
        Caller caller, string tenant, Func<Tenant, Outcome<Tenant>> change, Func<Tenant, Deed> deedOf, string comment, int? expectedRevision, CancellationToken cancellationToken);
}
