using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>What the attributes of a request body ask for, and that no list has a null in it.</summary>
internal static class BodyCheck
{
    /// <summary>Every wrong field; null when the body can be used.</summary>
    public static OperationProblem? Problem(object body)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(body, new ValidationContext(body), results, validateAllProperties: true);
        List<FieldError> errors =
        [
            .. results.SelectMany(r => r.MemberNames.DefaultIfEmpty("body").Select(m => new FieldError(Name(m), r.ErrorMessage ?? "is not valid"))),
            .. body.GetType().GetProperties()
                .Where(p => p.GetValue(body) is IEnumerable list and not string && list.Cast<object?>().Any(item => item is null))
                .Select(p => new FieldError(Name(p.Name), "has a null in it; leave the entry out")),
        ];
        return errors.Count == 0
            ? null
            : new OperationProblem(OperationFailure.Invalid, string.Join("\n", errors.Select(e => $"{e.Field}: {e.Detail}")), errors[0].Field) { Errors = errors };
    }

    private static string Name(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}
