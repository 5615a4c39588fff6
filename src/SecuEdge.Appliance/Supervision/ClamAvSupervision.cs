namespace SecuEdge.Appliance.Supervision;

/// <summary>The one place to ask how the supervised ClamAV is; cheap, no I/O. Registered whether or not clamd is supervised.</summary>
internal sealed class ClamAvSupervision(ClamdSupervisor? clamd = null, FreshclamSchedule? updates = null)
{
    public SupervisionStatus Status =>
        clamd is null || updates is null
            ? SupervisionStatus.NotSupervised
            : SupervisionStatus.Of(clamd.Status, clamd.Signatures, updates.Status);
}
