using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// What a profile means in the tree: its settings count as set by the node that names the profile, beneath the node's own, and replace those
/// of a profile above, because each profile decides the same codes; its rules come after all others.
/// </summary>
internal static class ProfileExpansion
{
    /// <summary>What is in force where nobody says anything.</summary>
    public const PolicyProfile Default = PolicyProfile.Standard;

    public static PolicySettings Settings(PolicyProfile profile) => new()
    {
        Profile = profile,
        Actions = Profiles.Expand(profile).Actions,
    };

    public static RuleSet Rules(PolicyProfile profile) => RuleSet.Compile(Profiles.Expand(profile).Layer, null);
}
