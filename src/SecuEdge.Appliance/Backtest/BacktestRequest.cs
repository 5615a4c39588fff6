using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Backtest;

/// <summary>What to try on the mail of the last days, instead of what is in force. What is left out stays as it is.</summary>
public sealed record BacktestRequest
{
    /// <summary>How far back.</summary>
    [Range(1, 30)]
    public int Days { get; init; } = 7;

    /// <summary>Rules to add to the tenant's own, or to put in the place of those of the same name.</summary>
    [MaxLength(1000)]
    public IReadOnlyList<Rule> Rules { get; init; } = [];

    /// <summary>Names of the tenant's own rules to leave out.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>True: <see cref="Rules"/> are all rules of the tenant, its others are left out.</summary>
    public bool OnlyThese { get; init; }

    /// <summary>Objects to add, or in the place of those of the same name.</summary>
    public IReadOnlyList<PolicyObject> Objects { get; init; } = [];

    /// <summary>Word lists to add, or in the place of those of the same name.</summary>
    public IReadOnlyList<WordList> WordLists { get; init; } = [];

    /// <summary>Groups to add, or in the place of those of the same name.</summary>
    public IReadOnlyList<Group> Groups { get; init; } = [];

    /// <summary>Thresholds, actions and scores of the tenant, as a whole; null = as they are.</summary>
    public PolicySettings? Policy { get; init; }

    /// <summary>Changed messages shown.</summary>
    [Range(0, 200)]
    public int Limit { get; init; } = 50;

    /// <summary>Longest run; what was looked at until then is answered, and says so.</summary>
    [Range(1, 60)]
    public int MaxSeconds { get; init; } = 20;

    /// <summary>The tenant as it would be.</summary>
    internal Tenant Apply(Tenant tenant) => tenant with
    {
        Rules = OnlyThese ? Rules : Merge(tenant.Rules.Where(r => !Without.Contains(r.Name)), Rules, r => r.Name),
        Objects = Merge(tenant.Objects, Objects, o => o.Name),
        WordLists = Merge(tenant.WordLists, WordLists, l => l.Name),
        Groups = Merge(tenant.Groups, Groups, g => g.Name),
        Policy = Policy ?? tenant.Policy,
    };

    private static List<T> Merge<T>(IEnumerable<T> own, IReadOnlyList<T> changed, Func<T, string> nameOf)
    {
        var byName = changed.ToLookup(nameOf, StringComparer.Ordinal);
        // In its old place: rules of the same priority are asked in the order written.
        List<T> merged = [.. own.Select(o => byName[nameOf(o)].LastOrDefault() ?? o)];
        var names = merged.Select(nameOf).ToHashSet(StringComparer.Ordinal);
        return [.. merged, .. changed.Where(c => !names.Contains(nameOf(c)))];
    }
}
