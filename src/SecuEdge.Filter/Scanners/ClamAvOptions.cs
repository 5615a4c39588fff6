using System.ComponentModel.DataAnnotations;
using SecuEdge.Filter.Scanners.Clamd;

namespace SecuEdge.Filter.Scanners;

/// <summary>How clamd is reached and how long it may take.</summary>
public sealed class ClamAvOptions : IValidatableObject
{
    /// <summary><c>unix:/path/of/socket</c> or <c>tcp:host:port</c>. The default is where our image lets clamd listen.</summary>
    [Required]
    public string Endpoint { get; set; } = "unix:/run/clamav/clamd.sock";

    /// <summary>Time of one scan. clamd's own MaxScanTime in our image is the same 60 s; its default of 120 s outlasts senders.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:08:00")]
    public TimeSpan ScanTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time to connect and to answer a question about the version. Locally it takes microseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Scans at once, one session each. Stays below clamd's MaxThreads (10) and its listen queue (15), which answers a burst of connections
    /// with EAGAIN.
    /// </summary>
    [Range(1, 128)]
    public int Connections { get; set; } = 8;

    /// <summary>
    /// Larger files fail without being sent. Keep it at or below clamd's StreamMaxLength and MaxFileSize (100 MB since 1.0): what is above
    /// those clamd may call OK without having read it.
    /// </summary>
    [Range(1024, 4L * 1024 * 1024 * 1024)]
    public long MaxStreamBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>How often clamd is asked how it is. A failed scan asks at once.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Older signatures are reported as trouble. The daily database appears daily; two days allow for one bad day.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan MaxSignatureAge { get; set; } = TimeSpan.FromDays(2);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!ClamdEndpoint.TryParse(Endpoint, out _))
        {
            yield return new ValidationResult($"'{Endpoint}' is neither unix:/path nor tcp:host:port.", [nameof(Endpoint)]);
        }
    }
}
