namespace SecuEdge.Smtp;

/// <summary>An open connection, or why there is none.</summary>
/// <param name="Client">Null when it failed; otherwise the caller disposes it.</param>
/// <param name="Reply">The reply that ended it, the next hop's or ours; with a client, the reply to EHLO.</param>
/// <param name="Stage">Where it ended.</param>
public sealed record SmtpConnectResult(SmtpClient? Client, SmtpReply Reply, SmtpStage Stage)
{
    /// <summary>TLS was offered and did not work, so the connection is plain. Empty otherwise.</summary>
    public string TlsTrouble { get; init; } = "";
}
