using SecuEdge.Smtp.Parsing;

namespace SecuEdge.Smtp.Commands;

/// <summary>RCPT (RFC 5321 §4.1.1.3). It has no parameters as long as DSN (RFC 3461) is not offered.</summary>
internal sealed class RcptCommand : SmtpCommand
{
    public override SmtpStage Stage => SmtpStage.Rcpt;

    public override async Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken)
    {
        if (!PathArgument.TryParse(argument, "TO:", out var recipient, out var parameterText) || recipient.IsNull)
        {
            return session.Refuse(Stage, SmtpReplies.BadRecipient);
        }

        if (!EsmtpParameters.TryParse(parameterText, out var parameters))
        {
            return session.Refuse(Stage, SmtpReplies.BadParameters);
        }

        if (parameters.Count > 0)
        {
            return session.Refuse(Stage, SmtpReplies.UnknownParameter(parameters[0].Keyword));
        }

        var transaction = session.Transaction!; // Legal only inside one.
        if (recipient.IsInternational && !transaction.IsSmtpUtf8)
        {
            return session.Refuse(Stage, SmtpReplies.NeedsSmtpUtf8);
        }

        if (transaction.Recipients.Count >= session.Options.MaxRecipients)
        {
            return session.Refuse(Stage, SmtpReplies.TooManyRecipients);
        }

        var reply = await session.Transactions.RecipientAsync(transaction, recipient, cancellationToken);
        if (reply.IsPositive)
        {
            transaction.Recipients.Add(recipient);
        }

        return reply;
    }
}
