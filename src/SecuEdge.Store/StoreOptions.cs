using System.ComponentModel.DataAnnotations;
using SecuEdge.Store.Files;

namespace SecuEdge.Store;

/// <summary>Where and how the appliance keeps what survives a restart.</summary>
public sealed class StoreOptions
{
    /// <summary>The one volume of the image. Everything of this room lies below it.</summary>
    [Required]
    [Display(Name = "Data folder")]
    public string DataFolder { get; set; } = "/data";

    /// <summary>64 MB: some ten thousand ordinary messages; preallocated, so that a sync writes no metadata.</summary>
    [Range(1L << 20, 1L << 30)]
    [Display(Name = "Spool segment size in bytes")]
    public long SegmentBytes { get; set; } = 64L << 20;

    /// <summary>
    /// A message grows in memory up to here, then becomes a file. 256 KB holds nine of ten messages and keeps 200 sessions under 64 MB.
    /// </summary>
    [Range(4 << 10, 16 << 20)]
    [Display(Name = "Bytes of a message kept in memory while it is received")]
    public int DraftMemoryBytes { get; set; } = 256 << 10;

    /// <summary>256 MB: four segments, so that finished marks and the databases still find room when mail is refused.</summary>
    [Range(0L, 1L << 40)]
    [Display(Name = "Free disk space below which no mail is accepted")]
    public long FreeSpaceFloorBytes { get; set; } = 256L << 20;

    /// <summary>8 segments = 512 MB: what a start reads at most before mail flows.</summary>
    [Range(2, 1000)]
    [Display(Name = "Spool segments before old messages move to files")]
    public int MaxSegments { get; set; } = 8;

    /// <summary>10 minutes: first attempts are over by then.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    [Display(Name = "Age of a spool segment before its messages move to files")]
    public TimeSpan SegmentAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>13 months: one can always compare with the same month of last year.</summary>
    [Range(1, 120)]
    [Display(Name = "Months the message log is kept")]
    public int MessageLogMonths { get; set; } = 13;

    /// <summary>30 days: as long as mail stays in quarantine; later hardly anybody opens an old attachment for the first time.</summary>
    [Range(1, 3650)]
    [Display(Name = "Days the hashes of attachments are kept")]
    public int AttachmentDays { get; set; } = 30;

    /// <summary>2 GB: a month of some 80,000 messages a day at about 800 bytes. The oldest days go first.</summary>
    [Range(1L << 20, 1L << 40)]
    [Display(Name = "Disk space for facts of mail, for back-tests")]
    public long FactsBytes { get; set; } = 2L << 30;

    /// <summary>A million correspondents of all tenants: some 60 MB of memory.</summary>
    [Range(1_000, 50_000_000)]
    [Display(Name = "Correspondents remembered")]
    public int RememberedContacts { get; set; } = 1_000_000;

    /// <summary>The disk; tests put a failing one here.</summary>
    internal IFileSystem Files { get; init; } = LinuxFileSystem.Instance;
}
