namespace SecuEdge.Smtp.Commands;

/// <summary>EHLO: names the client and lists the extensions (RFC 5321 §4.1.1.1).</summary>
internal sealed class EhloCommand : SmtpCommand
{
    public override SmtpStage Stage => SmtpStage.Helo;

    // RFC 2920 and RFC 2034: properties of the session, of no verb.
    public override IEnumerable<string> Keywords(SmtpSession session) => ["PIPELINING", "ENHANCEDSTATUSCODES"];

    public override async Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken) =>
        await session.HelloAsync(argument, isEsmtp: true, cancellationToken) ?? new SmtpReply(250, null, Greeting(session));

    private static string Greeting(SmtpSession session) =>
        string.Join('\n', SmtpCommands.All.SelectMany(verb => verb.Command.Keywords(session)).Prepend(session.Options.Hostname));
}
