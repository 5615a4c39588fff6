using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy;

/// <summary>What one tenant, domain or mailbox wants, after inheritance. Immutable; a change makes a new one, messages in flight keep theirs.</summary>
public sealed record TenantPolicy
{
    public static TenantPolicy Default { get; } = new();

    /// <summary>Spam headers from here. SpamAssassin's 5.</summary>
    [Range(0.0, 1000.0)]
    public double TagScore { get; init; } = 5;

    /// <summary>Quarantine from here; inbound only, outbound spam is refused to the own user instead of being hidden from him.</summary>
    [Range(0.0, 1000.0)]
    public double QuarantineScore { get; init; } = 6;

    /// <summary>550 from here. rspamd's 15.</summary>
    [Range(0.0, 1000.0)]
    public double RejectScore { get; init; } = 15;

    /// <summary>Finding code → action that replaces the finding's own, for both directions.</summary>
    public IReadOnlyDictionary<string, VerdictAction> Actions { get; init; } = new Dictionary<string, VerdictAction>();

    /// <summary>How long mail with active content never seen here waits, for each direction.</summary>
    public OutbreakHold OutbreakHold { get; init; } = new();

    /// <summary>
    /// Passwords that the tenant and its partners use for archives. Tried on locked ones besides words of the mail, so that what is inside
    /// can be scanned; the mail itself is not changed.
    /// </summary>
    [MaxLength(100)]
    public IReadOnlyList<string> ArchivePasswords { get; init; } = [];

    /// <summary>Compiled; empty when findings and thresholds decide alone.</summary>
    [JsonIgnore]
    public RuleSet Rules { get; init; } = RuleSet.Empty;

    /// <summary>Finding code → score that replaces the finding's own.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new Dictionary<string, double>();
}
