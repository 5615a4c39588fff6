using System.ComponentModel.DataAnnotations;
using SecuEdge.Filter.Scanners.Icap;

namespace SecuEdge.Filter.Scanners;

/// <summary>How an antivirus engine behind ICAP (RFC 3507) is reached. Off by default: it is the engine the customer brings.</summary>
public sealed class IcapOptions : IValidatableObject
{
    public bool Enabled { get; set; }

    /// <summary><c>icap://host:1344/service</c>, or <c>icaps://</c> for TLS. The service's name is in the engine's manual: avscan, respmod…</summary>
    [Required]
    public string Url { get; set; } = "icap://127.0.0.1:1344/avscan";

    /// <summary>RESPMOD, or REQMOD for the few services that only look at uploads.</summary>
    public IcapMethod Method { get; set; } = IcapMethod.Respmod;

    /// <summary>
    /// Bytes sent ahead so that the service may say it needs no more; 0 sends everything at once. Off by default: a service that waves a
    /// file through by its first bytes has not scanned it.
    /// </summary>
    [Range(0, 64 * 1024)]
    public int PreviewBytes { get; set; }

    /// <summary>Time of one scan; as for ClamAV.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:08:00")]
    public TimeSpan ScanTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time to connect and to answer OPTIONS. An engine on another machine may need a moment.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Scans at once, one connection each. Below the ten that c-icap gives to one process; a service that allows fewer is reported.</summary>
    [Range(1, 128)]
    public int MaxConnections { get; set; } = 8;

    /// <summary>Larger files are reported as unscanned without being sent. As ClamAV's limit, so that both see the same mail.</summary>
    [Range(1024, 4L * 1024 * 1024 * 1024)]
    public long MaxBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>How often the service is asked how it is; sooner if its Options-TTL says so. A failed scan asks at once.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Shows the service the EICAR test file whenever its version changes. ICAP has no way to ask whether a service scans at all, and some
    /// pass what they are not configured for.
    /// </summary>
    public bool SelfTest { get; set; } = true;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IcapEndpoint.TryParse(Url, out _))
        {
            yield return new ValidationResult($"'{Url}' is not icap://host:port/service.", [nameof(Url)]);
        }
    }
}

/// <summary>What the service is asked to look at, RFC 3507 §3.</summary>
public enum IcapMethod
{
    /// <summary>A file on its way to the user.</summary>
    Respmod,

    /// <summary>A file on its way from the user.</summary>
    Reqmod,
}
