using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Smtp;

/// <summary>When the sending side encrypts.</summary>
public enum SmtpClientTls
{
    /// <summary>Never, even when offered.</summary>
    Never,

    /// <summary>When offered, with any certificate (RFC 7435): it stops listeners, and without it the mail would go in the clear anyway.</summary>
    Opportunistic,

    /// <summary>Always, with a certificate that is valid for the next hop's name; otherwise the message waits.</summary>
    Required,
}

/// <summary>Identity, encryption and patience of the sending side. Time limits follow RFC 5321 §4.5.3.2 unless a line says otherwise.</summary>
public sealed class SmtpClientOptions
{
    /// <summary>Name in EHLO (RFC 5321 §4.1.1.1). Default: the machine's name.</summary>
    [Required]
    public string Hostname { get; set; } = Environment.MachineName.ToLowerInvariant();

    public SmtpClientTls Tls { get; set; } = SmtpClientTls.Opportunistic;

    /// <summary>TCP connect. 30 s is Postfix's <c>smtp_connect_timeout</c>.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Greeting. The RFC says 5 minutes; a server that is silent for one minute is better asked later, so that others are served.</summary>
    public TimeSpan GreetingTimeout { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan TlsHandshakeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Reply to EHLO, STARTTLS, MAIL, RCPT and RSET.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Reply to DATA.</summary>
    public TimeSpan DataInitiationTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Each block of the message handed to TCP.</summary>
    public TimeSpan DataBlockTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Reply to the final dot. The longest of all: giving up early makes a duplicate, and many servers scan before they answer.</summary>
    public TimeSpan DataTerminationTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Reply to QUIT; nothing depends on it.</summary>
    public TimeSpan QuitTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
