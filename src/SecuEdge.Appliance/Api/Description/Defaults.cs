using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>
/// What a field of a request is when it is left out, read from the type itself: the default of a record's parameter, or what a new object has.
/// Lists and texts that begin empty say so by being optional.
/// </summary>
internal static class Defaults
{
    public static JsonNode? Of(JsonPropertyInfo member, JsonSerializerOptions json)
    {
        var value = member.AssociatedParameter is { } parameter ? parameter.HasDefaultValue ? parameter.DefaultValue : null : Initial(member);
        return value is null || !IsTold(member, value) ? null : JsonSerializer.SerializeToNode(value, member.PropertyType, json);
    }

    private static object? Initial(JsonPropertyInfo member)
    {
        // Only a class whose constructor asks for nothing shows what its fields begin with.
        if (member.IsRequired || member.Get is not { } get || member.DeclaringType is not { IsAbstract: false, IsValueType: false } type || type.GetConstructor(Type.EmptyTypes) is not { } constructor)
        {
            return null;
        }

        return get(constructor.Invoke([]));
    }

    private static bool IsTold(JsonPropertyInfo member, object value) => value switch
    {
        string text => text.Length > 0,
        bool or Enum or TimeSpan => true,
        // A number outside of its range stands for none: it must be given.
        int or long or double => SchemaWriter.Has<RangeAttribute>(member)?.IsValid(value) != false,
        _ => false,
    };
}
