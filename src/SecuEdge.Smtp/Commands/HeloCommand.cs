namespace SecuEdge.Smtp.Commands;

/// <summary>HELO: the greeting of clients without extensions (RFC 5321 §4.1.1.1).</summary>
internal sealed class HeloCommand : SmtpCommand
{
    public override SmtpStage Stage => SmtpStage.Helo;

    public override async Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken) =>
        await session.HelloAsync(argument, isEsmtp: false, cancellationToken) ?? new SmtpReply(250, null, session.Options.Hostname);
}
