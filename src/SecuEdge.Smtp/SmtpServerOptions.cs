using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Smtp;

/// <summary>What happens to a message whose lines do not all end with CRLF.</summary>
public enum BareLineEndings
{
    /// <summary>554 5.6.0 after the real end of data; nothing is kept. Default: a next hop may read such a message differently (SMTP smuggling).</summary>
    Reject,

    /// <summary>Each bare CR and bare LF becomes CRLF; only CRLF.CRLF of the wire ends the message.</summary>
    Normalize,
}

/// <summary>Limits and identity of the SMTP server. Every limit answers with a reply that names it; none closes silently.</summary>
public sealed class SmtpServerOptions
{
    /// <summary>Name in the greeting, in replies to EHLO and in Received (RFC 5321 §4.1.1.1). Default: the machine's name.</summary>
    [Required]
    public string Hostname { get; set; } = Environment.MachineName.ToLowerInvariant();

    /// <summary>Largest message accepted, bytes (RFC 1870). 50 MiB: what most mail servers accept today after base64.</summary>
    [Range(64 * 1024, 2L * 1024 * 1024 * 1024)]
    public long MaxMessageBytes { get; set; } = 50L * 1024 * 1024;

    /// <summary>Recipients per transaction (RFC 5321 §4.5.3.1.8 asks for at least 100).</summary>
    [Range(1, 10_000)]
    public int MaxRecipients { get; set; } = 100;

    /// <summary>Command line including CRLF, bytes. 512 in RFC 5321 §4.5.3.1.4, more with extension parameters (§4.5.3.1.6 forbids to be strict).</summary>
    [Range(512, 65_536)]
    public int MaxCommandLineBytes { get; set; } = 2048;

    /// <summary>Refused commands after which the connection is closed with 421. Postfix's hard limit is 20.</summary>
    [Range(1, 1_000)]
    public int MaxErrors { get; set; } = 20;

    /// <summary>Messages per connection; afterwards 421, the client opens another. 1,000 keeps load balancing alive.</summary>
    [Range(1, 1_000_000)]
    public int MaxTransactionsPerConnection { get; set; } = 1_000;

    /// <summary>Commands per connection that carry no mail (NOOP, RSET, HELO, VRFY…), against idle talkers.</summary>
    [Range(10, 1_000_000)]
    public int MaxIdleCommands { get; set; } = 500;

    /// <summary>Open connections of one client address (IPv6: one /64). Peers use 10-50.</summary>
    [Range(1, 100_000)]
    public int MaxConnectionsPerAddress { get; set; } = 50;

    /// <summary>Open connections in all; the surplus gets 421 4.3.2.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 1_000;

    /// <summary>Wait for the next command (RFC 5321 §4.5.3.2.7: 5 minutes).</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait for the next block of DATA (RFC 5321 §4.5.3.2.5: 3 minutes).</summary>
    public TimeSpan DataBlockTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Whole DATA phase. Our own bound against slow senders; 10 minutes carry 50 MiB at 700 kbit/s.</summary>
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>TLS handshake.</summary>
    public TimeSpan TlsHandshakeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bare CR or LF in DATA.</summary>
    public BareLineEndings BareLineEndings { get; set; } = BareLineEndings.Reject;

    /// <summary>Networks (CIDR) of load balancers whose PROXY protocol header (v1 or v2) is expected and believed; empty = none.</summary>
    public IList<string> ProxyNetworks { get; set; } = [];
}
