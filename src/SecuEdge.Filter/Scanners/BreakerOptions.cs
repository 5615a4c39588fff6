using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Filter.Scanners;

/// <summary>When an engine or a signature has convicted so much that it is rather wrong than right.</summary>
public sealed class BreakerOptions
{
    /// <summary>Off leaves every conviction in force, whatever it costs.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Ten minutes: a bad signature shows within minutes, and mail kept longer is missed by people.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Convictions within <see cref="Window"/> that are never too many, whatever the history: a wave of some dozens reaches a small site now and then.</summary>
    [Range(1, 100_000)]
    public int MinConvictions { get; set; } = 50;

    /// <summary>So many times the usual convictions of an hour, the average of the last 7 days. Real waves rise gradually; ten-fold at once is a new signature.</summary>
    [Range(1, 10_000)]
    public int HistoryFactor { get; set; } = 10;

    /// <summary>Percent of all messages in <see cref="Window"/> below which nothing happens: what hits fewer is a campaign, not ordinary mail.</summary>
    [Range(0.0, 100.0)]
    public double MinPercent { get; set; } = 5;

    /// <summary>Known correspondents, each of a domain of its own, whom one signature convicts within an hour. One may be infected; three at once rather not.</summary>
    [Range(2, 1000)]
    public int KnownCorrespondents { get; set; } = 3;

    /// <summary>Delivered messages of a sender to the same tenant that make him known. Less than five is a single conversation.</summary>
    [Range(1, 200)]
    public int KnownMessages { get; set; } = 5;

    /// <summary>Time without a conviction after which the signature is believed again. Four hours: by then signature makers have withdrawn an error.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan QuietTime { get; set; } = TimeSpan.FromHours(4);
}
