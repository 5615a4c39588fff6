using System.ComponentModel.DataAnnotations;
using System.Net;

namespace SecuEdge.Appliance.Audit;

/// <summary>Where the audit log goes besides the disk. Section <c>Audit:Syslog</c>.</summary>
public sealed class SyslogOptions : IValidatableObject
{
    /// <summary><c>host:port</c> of the collector that gets every entry; empty = none. 6514 is the port of RFC 5425.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>TLS (RFC 5425). Without it anybody on the way can read and change what is sent.</summary>
    public bool Tls { get; set; } = true;

    /// <summary>PEM file of the authority that the collector's certificate must come from; empty = those of the system.</summary>
    public string AuthorityFile { get; set; } = "";

    /// <summary>Name in the collector's certificate; empty = the host of <see cref="Endpoint"/>.</summary>
    public string ServerName { get; set; } = "";

    /// <summary>30 seconds: a collector that does not answer by then is down.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>5 minutes: a collector that was away does not wait longer for us.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// 5 seconds: plain syslog has no answers, so what was sent counts as received when the collector's host has acknowledged it and the
    /// connection still stands this long after. Everything else is sent again over a new connection.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(5);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint.Length > 0 && Parse() is null)
        {
            yield return new ValidationResult($"SECUEDGE__Audit__Syslog__Endpoint = '{Endpoint}': must be host:port, such as logs.example.com:6514");
        }

        if (AuthorityFile.Length > 0 && !File.Exists(AuthorityFile))
        {
            yield return new ValidationResult($"SECUEDGE__Audit__Syslog__AuthorityFile = '{AuthorityFile}': there is no such file");
        }
    }

    internal DnsEndPoint? Parse() =>
        Endpoint.LastIndexOf(':') is var colon and > 0 && ushort.TryParse(Endpoint.AsSpan(colon + 1), out var port) && port > 0
            ? new DnsEndPoint(Endpoint[..colon].Trim('[', ']'), port)
            : null;
}
