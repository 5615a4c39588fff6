using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>The matchers of a rule set and those above it: one for each different condition, so that equal ones are answered once.</summary>
internal sealed class MatcherPool(MatcherPool? above)
{
    private readonly Dictionary<string, Matcher> _own = new(StringComparer.Ordinal);
    private readonly int _first = above?.Count ?? 0;

    public int Count => _first + _own.Count;

    public Matcher Intern(string key, Func<Matcher> make)
    {
        if (Find(key) is { } known)
        {
            return known;
        }

        var matcher = make();
        matcher.Slot = Count;
        _own.Add(key, matcher);
        return matcher;
    }

    public Matcher All(IReadOnlyList<Matcher> of) => Combine("all", of, m => new AllMatcher(m));

    public Matcher Any(IReadOnlyList<Matcher> of) => Combine("any", of, m => new AnyMatcher(m));

    public Matcher Not(Matcher of) => of is NotMatcher twice ? twice.Of : Intern($"not({of.Slot})", () => new NotMatcher(of));

    /// <summary>The same text for conditions that ask the same, however their lists are ordered.</summary>
    public static string KeyOf(Condition leaf)
    {
        var node = JsonSerializer.SerializeToNode(leaf)!.AsObject();
        foreach (var (name, value) in node.ToList())
        {
            if (value is JsonArray list)
            {
                node[name] = new JsonArray([.. list.Select(v => v!.ToJsonString()).Distinct().Order(StringComparer.Ordinal).Select(v => JsonValue.Create(v))]);
            }
        }

        return node.ToJsonString();
    }

    private Matcher Combine(string name, IReadOnlyList<Matcher> of, Func<IReadOnlyList<Matcher>, Matcher> make)
    {
        List<Matcher> different = [.. of.DistinctBy(m => m.Slot)];
        return different.Count == 1 ? different[0] : Intern($"{name}({string.Join(',', different.Select(m => m.Slot).Order())})", () => make(different));
    }

    private Matcher? Find(string key)
    {
        for (var pool = this; pool is not null; pool = pool.Above)
        {
            if (pool._own.TryGetValue(key, out var matcher))
            {
                return matcher;
            }
        }

        return null;
    }

    private MatcherPool? Above => above;
}
