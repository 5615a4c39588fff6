namespace SecuEdge.Smtp;

/// <summary>
/// The waist between the wire and the gateway: what is answered at connect, HELO, MAIL, RCPT and DATA. The session has already checked
/// syntax, order and limits; an implementation decides, and never throws for an expected outcome. An exception becomes 451. The token does
/// not follow the client, who may close its side and still wait for the reply; it fires when a stopping server runs out of patience.
/// </summary>
public interface ISmtpTransactions
{
    /// <summary>A connection was opened. Null lets it in; a reply (normally 4xx/5xx with <see cref="SmtpReply.Close"/>) replaces the greeting.</summary>
    Task<SmtpReply?> ConnectAsync(SmtpConnection connection, CancellationToken cancellationToken);

    /// <summary>HELO or EHLO with a syntactically valid argument. Null accepts.</summary>
    Task<SmtpReply?> HelloAsync(SmtpConnection connection, CancellationToken cancellationToken);

    /// <summary>MAIL FROM. A positive reply opens the transaction.</summary>
    Task<SmtpReply> MailAsync(SmtpTransaction transaction, CancellationToken cancellationToken);

    /// <summary>RCPT TO. A positive reply adds the recipient to <see cref="SmtpTransaction.Recipients"/> (the session does it).</summary>
    Task<SmtpReply> RecipientAsync(SmtpTransaction transaction, MailPath recipient, CancellationToken cancellationToken);

    /// <summary>DATA with at least one recipient. Null means 354 and <see cref="SmtpTransaction.State"/> is ready for <see cref="OpenBody"/>.</summary>
    Task<SmtpReply?> DataAsync(SmtpTransaction transaction, CancellationToken cancellationToken);

    /// <summary>Where the unstuffed bytes of this message go. The session disposes it in every case.</summary>
    ISmtpBody OpenBody(SmtpTransaction transaction);

    /// <summary>
    /// The session itself refused a command (syntax, order, limit, TLS) or the connection (before any <see cref="ConnectAsync"/>): for metrics
    /// and the connection log.
    /// </summary>
    void Refused(SmtpConnection connection, SmtpStage stage, SmtpReply reply);

    /// <summary>The connection ended, in whatever state. Called once after every <see cref="ConnectAsync"/>, and not without one.</summary>
    void Disconnected(SmtpConnection connection);
}

/// <summary>The stage of a session in which something happened.</summary>
public enum SmtpStage
{
    Connect,
    Helo,
    Tls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Other,
}

/// <summary>
/// Receives the body of one message, dot-unstuffed and without the final dot line. Disposing it without <see cref="CompleteAsync"/>
/// drops everything: the client went away, the message broke a rule of the wire, or was too large.
/// </summary>
public interface ISmtpBody : IAsyncDisposable
{
    /// <summary>The next bytes; they are only valid during the call.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>The message is whole. The reply is the border of responsibility: 250 only after bytes and envelope are durable (RFC 5321 §6.1).</summary>
    Task<SmtpReply> CompleteAsync(CancellationToken cancellationToken);
}
