namespace SecuEdge.Smtp.Commands;

/// <summary>QUIT: a reply comes before the end (RFC 5321 §4.1.1.10). An argument is no reason to keep anyone.</summary>
internal sealed class QuitCommand : SmtpCommand
{
    public override Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken) =>
        Task.FromResult<SmtpReply?>(SmtpReplies.Goodbye);
}
