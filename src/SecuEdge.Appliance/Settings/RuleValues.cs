using System.Text.Json;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// Values of conditions that mail can have at all: findings, engines, results of authentication, countries. A value that does not exist is a
/// typing error, and its rule would never hold. Only rules and objects that are changed now are asked.
/// </summary>
/// <param name="findings">Everything any check can find.</param>
/// <param name="engines">Names of the engines.</param>
internal sealed class RuleValues(Func<IEnumerable<FindingDefinition>> findings, Func<IEnumerable<string>> engines) : IChangeCheck
{
    // RFC 8601 §2.7, with SPF's softfail.
    private static readonly string[] Results = ["pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror"];

    private readonly Lazy<string[]> _codes = new(() => [.. findings().Select(f => f.Code)]);

    public void Check(Tenant? before, Tenant after, string at, List<string> errors)
    {
        for (var i = 0; i < after.Rules.Count; i++)
        {
            var rule = after.Rules[i];
            if (rule.When is { } when && !(before?.Rules ?? []).Any(b => ReferenceEquals(b, rule) || (b.Name == rule.Name && AreSame(b.When, when))))
            {
                Check(when, $"{at}rules[{i}].when", errors);
            }
        }

        for (var i = 0; i < after.Objects.Count; i++)
        {
            var known = after.Objects[i];
            if (!(before?.Objects ?? []).Any(b => ReferenceEquals(b, known) || (b.Name == known.Name && AreSame(b.Is, known.Is))))
            {
                Check(known.Is, $"{at}objects[{i}].is", errors);
            }
        }
    }

    private void Check(Condition condition, string place, List<string> errors)
    {
        switch (condition)
        {
            case AllCondition all:
                CheckAll(all.Of, place, errors);
                break;
            case AnyCondition any:
                CheckAll(any.Of, place, errors);
                break;
            case NotCondition not:
                Check(not.Of, place + ".of", errors);
                break;
            case FindingCondition finding:
                CheckEach(finding.AnyOf, place + ".anyOf", IsFinding, v => $"there is no finding '{v}'; the list is at /api/v1/system/findings, and * may stand at the end", errors);
                break;
            case EngineCondition engine:
                CheckEach(engine.AnyOf, place + ".anyOf", v => engines().Contains(v, StringComparer.OrdinalIgnoreCase), v => $"there is no engine '{v}' on this appliance; there are {string.Join(", ", engines().Order(StringComparer.Ordinal))}", errors);
                break;
            case AuthenticationCondition authentication:
                CheckEach(authentication.AnyOf, place + ".anyOf", v => Results.Contains(v, StringComparer.OrdinalIgnoreCase), v => $"'{v}' is no result of authentication; write {string.Join(", ", Results)}", errors);
                break;
            case OriginCondition origin:
                CheckEach(origin.Countries, place + ".countries", Countries.IsCode, v => $"there is no country '{v}'; write its ISO 3166-1 code, such as FR", errors);
                break;
            default:
                break;
        }
    }

    private void CheckAll(IReadOnlyList<Condition> conditions, string place, List<string> errors)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            Check(conditions[i], $"{place}.of[{i}]", errors);
        }
    }

    private static void CheckEach(IReadOnlyList<string> values, string place, Predicate<string> exists, Func<string, string> sentence, List<string> errors)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!exists(values[i]))
            {
                errors.Add($"{place}[{i}]: {sentence(values[i])}");
            }
        }
    }

    private bool IsFinding(string code) => code.EndsWith('*')
        ? _codes.Value.Any(c => c.StartsWith(code[..^1], StringComparison.OrdinalIgnoreCase))
        : _codes.Value.Contains(code, StringComparer.OrdinalIgnoreCase);

    private static bool AreSame(Condition? one, Condition other) =>
        one is not null && JsonSerializer.Serialize(one, SiteJson.Options) == JsonSerializer.Serialize(other, SiteJson.Options);
}
