using System.ComponentModel.DataAnnotations;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Patience and parallelism of the queue.</summary>
internal sealed class QueueOptions
{
    /// <summary>Waits between attempts; the last one repeats. Empty = <see cref="RetrySchedule.DefaultDelays"/> (a default here would be merged with what is configured).</summary>
    public IList<TimeSpan> RetryDelays { get; set; } = [];

    /// <summary>Age at which an undeliverable message is given up. RFC 5321 §4.5.4.1: at least 4-5 days.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(5);

    /// <summary>Connections to one next hop at the same time; by MX: to one domain. Ten is half of Postfix's limit, for servers that are a single box.</summary>
    [Range(1, 1_000)]
    public int MaxConnectionsPerHop { get; set; } = 10;

    /// <summary>Connections in all to the customers' own servers, and the same again for mail by MX: dead strangers must not take the customers' places.</summary>
    [Range(1, 10_000)]
    public int MaxConnections { get; set; } = 100;

    /// <summary>Port of servers found by MX. 25 (RFC 5321 §4.5.4.2); another one is for test rigs, which may not have that one.</summary>
    [Range(1, 65_535)]
    public int MxPort { get; set; } = SmtpEndpoint.DefaultPort;

    /// <summary>
    /// Names of next hops and of hosts found by MX that may lead to the appliance itself or its link: a mail server in the same container. For all others such addresses
    /// are not connected to, because a customer who owns the name would reach what only the appliance can reach.
    /// </summary>
    public IList<string> LocalHops { get; set; } = [];

    /// <summary>Afterwards the connection is closed, so that a load balancer in front of the next hop can do its work.</summary>
    [Range(1, 100_000)]
    public int MaxMessagesPerConnection { get; set; } = 500;

    /// <summary>RFC 5321 §4.5.3.1.8: a server must take at least 100.</summary>
    [Range(1, 1_000)]
    public int MaxRecipientsPerTransaction { get; set; } = 100;

    /// <summary>How long a connection without work is kept. RFC 5321 has no rule; long enough for the next message of a busy minute.</summary>
    public TimeSpan IdleConnectionTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a next hop that did not answer is not asked again, so that a thousand messages do not each wait for it.</summary>
    public TimeSpan HopBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages per next hop that keep their record in memory; the rest wait as identities and are read again.</summary>
    [Range(1, 100_000)]
    public int MaxLoadedPerHop { get; set; } = 1_000;

    /// <summary>Wait before spool or quarantine is tried again after an error of the disk.</summary>
    public TimeSpan StoreRetryDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a stop waits for running transactions. Below the 30 s that container runtimes and the host grant.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
