using System.Collections;
using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Api.Languages;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>Says what is wrong with a value that a validation attribute does not take: the framework's own words name properties of .NET.</summary>
internal static class ValidationWords
{
    public static string Of(ValidationAttribute rule, object? value, string path, Language language) => rule switch
    {
        RequiredAttribute => language.Text("required"),
        RangeAttribute range => language.Text("range", "", value, range.Minimum, range.Maximum),
        MinLengthAttribute least => language.Text(value is string ? "minLength" : "minItems", "", Length(value), least.Length),
        MaxLengthAttribute most => language.Text(value is string ? "maxLength" : "maxItems", "", Length(value), most.Length),
        StringLengthAttribute length => Length(value) > length.MaximumLength
            ? language.Text("maxLength", "", Length(value), length.MaximumLength)
            : language.Text("minLength", "", Length(value), length.MinimumLength),
        RegularExpressionAttribute expression => language.Text("pattern", "", Shown(value), expression.Pattern),
        AllowedValuesAttribute allowed => language.Text("word", "", Shown(value), string.Join(", ", allowed.Values)),
        _ => rule.FormatErrorMessage(path),
    };

    private static int Length(object? value) => value switch
    {
        string text => text.Length,
        ICollection collection => collection.Count,
        IEnumerable many => many.Cast<object?>().Count(),
        _ => 0,
    };

    /// <summary>Enough of a wrong value to recognise it.</summary>
    private static string Shown(object? value) => value?.ToString() is { } text ? text.Length > 60 ? text[..60] + "…" : text : "";
}
