namespace SecuEdge.Smtp.Commands;

/// <summary>RSET: forgets the transaction, not the greeting (RFC 5321 §4.1.1.5).</summary>
internal sealed class RsetCommand : SmtpCommand
{
    public override Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken)
    {
        if (argument.Length > 0)
        {
            return Task.FromResult<SmtpReply?>(session.Refuse(Stage, SmtpReplies.NoArgumentAllowed));
        }

        session.Transaction = null;
        return Task.FromResult<SmtpReply?>(SmtpReply.Ok);
    }
}
