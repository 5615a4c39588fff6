using System.Globalization;
using SecuEdge.Smtp.Parsing;

namespace SecuEdge.Smtp.Commands;

/// <summary>MAIL (RFC 5321 §4.1.1.2) with SIZE (RFC 1870), BODY (RFC 6152) and SMTPUTF8 (RFC 6531).</summary>
internal sealed class MailCommand : SmtpCommand
{
    public override SmtpStage Stage => SmtpStage.Mail;

    public override IEnumerable<string> Keywords(SmtpSession session) =>
        [$"SIZE {session.Options.MaxMessageBytes.ToString(CultureInfo.InvariantCulture)}", "8BITMIME", "SMTPUTF8"];

    public override async Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken)
    {
        if (session.HasSentEnough)
        {
            return session.Refuse(Stage, SmtpReplies.TooManyMessages);
        }

        if (!PathArgument.TryParse(argument, "FROM:", out var reversePath, out var parameterText)
            || (reversePath.Domain.Length == 0 && !reversePath.IsNull))
        {
            return session.Refuse(Stage, SmtpReplies.BadReversePath);
        }

        if (ReadParameters(parameterText, session.Options, out var parameters) is { } refusal)
        {
            return session.Refuse(Stage, refusal);
        }

        if (reversePath.IsInternational && !parameters.IsSmtpUtf8)
        {
            return session.Refuse(Stage, SmtpReplies.NeedsSmtpUtf8);
        }

        var transaction = new SmtpTransaction
        {
            Connection = session.Connection,
            ReversePath = reversePath,
            DeclaredSize = parameters.Size,
            Is8Bit = parameters.Is8Bit,
            IsSmtpUtf8 = parameters.IsSmtpUtf8,
        };
        var reply = await session.Transactions.MailAsync(transaction, cancellationToken);
        session.Transaction = reply.IsPositive ? transaction : null;
        return reply;
    }

    // A new parameter is a case here. After HELO they are read all the same: who sends them means them.
    private static SmtpReply? ReadParameters(ReadOnlySpan<char> text, SmtpServerOptions options, out MailParameters parameters)
    {
        parameters = new MailParameters(null, false, false);
        if (!EsmtpParameters.TryParse(text, out var list))
        {
            return SmtpReplies.BadParameters;
        }

        foreach (var (keyword, value) in list)
        {
            switch (keyword, value?.ToUpperInvariant())
            {
                // RFC 1870 §4 allows 20 digits, more than a long holds.
                case ("SIZE", { Length: <= 20 } digits) when digits.All(char.IsAsciiDigit):
                    parameters = parameters with { Size = long.TryParse(digits, CultureInfo.InvariantCulture, out var size) ? size : long.MaxValue };
                    break;
                case ("BODY", "8BITMIME"):
                    parameters = parameters with { Is8Bit = true };
                    break;
                case ("BODY", "7BIT"):
                    break;
                case ("SMTPUTF8", null):
                    parameters = parameters with { IsSmtpUtf8 = true };
                    break;
                case ("SIZE" or "BODY" or "SMTPUTF8", _):
                    return SmtpReplies.BadParameters;
                default:
                    return SmtpReplies.UnknownParameter(keyword);
            }
        }

        return parameters.Size > options.MaxMessageBytes ? SmtpReplies.MessageTooLarge(options.MaxMessageBytes) : null;
    }

    private readonly record struct MailParameters(long? Size, bool Is8Bit, bool IsSmtpUtf8);
}
