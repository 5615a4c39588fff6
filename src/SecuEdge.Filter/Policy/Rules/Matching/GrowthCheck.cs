namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>How many addresses a layer names. Only a change that adds some is refused: what is stored must load, and taking out must be possible.</summary>
internal static class GrowthCheck
{
    public static void Check(PolicyLayer layer, PolicyLayer? before, List<string> errors)
    {
        var (now, was) = (Count(layer), before is null ? default : Count(before));
        if (now.All > RuleLimits.Addresses && now.All > was.All)
        {
            errors.Add($"{now.Place}: {now.All} addresses, in conditions and in groups, are more than the {RuleLimits.Addresses} that one node may have; name a group instead of repeating its people, or put some into nodes below");
        }
        else if (now.Globs > RuleLimits.Globs && now.Globs > was.Globs)
        {
            errors.Add($"{now.Place}: {now.Globs} address patterns with * such as newsletter-*@* are more than the {RuleLimits.Globs} that one node may have; write @example.com or @*.example.com where that says the same, or put some into nodes below");
        }
    }

    private static Counted Count(PolicyLayer layer)
    {
        var (asked, members, globs) = (0L, 0L, 0L);
        foreach (var (addresses, groups) in layer.Rules.Select(r => r.When).Concat(layer.Objects.Select(o => o.Is)).SelectMany(People))
        {
            asked += addresses.Count + groups.Count;
            globs += addresses.Count(AddressPatterns.IsGlob);
        }

        foreach (var group in layer.Groups)
        {
            members += group.Members.Count;
            globs += group.Members.Count(AddressPatterns.IsGlob);
        }

        return new Counted(asked + members, globs, asked > members ? "rules" : "groups");
    }

    private static IEnumerable<(IReadOnlyList<string> Addresses, IReadOnlyList<string> Groups)> People(Condition? condition) => condition switch
    {
        AllCondition all => all.Of.SelectMany(People),
        AnyCondition any => any.Of.SelectMany(People),
        NotCondition not => People(not.Of),
        SenderCondition sender => [(sender.Addresses, sender.Groups)],
        RecipientCondition recipient => [(recipient.Addresses, recipient.Groups)],
        _ => [],
    };

    /// <param name="Place">Where most of them stand.</param>
    private readonly record struct Counted(long All, long Globs, string Place);
}
