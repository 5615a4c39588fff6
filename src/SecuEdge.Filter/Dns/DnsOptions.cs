using System.ComponentModel.DataAnnotations;
using System.Net;

namespace SecuEdge.Filter.Dns;

/// <summary>Which name servers are asked, and how patiently.</summary>
public sealed class DnsOptions : IValidatableObject
{
    /// <summary>Addresses, with a port where it is not 53; empty takes those of the system.</summary>
    public IList<string> Servers { get; set; } = [];

    /// <summary>Time of one attempt at one server. The resolver's usual 5 s (resolv.conf(5)).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Attempts after the first, as in resolv.conf(5): two attempts in all.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 1;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Servers.Where(server => !IPEndPoint.TryParse(server, out _))
            .Select(server => new ValidationResult($"'{server}' is not an address of a name server.", [nameof(Servers)]));
}
