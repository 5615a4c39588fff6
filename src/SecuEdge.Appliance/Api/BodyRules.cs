using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// Holds a request body against the attributes of its record, with all that is below it. JSON may put null where the record says there is
/// none; that is caught here too.
/// </summary>
internal static class BodyRules
{
    /// <returns>Everything that is wrong; null when nothing is.</returns>
    public static OperationProblem? Judge(object body)
    {
        var errors = new List<FieldError>();
        Judge(body, "", errors);
        return errors.Count == 0
            ? null
            : new OperationProblem(OperationFailure.Invalid, string.Join("; ", errors.Select(e => $"{e.Field}: {e.Detail}")), errors[0].Field) { Errors = errors };
    }

    private static void Judge(object body, string at, List<FieldError> errors)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var property in body.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            var field = at + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var value = property.GetValue(body);
            if (value is null)
            {
                if (nullability.Create(property).ReadState == NullabilityState.NotNull)
                {
                    errors.Add(new FieldError(field, "must not be null"));
                }

                continue;
            }

            errors.AddRange(property.GetCustomAttributes<ValidationAttribute>()
                .Where(rule => !rule.IsValid(value))
                .Select(rule => new FieldError(field, rule.FormatErrorMessage(field))));
            Descend(value, field, errors);
        }
    }

    private static void Descend(object value, string field, List<FieldError> errors)
    {
        if (value is IEnumerable list and not string)
        {
            var index = 0;
            foreach (var item in list)
            {
                if (item is null)
                {
                    errors.Add(new FieldError($"{field}[{index}]", "must not be null"));
                }
                else
                {
                    Descend(item, $"{field}[{index}]", errors);
                }

                index++;
            }
        }
        else if (value.GetType().Namespace == typeof(BodyRules).Namespace)
        {
            Judge(value, field + ".", errors);
        }
    }
}
