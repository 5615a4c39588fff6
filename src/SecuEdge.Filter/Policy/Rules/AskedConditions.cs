using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>A single condition that a rule asks, by itself or by way of objects.</summary>
/// <param name="IsNegated">It stands below a <c>not</c>.</param>
public sealed record AskedCondition(PlacedRule Rule, Condition Condition, bool IsNegated);

/// <summary>What the rules in force ask at all, for those who know what can be answered.</summary>
public static class AskedConditions
{
    /// <summary>Of every rule that is switched on, in their order.</summary>
    public static IEnumerable<AskedCondition> Of(RuleSet rules)
    {
        foreach (var placed in rules.Compiled.Where(r => r.Rule is { Enabled: true, When: not null }).Select(r => r.Placed))
        {
            foreach (var (condition, isNegated) in Below(placed.Rule.When!, false, ScopeOf(rules, placed.Node), []))
            {
                yield return new AskedCondition(placed, condition, isNegated);
            }
        }
    }

    /// <summary>Names mean what they mean where the rule is written.</summary>
    private static RuleScope ScopeOf(RuleSet rules, string node)
    {
        for (var scope = rules.Scope; scope is not null; scope = scope.Above)
        {
            if (scope.Layer.Node == node)
            {
                return scope;
            }
        }

        return rules.Scope;
    }

    /// <param name="followed">Objects used many times over are looked into once.</param>
    private static IEnumerable<(Condition Condition, bool IsNegated)> Below(Condition condition, bool isNegated, RuleScope scope, HashSet<(string, bool)> followed) => condition switch
    {
        AllCondition all => all.Of.SelectMany(c => Below(c, isNegated, scope, followed)),
        AnyCondition any => any.Of.SelectMany(c => Below(c, isNegated, scope, followed)),
        NotCondition not => Below(not.Of, !isNegated, scope, followed),
        ObjectCondition named => followed.Add((named.Name, isNegated)) && scope.FindObject(named.Name) is var (found, where) ? Below(found.Is, isNegated, where, followed) : [],
        _ => [(condition, isNegated)],
    };
}
