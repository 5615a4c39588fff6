using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Filter.Scanners.Yara;

/// <summary>Section <c>Yara</c>: what the rules look at and how long they may take.</summary>
public sealed class YaraOptions
{
    /// <summary>Off leaves the other engines; mail is then scanned without rules.</summary>
    [Display(Name = "YARA")]
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Scan plain text and HTML bodies and the message as received, too. Off: our rules look for what files do when they are opened, mail
    /// programs run nothing of a body, and plain mail would pay for a caged process. On for rules of one's own that look at texts.
    /// </summary>
    public bool ScanBodies { get; set; }

    /// <summary>Time of one scan in the cage. 20 s: our set takes well under a second for 10 MB, and the sending server waits meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan ScanTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Larger parts are not matched and say so (<c>YARA_LIMITS</c>). 100 MB: no part that our decomposition takes apart by default is larger.
    /// </summary>
    [Range(1024, 1024L * 1024 * 1024)]
    public long MaxScanBytes { get; set; } = 100L * 1024 * 1024;
}
