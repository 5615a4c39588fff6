using System.Text.RegularExpressions;
using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>Everything that can be wrong with a layer besides its conditions: names, counts, groups, lists, actions.</summary>
internal static partial class LayerCheck
{
    public static void Check(PolicyLayer layer, RuleSet? inherited, List<string> errors)
    {
        CheckCount(layer.Rules.Count, RuleLimits.Rules, "rules", errors);
        CheckCount(layer.Objects.Count, RuleLimits.Named, "objects", errors);
        CheckCount(layer.Groups.Count, RuleLimits.Named, "groups", errors);
        CheckCount(layer.WordLists.Count, RuleLimits.Named, "wordLists", errors);
        CheckNames(layer.Rules.Select(r => r.Name), "rules", errors);
        CheckNames(layer.Objects.Select(o => o.Name), "objects", errors);
        CheckNames(layer.Groups.Select(g => g.Name), "groups", errors);
        CheckNames(layer.WordLists.Select(l => l.Name), "wordLists", errors);
        var locked = (inherited?.Rules ?? []).Where(p => p.Rule.Locked).ToDictionary(p => p.Rule.Name, p => p.Node);
        for (var i = 0; i < layer.Rules.Count; i++)
        {
            if (locked.TryGetValue(layer.Rules[i].Name, out var node))
            {
                errors.Add($"rules[{i}].name: '{layer.Rules[i].Name}' is a locked rule of {node}, which nobody below can replace; choose another name");
            }

            ActionCheck.Check(layer.Rules[i].Then, $"rules[{i}].then", errors);
        }

        for (var i = 0; i < layer.Groups.Count; i++)
        {
            for (var m = 0; m < layer.Groups[i].Members.Count; m++)
            {
                if (AddressPatterns.Problem(layer.Groups[i].Members[m]) is { } problem)
                {
                    errors.Add($"groups[{i}].members[{m}]: {problem}");
                }
            }
        }

        for (var i = 0; i < layer.WordLists.Count; i++)
        {
            if (TextMatchers.Problem(layer.WordLists[i]) is { } problem)
            {
                errors.Add($"wordLists[{i}].{problem}");
            }
        }

        CheckWords(layer.WordLists, errors);
    }

    private static void CheckWords(IReadOnlyList<WordList> lists, List<string> errors)
    {
        var (characters, fields) = (0L, 0L);
        foreach (var list in lists)
        {
            var size = TextMatchers.SizeOf(list);
            characters += size.Characters;
            fields += size.Fields;
        }

        if (characters > RuleLimits.WordCharacters)
        {
            errors.Add($"wordLists: {characters} characters together are more than the {RuleLimits.WordCharacters} that one node may have; take lists out, or put them into nodes below");
        }
        else if (fields > RuleLimits.WordFields)
        {
            errors.Add($"wordLists: all together need tables of {fields} fields, and one node may have {RuleLimits.WordFields}; take lists out, or use fewer different characters in a list");
        }
    }

    private static void CheckCount(int count, int limit, string place, List<string> errors)
    {
        if (count > limit)
        {
            errors.Add($"{place}: {count} are more than the {limit} that one node may have; join some, or put them into nodes below");
        }
    }

    private static void CheckNames(IEnumerable<string> names, string place, List<string> errors)
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        var index = 0;
        foreach (var name in names)
        {
            if (!Name().IsMatch(name))
            {
                errors.Add($"{place}[{index}].name: '{name}' is not a name; use 1-63 lower-case letters, digits, dots and dashes");
            }
            else if (!used.Add(name))
            {
                errors.Add($"{place}[{index}].name: '{name}' is used twice; every one needs its own name");
            }

            index++;
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
