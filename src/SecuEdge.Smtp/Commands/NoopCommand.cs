namespace SecuEdge.Smtp.Commands;

/// <summary>NOOP: any argument is ignored (RFC 5321 §4.1.1.9).</summary>
internal sealed class NoopCommand : SmtpCommand
{
    public override Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken) =>
        Task.FromResult<SmtpReply?>(SmtpReply.Ok);
}
