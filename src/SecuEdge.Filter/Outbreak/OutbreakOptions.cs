using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Filter.Outbreak;

/// <summary>When the same risky file in many messages is an outbreak. How long mail is held is the tenant's setting.</summary>
public sealed class OutbreakOptions
{
    /// <summary>Messages with the same risky file within <see cref="Window"/> that are a burst. Twenty people of one company do not get the same macro by chance.</summary>
    [Range(2, 100_000)]
    public int BurstMessages { get; set; } = 20;

    /// <summary>Ten minutes: the length of a campaign's wave through one gateway.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>So many times its own highest window of earlier days: a form that goes to all staff every month is no burst the second time.</summary>
    [Range(1, 1000)]
    public int BurstFactor { get; set; } = 3;

    /// <summary>Files remembered; the longest unseen are forgotten first. 100,000 take about 20 MB of memory and 6 MB of disk.</summary>
    [Range(1000, 10_000_000)]
    public int RememberedFiles { get; set; } = 100_000;
}
