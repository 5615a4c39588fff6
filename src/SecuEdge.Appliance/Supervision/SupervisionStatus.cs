namespace SecuEdge.Appliance.Supervision;

/// <summary>The supervised ClamAV, as <c>/readyz</c>, API and metrics show it.</summary>
/// <param name="IsSupervised">False: clamd is someone else's, and all that is known of it is what the scanner sees.</param>
/// <param name="Clamd">Null when not supervised.</param>
/// <param name="Signatures">What clamd was started with.</param>
/// <param name="Updates">Null when not supervised.</param>
/// <param name="Trouble">What an administrator should know, as one plain text; empty when all is well.</param>
internal sealed record SupervisionStatus(
    bool IsSupervised, ChildProcessStatus? Clamd, SignatureKind Signatures, FreshclamStatus? Updates, string Trouble)
{
    public bool IsDegraded => Trouble.Length > 0;

    internal static SupervisionStatus NotSupervised { get; } = new(false, null, SignatureKind.None, null, "");

    internal static SupervisionStatus Of(ChildProcessStatus clamd, SignatureChoice signatures, FreshclamStatus updates)
    {
        string[] troubles =
        [
            clamd.State == ChildState.Running ? "" : $"clamd is not running: {clamd.Reason}",
            signatures.Kind == SignatureKind.TestOnly ? $"test signatures only, no real virus is found: {signatures.Missing}" : "",
            // Said once: without any database it is already the reason why clamd waits, or why there are only test signatures.
            signatures.Kind == SignatureKind.Installed && updates.Trouble.Length > 0 ? $"signatures are not updated: {updates.Trouble}" : "",
        ];
        return new SupervisionStatus(
            true, clamd, signatures.Kind, updates, string.Join("; ", troubles.Where(trouble => trouble.Length > 0)));
    }
}
