using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Origin;

namespace SecuEdge.Appliance.Backtest;

/// <summary>Which rules ask for a country or an autonomous system: without a table of networks they never hold, and somebody should know.</summary>
internal static class OriginNeeds
{
    private const int Named = 5;

    /// <summary>Sentences for the state of the appliance; empty when all is well.</summary>
    public static IEnumerable<string> Warnings(Site site, OriginFolder origin)
    {
        if (origin.Trouble.Length > 0)
        {
            yield return origin.Trouble;
        }

        if (origin.Table is null && Missing(site) is { Length: > 0 } missing)
        {
            yield return missing;
        }
    }

    /// <summary>One sentence that names the rules; empty when none asks.</summary>
    public static string Missing(Site site)
    {
        List<string> rules = [.. site.Tenants.SelectMany(t =>
            t.Rules.Where(r => Asks(r.When)).Select(r => $"rule '{r.Name}' of {t.Name}")
                .Concat(t.Objects.Where(o => Asks(o.Is)).Select(o => $"object '{o.Name}' of {t.Name}")))];
        return rules.Count == 0
            ? ""
            : $"no table of networks: {string.Join(", ", rules.Take(Named))}{(rules.Count > Named ? $" and {rules.Count - Named} more" : "")} asks for a country or autonomous system, which is unknown without one; "
                + "put a table (start, end, number, country, description, separated by tabs) into origin/ of the data folder as *.tsv or *.tsv.gz";
    }

    private static bool Asks(Condition? condition) => condition switch
    {
        OriginCondition origin => origin.Countries.Count > 0 || origin.AutonomousSystems.Count > 0,
        AllCondition all => all.Of.Any(Asks),
        AnyCondition any => any.Of.Any(Asks),
        NotCondition not => Asks(not.Of),
        _ => false,
    };
}
