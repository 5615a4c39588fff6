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
public sealed class SmtpServerOptions : IValidatableObject
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

    /// <summary>Received headers of a message; more are a mail loop (RFC 5321 §6.3 asks for at least 100).</summary>
    [Range(10, 1_000)]
    public int MaxHops { get; set; } = 100;

    /// <summary>
    /// Commands refused with 5xx since the last accepted message after which the connection is closed with 421. Postfix's hard limit is 20.
    /// </summary>
    [Range(1, 1_000)]
    public int MaxErrors { get; set; } = 20;

    /// <summary>Messages per connection; afterwards 421, the client opens another. 1,000 keeps load balancing alive.</summary>
    [Range(1, 1_000_000)]
    public int MaxTransactionsPerConnection { get; set; } = 1_000;

    /// <summary>Commands that carry no mail (NOOP, RSET, HELO, VRFY…) since the last accepted message, against idle talkers.</summary>
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

    /// <summary>Clients that speak before the greeting get 521 (RFC 5321 §4.3.1: they must wait); mail servers never do, spam programs often.</summary>
    public bool RefuseEarlyTalkers { get; set; } = true;

    /// <summary>How long the greeting is held back to catch them. Zero sees only what is there already; postscreen waits 6 s.</summary>
    public TimeSpan GreetingDelay { get; set; } = TimeSpan.Zero;

    /// <summary>Bare CR or LF in DATA.</summary>
    public BareLineEndings BareLineEndings { get; set; } = BareLineEndings.Reject;

    /// <summary>Networks (CIDR) of load balancers whose PROXY protocol header (v1 or v2) is expected and believed; empty = none.</summary>
    public IList<string> ProxyNetworks { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var network in ProxyNetworks.Where(network => !ProxyProtocol.TryParseNetwork(network, out _)))
        {
            yield return new ValidationResult($"'{network}' is no network: write 192.0.2.0/24, 2001:db8::/32 or one address", [nameof(ProxyNetworks)]);
        }

        foreach (var (name, limit) in TimeLimits.Where(limit => limit.Value <= TimeSpan.Zero))
        {
            yield return new ValidationResult($"{limit} is no time limit: it must be above zero", [name]);
        }

        if (GreetingDelay < TimeSpan.Zero || GreetingDelay > TimeSpan.FromMinutes(1))
        {
            yield return new ValidationResult("The greeting can be held back by 0 to 60 seconds", [nameof(GreetingDelay)]);
        }
    }

    private Dictionary<string, TimeSpan> TimeLimits => new()
    {
        [nameof(CommandTimeout)] = CommandTimeout,
        [nameof(DataBlockTimeout)] = DataBlockTimeout,
        [nameof(DataTimeout)] = DataTimeout,
        [nameof(TlsHandshakeTimeout)] = TlsHandshakeTimeout,
    };
}
