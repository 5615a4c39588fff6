using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>What is odd about a policy although each rule is right by itself.</summary>
/// <param name="Rules">Names of the rules concerned, the one that decides first; for an unused object, none.</param>
/// <param name="Sentence">For people: names both, and says what to do.</param>
public sealed record Contradiction(ContradictionKind Kind, IReadOnlyList<string> Rules, string Sentence);

public enum ContradictionKind
{
    /// <summary>Two rules hold for the same mail and send it different ways.</summary>
    DifferentWays,

    /// <summary>A rule before it decides whenever it would hold.</summary>
    NeverReached,

    /// <summary>No mail can be all that it asks.</summary>
    NeverHolds,

    /// <summary>No rule or object of the node uses it.</summary>
    UnusedObject,

    /// <summary>It names a recipient for whom mail is refused before rules are asked.</summary>
    NoMailbox,

    /// <summary>It asks for something that this appliance does not know of any mail.</summary>
    NotKnownHere,

    /// <summary>It tells somebody whose address is not set.</summary>
    TellsNobody,

    /// <summary>It sends all mail to somebody outside.</summary>
    SendsAllAway,
}

/// <summary>Finds what can be shown; what it does not find may still be there.</summary>
public static class Contradictions
{
    private const int MaxDepth = 4;

    /// <summary>About a second, and some twenty times what a thousand usual rules need.</summary>
    private const long MaxComparisons = 20_000_000;

    /// <summary>In the order of the rules; objects at the end.</summary>
    public static IReadOnlyList<Contradiction> Find(RuleSet rules)
    {
        List<Contradiction> found = [];
        List<Compared> deciding = [];
        var effort = new Effort(MaxComparisons);
        foreach (var compared in rules.Compiled.Where(r => r.Rule.Enabled).TakeWhile(_ => !effort.IsOver).Select(r => new Compared(r, r.Conjunction)))
        {
            var rule = compared.Rule;
            if (NeverHolds(compared.Asked, effort))
            {
                found.Add(new(ContradictionKind.NeverHolds, [rule.Rule.Name],
                    $"Rule {NameOf(rule)} asks for something and for its opposite, so it never holds: take one of the two conditions out."));
            }
            else if (deciding.Find(earlier => Covers(earlier, compared, effort)) is { Rule: var before })
            {
                found.Add(Describe(before, rule, rules.Scope.Layer.Node));
            }

            if (rule.Final is not null && rule.Rule.Mode == RuleMode.Enforce)
            {
                deciding.Add(compared);
            }
        }

        var scope = rules.Scope;
        var used = scope.Layer.Rules.Select(r => r.When).Concat(scope.Layer.Objects.Select(o => o.Is)).SelectMany(Used).ToHashSet(StringComparer.Ordinal);
        foreach (var unused in scope.Layer.Objects.Where(o => !used.Contains(o.Name)))
        {
            found.Add(new(ContradictionKind.UnusedObject, [], $"Object '{unused.Name}' of {scope.Layer.Node} is used by no rule of that node: delete it, unless nodes below use it."));
        }

        return found;
    }

    /// <param name="reader">The node that is looked at: what is written elsewhere, its people cannot change.</param>
    private static Contradiction Describe(CompiledRule before, CompiledRule after, string reader)
    {
        var (first, second) = (before.Final!, after.Final);
        var remedy = before.Rule.Locked ? $"{NameOf(before)} is locked, so {(after.ComesLast ? "the profile's rule has no effect on such mail, and nothing needs doing" : $"take {NameOf(after)} out")} or ask {before.Placed.Node}"
            : after.ComesLast ? OverProfile(before, after, reader)
            : $"raise the priority of {NameOf(after)} above {before.Rule.Priority}, or take one of them out";
        return second is not null && second.GetType() != first.GetType()
            ? new(ContradictionKind.DifferentWays, [before.Rule.Name, after.Rule.Name],
                $"Rules {NameOf(before)} and {NameOf(after)} hold for the same mail, but the first says {ActionCheck.NameOf(first)} and the second {ActionCheck.NameOf(second)}; the first decides: {remedy}.")
            : new(ContradictionKind.NeverReached, [before.Rule.Name, after.Rule.Name],
                $"Rule {NameOf(after)} is never reached: whenever it would hold, {NameOf(before)} has decided already: {remedy}.");
    }

    /// <summary>Nobody can change a rule of a profile, and rules of one's own are there to decide before it: a rule of the same name says that this is so on purpose.</summary>
    private static string OverProfile(CompiledRule before, CompiledRule after, string reader) => before.Placed.Node == reader
        ? $"a rule of one's own is always asked before the profile: if it shall decide, call it '{after.Rule.Name}', which puts it in the place of the profile's; if the profile shall, take it out"
        : $"if the profile shall decide, write a rule '{before.Rule.Name}' of your own that asks for less, or have {before.Placed.Node} change it; otherwise nothing needs doing";

    /// <summary>Whenever the later one would be asked and hold, the earlier one has decided.</summary>
    private static bool Covers(Compared earlier, Compared later, Effort effort) =>
        effort.TryTake(1)
        && (earlier.Rule.Rule.Direction == RuleDirection.Both || earlier.Rule.Rule.Direction == later.Rule.Rule.Direction)
        && earlier.Asked.All(asked => later.Asked.Any(own => Implies(own, asked, 0, effort)));

    // Bounded: objects used many times over would be compared with each other again and again. What is deeper is not shown.
    private static bool Implies(Matcher one, Matcher other, int depth, Effort effort) =>
        effort.TryTake(1)
        && (one.Slot == other.Slot || (depth < MaxDepth && CanShow(one, other, depth + 1, effort)));

    private static bool CanShow(Matcher one, Matcher other, int depth, Effort effort) =>
        (other, one) switch
        {
            (AllMatcher all, _) => all.Of.All(o => Implies(one, o, depth, effort)),
            (_, AnyMatcher any) => any.Of.All(a => Implies(a, other, depth, effort)),
            (AnyMatcher any, _) => any.Of.Any(o => Implies(one, o, depth, effort)),
            (_, AllMatcher all) => all.Of.Any(a => Implies(a, other, depth, effort)),
            (NotMatcher not, NotMatcher own) => Implies(not.Of, own.Of, depth, effort),
            _ => effort.TryTake((long)one.Entries * other.Entries) && one.Implies(other, effort),
        };

    private static bool NeverHolds(IReadOnlyList<Matcher> asked, Effort effort) =>
        asked.OfType<NotMatcher>().Any(not => asked.Any(own => Implies(own, not.Of, 0, effort)));

    /// <summary>Names of objects.</summary>
    private static IEnumerable<string> Used(Condition? condition) => condition switch
    {
        ObjectCondition used => [used.Name],
        AllCondition all => all.Of.SelectMany(Used),
        AnyCondition any => any.Of.SelectMany(Used),
        NotCondition not => Used(not.Of),
        _ => [],
    };

    private static string NameOf(CompiledRule rule) => $"'{rule.Rule.Name}' ({rule.Placed.Node})";

    /// <param name="Asked">What must all hold for the rule to hold; taken apart once, since it is compared with all others.</param>
    private sealed record Compared(CompiledRule Rule, IReadOnlyList<Matcher> Asked);
}
