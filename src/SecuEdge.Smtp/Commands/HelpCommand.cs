namespace SecuEdge.Smtp.Commands;

/// <summary>HELP: the verbs (RFC 5321 §4.1.1.8).</summary>
internal sealed class HelpCommand : SmtpCommand
{
    private static readonly Lazy<SmtpReply> Help = new(() => new SmtpReply(214, "2.0.0", string.Join(' ', SmtpCommands.All.Select(verb => verb.Name))));

    public override Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken) =>
        Task.FromResult<SmtpReply?>(Help.Value);
}
