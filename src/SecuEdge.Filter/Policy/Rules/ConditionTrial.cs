using System.Reflection;
using System.Text.Json.Serialization;
using SecuEdge.Filter.Policy.Rules.Matching;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>One condition of a rule, tried.</summary>
/// <param name="Place">Where it stands in the rule: <c>when.of[1]</c>.</param>
/// <param name="Type">As in the rule: <c>size</c>.</param>
/// <param name="Holds">Unknown where something was not recorded or not given.</param>
/// <param name="Why">One sentence with the values compared.</param>
public sealed record TriedCondition(string Place, string Type, Truth Holds, string Why);

/// <summary>Tries the condition of a rule that is in no policy yet, with each condition inside it answered for itself.</summary>
public static class ConditionTrial
{
    private static readonly Dictionary<Type, string> Types = typeof(Condition).GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToDictionary(a => a.DerivedType, a => (string)a.TypeDiscriminator!);

    /// <param name="layer">Of the node where the rule would be written: its objects, lists, groups, calendar. Must have passed <see cref="RuleSet.Check"/>.</param>
    /// <returns>The whole first, then what is in it, in the order written.</returns>
    /// <exception cref="ArgumentException">The condition would not pass <see cref="RuleSet.Check"/>.</exception>
    public static IReadOnlyList<TriedCondition> Run(
        Condition when, PolicyLayer layer, RuleSet? inherited, PolicyFacts facts, double score, MessageClass messageClass, MailPath recipient)
    {
        List<string> errors = [];
        var (names, compiler) = RuleSet.Prepare(layer, inherited, errors);
        List<(string Place, Condition Condition, Matcher? Matcher)> compiled = [.. Walk("when", when).Select(c => (c.Place, c.Condition, compiler.Compile(c.Condition, c.Place)))];
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors), nameof(when));
        }

        var question = new Question(names, facts, score, messageClass, new PatternMemory(ProcessorTime.OfThread));
        question.Begin(recipient);
        var explanation = new Explanation(question);
        return [.. compiled.Select(c => new TriedCondition(c.Place, Types[c.Condition.GetType()], question.Ask(c.Matcher!), Sentence.Of(explanation.Of(c.Matcher!))))];
    }

    private static IEnumerable<(string Place, Condition Condition)> Walk(string place, Condition condition)
    {
        IReadOnlyList<(string Place, Condition Condition)> inside = condition switch
        {
            AllCondition all => [.. all.Of.Select((c, i) => ($"{place}.of[{i}]", c))],
            AnyCondition any => [.. any.Of.Select((c, i) => ($"{place}.of[{i}]", c))],
            NotCondition not => [($"{place}.of", not.Of)],
            _ => [],
        };
        return inside.SelectMany(i => Walk(i.Place, i.Condition)).Prepend((place, condition));
    }
}
