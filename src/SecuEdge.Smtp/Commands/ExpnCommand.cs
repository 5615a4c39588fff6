namespace SecuEdge.Smtp.Commands;

/// <summary>EXPN: known and refused, a gateway has no lists and would not show them (RFC 5321 §3.5.2, §7.3).</summary>
internal sealed class ExpnCommand : SmtpCommand
{
    public override Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken) =>
        Task.FromResult<SmtpReply?>(session.Refuse(Stage, SmtpReplies.NotImplemented));
}
