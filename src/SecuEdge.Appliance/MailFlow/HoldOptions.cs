using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>How held mail is looked at again. How long it is held is the tenant's setting.</summary>
internal sealed class HoldOptions
{
    /// <summary>Held messages judged at once. Two: after a signature update all of them come together, and fresh mail must not wait for them.</summary>
    [Range(1, 64)]
    public int MaxParallelReviews { get; set; } = 2;

    /// <summary>Wait before mail is tried again that could not be scanned when its time was over. A restarted engine needs about a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Where engines disagree, time alone is no answer: such mail waits for new signatures or a person, and goes into quarantine this long after
    /// its hold was over. So does what no engine could scan. A day: within it somebody has looked, and signature makers have decided.
    /// </summary>
    [Range(typeof(TimeSpan), "00:10:00", "7.00:00:00")]
    public TimeSpan Longest { get; set; } = TimeSpan.FromDays(1);
}
