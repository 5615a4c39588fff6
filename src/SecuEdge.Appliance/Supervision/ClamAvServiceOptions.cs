using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Section <c>ClamAv</c>: where clamd listens, and whether the gateway starts it and keeps its signatures fresh.</summary>
internal sealed class ClamAvServiceOptions : IValidatableObject
{
    public const string Section = "ClamAv";

    /// <summary>Off only where another program scans: all mail then passes without antivirus, and the appliance says that it is degraded.</summary>
    [Display(Name = "Antivirus")]
    public bool Enabled { get; set; } = true;

    /// <summary><c>unix:/path</c> or <c>tcp:host:port</c>. Empty: a socket below the data folder, known to the gateway alone.</summary>
    [Display(Name = "clamd endpoint")]
    public string Endpoint { get; set; } = "";

    /// <summary>The gateway starts and watches clamd itself. Default: one container, one service tree. Off for a clamd elsewhere.</summary>
    [Display(Name = "Supervise clamd")]
    public bool Supervise { get; set; } = true;

    /// <summary>Where Debian's clamav-daemon puts it.</summary>
    [Required]
    public string Program { get; set; } = "/usr/sbin/clamd";

    /// <summary>Signature databases. Empty: <c>clamav</c> below the data folder, so that they survive a new container.</summary>
    public string DatabaseFolder { get; set; } = "";

    /// <summary>
    /// Folder of a few test signatures, used only when there is no database and none can be fetched; the gateway is then degraded. Empty
    /// (the default): clamd waits for a database and mail is answered 451, because a scan with test signatures finds nothing real.
    /// </summary>
    public string TestSignatures { get; set; } = "";

    /// <summary>Fetch signatures. Off where another program fills the database folder.</summary>
    public bool Freshclam { get; set; } = true;

    /// <summary>Where Debian's clamav-freshclam puts it. Being absent is tolerated and shown.</summary>
    [Required]
    public string FreshclamProgram { get; set; } = "/usr/bin/freshclam";

    /// <summary>Between two fetches. 2 hours: ClamAV publishes up to several times a day and asks for no more than hourly checks.</summary>
    [Range(typeof(TimeSpan), "00:30:00", "1.00:00:00")]
    public TimeSpan UpdateInterval { get; set; } = TimeSpan.FromHours(2);

    /// <summary>A mirror of our own (freshclam's PrivateMirror), host or URL. Empty: ClamAV's public one.</summary>
    public string PrivateMirror { get; set; } = "";

    /// <summary>Scratch space of clamd; a tmpfs in the container. Empty: the system's.</summary>
    public string TemporaryFolder { get; set; } = "";

    /// <summary>Threads that scan. 20: above the gateway's pool of clamd sessions, each of which holds one.</summary>
    [Range(2, 256)]
    public int MaxThreads { get; set; } = 20;

    /// <summary>One scan. 60 s: half of clamd's default, as the sending server waits for our reply to its data meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:10:00")]
    public TimeSpan MaxScanTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The gateway's data folder. Not a setting of this section: the host fills it in.</summary>
    public string DataFolder { get; set; } = "/data";

    /// <summary>The largest message the gateway accepts: clamd must accept it too. The host fills it in.</summary>
    public long MaxMessageBytes { get; set; } = 50L * 1024 * 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint.Length > 0 && !ClamdEndpoint.TryParse(Endpoint, out _))
        {
            yield return new ValidationResult(
                $"ClamAv:Endpoint is '{Endpoint}': it must be unix:/path or tcp:host:port.", [nameof(Endpoint)]);
        }

        if (Supervise && ClamAvPaths.From(this).Socket is { Length: > ClamAvPaths.MaxSocketPath } socket)
        {
            yield return new ValidationResult(
                $"ClamAv:Endpoint would be '{socket}': a Unix socket's path has at most {ClamAvPaths.MaxSocketPath} characters. Set it to unix:/a/shorter/path.",
                [nameof(Endpoint)]);
        }

        if (Supervise && ClamdEndpoint.TryParse(Endpoint, out var endpoint) && endpoint.SocketPath.Length == 0)
        {
            yield return new ValidationResult(
                $"ClamAv:Endpoint is '{Endpoint}': a clamd that the gateway starts listens on unix:/path. Set ClamAv:Supervise to false for a clamd elsewhere.",
                [nameof(Endpoint), nameof(Supervise)]);
        }
    }
}
