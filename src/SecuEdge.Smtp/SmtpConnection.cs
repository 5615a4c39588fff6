using System.Net;

namespace SecuEdge.Smtp;

/// <summary>What a listener is for; decides defaults and relay rules (RFC 5321 relay in, our customers' relay out, RFC 6409 submission).</summary>
public enum ListenerRole
{
    /// <summary>The MX: mail from the Internet to the tenants' domains.</summary>
    Inbound,

    /// <summary>The smarthost of the tenants' own servers.</summary>
    Outbound,

    /// <summary>Message submission, RFC 6409.</summary>
    Submission,

    /// <summary>The MX once more, on the loopback, for mail that the gateway itself brings from one tenant to another: never behind a proxy, and not limited per address.</summary>
    Internal,
}

/// <summary>
/// One live connection as the gateway sees it. Written by the session only; the gateway may keep its own state in <see cref="State"/>.
/// </summary>
public sealed class SmtpConnection
{
    /// <summary>Sortable and unique; appears in logs and message events.</summary>
    public required string Id { get; init; }

    public required ListenerRole Role { get; init; }

    /// <summary>The client, after any PROXY header.</summary>
    public required IPEndPoint Remote { get; init; }

    public required IPEndPoint Local { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Argument of the last HELO or EHLO; empty before it.</summary>
    public string HeloName { get; internal set; } = "";

    public bool IsEsmtp { get; internal set; }

    public bool IsTls => TlsVersion is not null;

    /// <summary>For example <c>TLSv1.3</c>; null on a plain connection.</summary>
    public string? TlsVersion { get; internal set; }

    /// <summary>For example <c>TLS_AES_256_GCM_SHA384</c>.</summary>
    public string? TlsCipher { get; internal set; }

    /// <summary>The name proven by AUTH; null without.</summary>
    public string? AuthenticatedAs { get; internal set; }

    /// <summary>Belongs to the implementation of <see cref="ISmtpTransactions"/>.</summary>
    public object? State { get; set; }
}

/// <summary>One MAIL … DATA transaction (RFC 5321 §3.3). A new one begins at MAIL; RSET, EHLO and the reply to DATA end it.</summary>
public sealed class SmtpTransaction
{
    public required SmtpConnection Connection { get; init; }

    public required MailPath ReversePath { get; init; }

    /// <summary>SIZE parameter (RFC 1870), bytes as the client declared them; null when absent.</summary>
    public long? DeclaredSize { get; init; }

    /// <summary>BODY=8BITMIME (RFC 6152).</summary>
    public bool Is8Bit { get; init; }

    /// <summary>SMTPUTF8 (RFC 6531).</summary>
    public bool IsSmtpUtf8 { get; init; }

    /// <summary>Recipients answered with 250, in the order they came.</summary>
    public List<MailPath> Recipients { get; } = [];

    /// <summary>Belongs to the implementation of <see cref="ISmtpTransactions"/>.</summary>
    public object? State { get; set; }
}
