namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>A rule with its place in the order.</summary>
/// <param name="When">Null always holds.</param>
/// <param name="Depth">Levels above the node where it is written.</param>
/// <param name="Index">As written.</param>
internal sealed record CompiledRule(PlacedRule Placed, Matcher? When, int Depth, int Index, bool ComesLast)
{
    public Rule Rule => Placed.Rule;

    /// <summary>The conditions that must all hold.</summary>
    public IReadOnlyList<Matcher> Conjunction => When switch
    {
        null => [],
        AllMatcher all => [.. all.Of.SelectMany(Flatten)],
        var one => [one],
    };

    /// <summary>Nothing, or one way the message goes.</summary>
    public RuleAction? Final => Rule.Then.FirstOrDefault(a => a.IsFinal);

    public bool IsAskedOf(Direction direction) => Rule.Direction switch
    {
        RuleDirection.Both => true,
        RuleDirection.Inbound => direction == Direction.Inbound,
        RuleDirection.Outbound => direction == Direction.Outbound,
        _ => throw new InvalidOperationException($"unknown direction {Rule.Direction}"),
    };

    /// <summary>Locked ones from the root down, then the rest by priority, from the root down and as written; profiles at the end.</summary>
    public static IEnumerable<CompiledRule> InOrder(IEnumerable<CompiledRule> rules) => rules
        .OrderBy(r => r.Rule.Locked ? 0 : r.ComesLast ? 2 : 1)
        .ThenBy(r => r.Rule.Locked ? r.Depth : 0)
        .ThenByDescending(r => r.Rule.Priority)
        .ThenBy(r => r.Depth)
        .ThenBy(r => r.Index);

    private static IEnumerable<Matcher> Flatten(Matcher matcher) => matcher is AllMatcher all ? all.Of.SelectMany(Flatten) : [matcher];
}
