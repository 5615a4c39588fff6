namespace SecuEdge.Smtp;

/// <summary>What the session itself says, whoever stands behind it. Decisions about mail are the gateway's and not in this list.</summary>
internal static class SmtpReplies
{
    // RFC 5321 §4.2.3: 354 is the only intermediate reply; RFC 2034 §4 gives it no enhanced code.
    public static SmtpReply StartData { get; } = new(354, null, "Go ahead, end with <CRLF>.<CRLF>");

    public static SmtpReply ReadyForTls { get; } = new(220, "2.0.0", "Ready to start TLS");

    public static SmtpReply Goodbye { get; } = new(221, "2.0.0", "Goodbye", Close: true);

    // RFC 5321 §3.5.3: neither confirms nor denies, so that addresses cannot be harvested.
    public static SmtpReply CannotVerify { get; } = new(252, "2.5.0", "Cannot verify, send mail and see");

    public static SmtpReply ConnectionFailed { get; } = new(421, "4.3.0", "Temporary trouble here, please try again", Close: true);

    public static SmtpReply ProxyHeaderExpected { get; } = new(421, "4.3.5", "PROXY protocol header expected", Close: true);

    public static SmtpReply Timeout { get; } = new(421, "4.4.2", "Timeout, closing the connection", Close: true);

    public static SmtpReply TooManyConnections { get; } = new(421, "4.3.2", "Too many connections, please try again later", Close: true);

    public static SmtpReply TooManyConnectionsOfAddress { get; } =
        new(421, "4.7.0", "Too many connections from your address, please try again later", Close: true);

    public static SmtpReply TooManyErrors { get; } = new(421, "4.7.0", "Too many errors", Close: true);

    public static SmtpReply TooManyMessages { get; } = new(421, "4.7.0", "Too many messages on this connection, please open another", Close: true);

    public static SmtpReply TooManyIdleCommands { get; } = new(421, "4.7.0", "Too many commands without mail", Close: true);

    public static SmtpReply TooManyRecipients { get; } = new(452, "4.5.3", "Too many recipients, please send the others separately");

    // RFC 3207 §4.
    public static SmtpReply TlsNotAvailable { get; } = new(454, "4.7.0", "TLS is not available");

    public static SmtpReply EmptyLine { get; } = new(500, "5.5.2", "Command expected");

    public static SmtpReply LineTooLong { get; } = new(500, "5.5.2", "Line too long");

    public static SmtpReply NotText { get; } = new(500, "5.5.2", "Control character or invalid UTF-8 in the command");

    public static SmtpReply BareLineFeedInCommand { get; } = new(500, "5.5.2", "Lines must end with CRLF", Close: true);

    public static SmtpReply UnknownCommand { get; } = new(500, "5.5.1", "Command not recognised");

    public static SmtpReply NotImplemented { get; } = new(502, "5.5.1", "Command not implemented");

    public static SmtpReply BadHelloName { get; } = new(501, "5.5.4", "Expected a domain name or an address literal");

    public static SmtpReply NoArgumentAllowed { get; } = new(501, "5.5.4", "No argument allowed");

    public static SmtpReply ArgumentExpected { get; } = new(501, "5.5.4", "Argument expected");

    public static SmtpReply BadReversePath { get; } = new(501, "5.1.7", "Syntax: MAIL FROM:<address>");

    public static SmtpReply BadRecipient { get; } = new(501, "5.1.3", "Syntax: RCPT TO:<address>");

    public static SmtpReply BadParameters { get; } = new(501, "5.5.4", "Syntax error in parameters");

    // RFC 5321 §4.1.1.11.
    public static SmtpReply UnknownParameter(string keyword) => new(555, "5.5.4", $"Parameter {keyword} not recognised");

    public static SmtpReply HelloFirst { get; } = new(503, "5.5.1", "Send EHLO or HELO first");

    public static SmtpReply MailFirst { get; } = new(503, "5.5.1", "Send MAIL first");

    public static SmtpReply TransactionOpen { get; } = new(503, "5.5.1", "A transaction is open already");

    // RFC 5321 §3.3; RFC 2920 §3.1 asks for 554 where all pipelined RCPT were refused.
    public static SmtpReply NoRecipients { get; } = new(554, "5.5.1", "No valid recipients");

    public static SmtpReply TlsAlready { get; } = new(503, "5.5.1", "TLS is active already");

    public static SmtpReply InjectedBeforeTls { get; } = new(503, "5.5.1", "Nothing may follow STARTTLS before the reply", Close: true);

    // What postscreen says with postscreen_greet_action = drop.
    public static SmtpReply SpokeTooEarly { get; } = new(521, "5.5.1", "You spoke before the greeting", Close: true);

    public static SmtpReply NotASmtpClient { get; } = new(521, "5.5.1", "This is a mail server", Close: true);

    // RFC 1870 §6.1.
    public static SmtpReply MessageTooLarge(long maxBytes) => new(552, "5.3.4", $"Message too large, the limit is {maxBytes} bytes");

    // RFC 6531 §3.5.
    public static SmtpReply NeedsSmtpUtf8 { get; } = new(553, "5.6.7", "This address needs the SMTPUTF8 parameter");

    // RFC 5321 §2.3.8 and §4.1.1.4 forbid both outside CRLF.
    public static SmtpReply BareLineEnding { get; } = new(554, "5.6.0", "Bare CR or LF in the message: lines must end with CRLF");

    // RFC 5321 §6.3.
    public static SmtpReply TooManyHops { get; } = new(554, "5.4.6", "Too many Received headers: mail loop");
}
