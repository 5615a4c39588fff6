namespace SecuEdge.Smtp.Commands;

/// <summary>STARTTLS (RFC 3207).</summary>
internal sealed class StartTlsCommand : SmtpCommand
{
    public override SmtpStage Stage => SmtpStage.Tls;

    public override IEnumerable<string> Keywords(SmtpSession session) => IsAvailable(session) && !session.Connection.IsTls ? ["STARTTLS"] : [];

    public override async Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken)
    {
        if (argument.Length > 0)
        {
            return session.Refuse(Stage, SmtpReplies.NoArgumentAllowed);
        }

        if (session.Connection.IsTls)
        {
            return session.Refuse(Stage, SmtpReplies.TlsAlready);
        }

        if (!IsAvailable(session))
        {
            return session.Refuse(Stage, SmtpReplies.TlsNotAvailable);
        }

        // RFC 3207 §6: bytes sent along would otherwise count as sent under TLS, whoever put them there.
        if (session.Wire.HasUnreadInput())
        {
            return session.Refuse(Stage, SmtpReplies.InjectedBeforeTls);
        }

        await session.StartTlsAsync();
        return null;
    }

    private static bool IsAvailable(SmtpSession session) => session.Listener.Certificates.Current is not null;
}
