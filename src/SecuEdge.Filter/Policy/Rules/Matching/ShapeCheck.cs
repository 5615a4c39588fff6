using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// What readers of JSON let through: lists and texts that are null, figures out of the range their attribute says, texts too long. Afterwards
/// nobody has to ask again.
/// </summary>
internal static class ShapeCheck
{
    // An object and a list each, and the layer, rule and action around them.
    private const int MaxNesting = (RuleLimits.Depth * 2) + 8;

    private static readonly ConcurrentDictionary<Type, Field[]> Fields = new();

    public static void Check(object value, string place, List<string> errors) => Check(value, place, errors, 0);

    private static void Check(object value, string place, List<string> errors, int nesting)
    {
        if (nesting > MaxNesting)
        {
            errors.Add($"{place}: stands too deep; conditions may stand in each other {RuleLimits.Depth} deep");
            return;
        }

        foreach (var field in Fields.GetOrAdd(value.GetType(), FieldsOf))
        {
            var at = place.Length == 0 ? field.Name : $"{place}.{field.Name}";
            var content = field.Property.GetValue(value);
            if (content is null)
            {
                if (!field.MayBeNull)
                {
                    errors.Add($"{at}: is missing; write it");
                }

                continue;
            }

            foreach (var rule in field.Rules)
            {
                if (Problem(rule, content) is { } problem)
                {
                    errors.Add($"{at}: {problem}");
                }
            }

            if (content is IEnumerable and not string)
            {
                CheckItems((IEnumerable)content, at, errors, nesting);
            }
            else if (IsOurs(content.GetType()))
            {
                Check(content, at, errors, nesting + 1);
            }
        }
    }

    private static void CheckItems(IEnumerable items, string place, List<string> errors, int nesting)
    {
        var index = 0;
        foreach (var item in items)
        {
            if (index == RuleLimits.Entries)
            {
                errors.Add($"{place}: has more than {RuleLimits.Entries} entries; shorten it");
                return;
            }

            if (item is null)
            {
                errors.Add($"{place}[{index}]: is null; take it out");
            }
            else if (IsOurs(item.GetType()))
            {
                Check(item, $"{place}[{index}]", errors, nesting + 1);
            }

            index++;
        }
    }

    private static string? Problem(ValidationAttribute rule, object content) => rule.IsValid(content) ? null : rule switch
    {
        RequiredAttribute => "is empty; write it",
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"{content} is not between {range.Minimum} and {range.Maximum}"),
        MinLengthAttribute => "is empty; there must be at least one",
        MaxLengthAttribute longest => $"is longer than {longest.Length}; shorten it",
        RegularExpressionAttribute form => $"'{content}' does not have the form {form.Pattern}",
        _ => rule.FormatErrorMessage("it"),
    };

    private static bool IsOurs(Type type) => type.Namespace == typeof(Rule).Namespace && type.IsClass;

    private static Field[] FieldsOf(Type type)
    {
        var nullability = new NullabilityInfoContext();
        return [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetIndexParameters().Length == 0 && p.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Select(p => new Field(
                JsonNamingPolicy.CamelCase.ConvertName(p.Name),
                p,
                Nullable.GetUnderlyingType(p.PropertyType) is not null || nullability.Create(p).ReadState == NullabilityState.Nullable,
                [.. p.GetCustomAttributes<ValidationAttribute>()]))];
    }

    private sealed record Field(string Name, PropertyInfo Property, bool MayBeNull, ValidationAttribute[] Rules);
}
