using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>How webhooks are called.</summary>
public sealed class WebhookOptions
{
    /// <summary>Also calls loopback, private and link-local addresses, and plain http. Off: tenants choose the addresses, and must not reach the provider's network.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Of one call, connection and answer together. Standard Webhooks advises 15 to 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Events that wait for one webhook; beyond it the oldest is dropped and counted.</summary>
    [Range(10, 100_000)]
    public int MaxWaiting { get; set; } = 1000;

    /// <summary>
    /// Bytes of events that wait for all webhooks of one tenant together, each with an equal share; beyond it the oldest of that webhook is
    /// dropped and counted. 8 MB are some 5,000 events, more than a morning of most customers.
    /// </summary>
    [Range(100_000, 1_000_000_000)]
    public long MaxWaitingBytes { get; set; } = 8_000_000;

    /// <summary>Wait before the second try; each further wait is four times as long, at most six hours.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An event that could not be told for so long is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(2);

    /// <summary>A webhook that failed for so long without one success is switched off. Five days is what peers do.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);
}
