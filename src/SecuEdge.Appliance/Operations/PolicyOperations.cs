using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Operations;

/// <summary>The policy in force at a node: its profile, every rule in the order asked, and what is odd about them.</summary>
internal sealed class PolicyOperations(SiteHolder sites, PolicyDoubts doubts)
{
    public Outcome<EffectivePolicy> Get(Caller caller, string tenant) => Find(caller, tenant) is { } route
        ? new EffectivePolicy
        {
            Tenant = route.Tenant.Name,
            Profile = route.Settings.Profile ?? ProfileExpansion.Default,
            TagScore = route.Policy.TagScore,
            QuarantineScore = route.Policy.QuarantineScore,
            RejectScore = route.Policy.RejectScore,
            Rules = [.. route.Policy.Rules.Rules.Select(r => new PolicyRule(r.Node, r.Rule))],
        }
        : SiteEditor.NoTenant(tenant);

    public Outcome<IReadOnlyList<Contradiction>> Contradictions(Caller caller, string tenant) => Find(caller, tenant) is { } route
        ? new Outcome<IReadOnlyList<Contradiction>>([.. Filter.Policy.Rules.Contradictions.Find(route.Policy.Rules), .. doubts.Find(route)], null)
        : SiteEditor.NoTenant(tenant);

    private TenantRoute? Find(Caller caller, string tenant) =>
        sites.Current.FindTenant(tenant) is { } route && caller.May(Permission.PolicyRead, route.Tenant.Name, sites.Current) ? route : null;
}

/// <summary>The policy in force at a tenant.</summary>
public sealed record EffectivePolicy
{
    /// <summary>Whose policy it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The rules to begin with.</summary>
    public required PolicyProfile Profile { get; init; }

    /// <summary>Spam headers from here.</summary>
    public required double TagScore { get; init; }

    /// <summary>Quarantine from here.</summary>
    public required double QuarantineScore { get; init; }

    /// <summary>550 from here.</summary>
    public required double RejectScore { get; init; }

    /// <summary>Every rule in the order asked, inherited ones and those of the profile too.</summary>
    public required IReadOnlyList<PolicyRule> Rules { get; init; }
}

/// <summary>A rule and where it is written.</summary>
/// <param name="Node">Name of the tenant, or of the profile.</param>
/// <param name="Rule">As written.</param>
public sealed record PolicyRule(string Node, Rule Rule);
