namespace SecuEdge.Smtp.Commands;

/// <summary>VRFY: always 252 (RFC 5321 §3.5.3, §7.3).</summary>
internal sealed class VrfyCommand : SmtpCommand
{
    public override Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken) =>
        Task.FromResult<SmtpReply?>(argument.Length > 0 ? SmtpReplies.CannotVerify : session.Refuse(Stage, SmtpReplies.ArgumentExpected));
}
