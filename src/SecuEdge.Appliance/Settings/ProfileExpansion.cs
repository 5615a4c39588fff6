using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// What a profile stands for. The one place that knows: its settings count as set by the node that names the profile, beneath the node's own; its
/// rules come before all others of the tree.
/// </summary>
internal static class ProfileExpansion
{
    /// <summary>What is in force where nobody says anything.</summary>
    public const PolicyProfile Default = PolicyProfile.Standard;

    /// <summary>Name of the layer in answers about rules.</summary>
    public static string NodeOf(PolicyProfile profile) => $"profile {profile.ToString().ToLowerInvariant()}";

    public static PolicySettings Settings(PolicyProfile profile) => new() { Profile = profile };

    public static IReadOnlyList<Rule> Rules(PolicyProfile profile) => profile switch
    {
        PolicyProfile.Minimal or PolicyProfile.Standard or PolicyProfile.Strict => [],
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, null),
    };
}
