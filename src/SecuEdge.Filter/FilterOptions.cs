using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Filter;

/// <summary>Limits of judging one message.</summary>
public sealed class FilterOptions
{
    /// <summary>
    /// Time of one check, and of waiting for a free place before. The client waits for the reply to DATA meanwhile (RFC 5321 §4.5.3.2.6
    /// gives us 10 minutes); ten seconds above the scanner's own limit, so that the engine's sentence is the one that is reported.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:08:00")]
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(70);

    /// <summary>Messages judged at once; more wait in line. Two per core keep an engine busy without queueing inside it.</summary>
    [Range(1, 1024)]
    public int MaxParallelMessages { get; set; } = Math.Max(4, Environment.ProcessorCount * 2);

    /// <summary>
    /// Antivirus engines that must agree before mail is quarantined as malware; below it the mail is held and scanned again. One, as
    /// everywhere: more makes sense only with an engine known for false alarms.
    /// </summary>
    [Range(1, 8)]
    public int ConvictionQuorum { get; set; } = 1;
}
