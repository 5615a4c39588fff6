using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// Says of a JSON body that could not be read where it is wrong and what would be right: the serializer's own words name .NET types, which
/// are no concern of the caller.
/// </summary>
internal static partial class JsonErrors
{
    public static IReadOnlyList<FieldError> Explain(Exception error, Type? body, JsonSerializerOptions json, Language language)
    {
        var (path, line, column) = error is JsonException e ? (e.Path, e.LineNumber, e.BytePositionInLine) : (PathIn(error.Message), null, null);
        var place = Place(path);
        if (Unmapped().Match(error.Message) is { Success: true } unmapped)
        {
            var name = unmapped.Groups[1].Value;
            var at = place.EndsWith(name, StringComparison.Ordinal) ? place : Join(place, name);
            var owner = TypeAt(body, Parent(path, name), json);
            var allowed = owner is null ? "" : string.Join(", ", json.GetTypeInfo(owner).Properties.Select(p => p.Name));
            return [new FieldError(at, language.Text("unknown", at, allowed))];
        }

        if (MissingProperties().Match(error.Message) is { Success: true } missing)
        {
            return [.. Quoted().Matches(missing.Groups[1].Value).Select(m => new FieldError(Join(place, m.Groups[1].Value), language.Text("missing")))];
        }

        if (error.Message.Contains("null value", StringComparison.Ordinal))
        {
            return [new FieldError(Or(place), language.Text("null"))];
        }

        if (error is NotSupportedException || error.Message.Contains("type discriminator", StringComparison.Ordinal))
        {
            var variants = TypeAt(body, path, json) is { } type ? Variants(type, json) : [];
            return [new FieldError(Join(place.EndsWith(".type", StringComparison.Ordinal) ? place[..^5] : place == "type" ? "" : place, "type"), language.Text("variant", "", string.Join(", ", variants)))];
        }

        if (error.Message.StartsWith("The JSON value could not be converted to", StringComparison.Ordinal) && TypeAt(body, path, json) is { } wanted)
        {
            return [new FieldError(Or(place), Expected(wanted, json, language))];
        }

        return [new FieldError(
            Or(place),
            language.Text("notJson", "", ((line ?? 0) + 1).ToString(CultureInfo.InvariantCulture), ((column ?? 0) + 1).ToString(CultureInfo.InvariantCulture)))];
    }

    /// <summary>What stands in for a value of the type in a sentence.</summary>
    public static string Expected(Type type, JsonSerializerOptions json, Language language)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsEnum)
        {
            return language.Text("words", "", Words(plain));
        }

        return language.Text("type", "", language.Text(Kind(plain, json)));
    }

    public static string Words(Type @enum) => string.Join(", ", Enum.GetNames(@enum).Select(JsonNamingPolicy.CamelCase.ConvertName));

    private static string Kind(Type type, JsonSerializerOptions json) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "boolean",
        TypeCode.String => "string",
        TypeCode.Double or TypeCode.Single or TypeCode.Decimal => "number",
        >= TypeCode.SByte and <= TypeCode.UInt64 => "wholeNumber",
        _ when type == typeof(DateTimeOffset) || type == typeof(DateTime) => "time",
        _ when type == typeof(DateOnly) => "date",
        _ when type == typeof(TimeSpan) || type == typeof(TimeOnly) => "duration",
        _ => json.GetTypeInfo(type).Kind switch
        {
            JsonTypeInfoKind.Enumerable => "list",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "object",
            _ => "value",
        },
    };

    private static List<string> Variants(Type type, JsonSerializerOptions json) =>
        [.. json.GetTypeInfo(type).PolymorphismOptions?.DerivedTypes.Select(d => (string)d.TypeDiscriminator!) ?? []];

    /// <summary>Follows <c>$.rules[2].when</c> through the types; null when it leaves them.</summary>
    private static Type? TypeAt(Type? body, string? path, JsonSerializerOptions json)
    {
        var type = body;
        foreach (Match step in Steps().Matches(path ?? ""))
        {
            if (type is null)
            {
                return null;
            }

            var info = json.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
            var name = step.Groups[1].Success ? step.Groups[1].Value : step.Groups[2].Value;
            type = info.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary
                ? info.ElementType
                : name == info.PolymorphismOptions?.TypeDiscriminatorPropertyName ? type : Property(info, name, json);
        }

        return type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
    }

    private static Type? Property(JsonTypeInfo info, string name, JsonSerializerOptions json) =>
        info.PolymorphismOptions?.DerivedTypes.Select(d => json.GetTypeInfo(d.DerivedType)).Prepend(info).SelectMany(t => t.Properties)
            .Concat(info.PolymorphismOptions is null ? info.Properties : [])
            .FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.PropertyType
        ?? info.Properties.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.PropertyType;

    private static string Place(string? path) => path is null or "$" ? "" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path.TrimStart('$');

    private static string? Parent(string? path, string name) =>
        path is not null && path.EndsWith("." + name, StringComparison.Ordinal) ? path[..^(name.Length + 1)] : path;

    private static string Join(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";

    private static string Or(string place) => place.Length == 0 ? "body" : place;

    private static string? PathIn(string message) => PathPart().Match(message) is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex(@"Path: (\S+) \|")]
    private static partial Regex PathPart();

    [GeneratedRegex("JSON property '(.*?)' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex("missing required properties including: (.*)")]
    private static partial Regex MissingProperties();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\.([A-Za-z_]\w*)|\[(.*?)\]")]
    private static partial Regex Steps();
}
