using System.ComponentModel.DataAnnotations;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Profiles;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// What a tenant, domain or mailbox sets of its policy. Null = inherited; at the root, the default of <see cref="TenantPolicy"/>. Antivirus
/// is not among it: it cannot be switched off.
/// </summary>
public sealed record PolicySettings
{
    /// <summary>
    /// The rules to begin with. Naming one replaces the profile of the nodes above as a whole: also what they set in actions for a finding that
    /// profiles decide. The node's own actions, and what is locked above, count more.
    /// </summary>
    public PolicyProfile? Profile { get; init; }

    /// <summary>Spam headers from here.</summary>
    [Range(0.0, 1000.0)]
    public double? TagScore { get; init; }

    /// <summary>Quarantine from here; outbound, refused to the own user.</summary>
    [Range(0.0, 1000.0)]
    public double? QuarantineScore { get; init; }

    /// <summary>550 from here.</summary>
    [Range(0.0, 1000.0)]
    public double? RejectScore { get; init; }

    /// <summary>
    /// Finding code → action instead of the finding's own: deliver, tag, hold, quarantine or reject. Inherited code by code, and replaced by a
    /// profile named further down for the codes that profiles decide.
    /// </summary>
    public IReadOnlyDictionary<string, VerdictAction>? Actions { get; init; }

    /// <summary>Finding code → score instead of the finding's own. Inherited code by code.</summary>
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    /// <summary>How long mail with active content never seen here waits.</summary>
    public OutbreakHold? OutbreakHold { get; init; }

    /// <summary>Tried on locked archives, besides those of the nodes above.</summary>
    [MaxLength(100)]
    [Joins(Joining.Adds)]
    public IReadOnlyList<string>? ArchivePasswords { get; init; }
}
