using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>
/// A body as somebody would really send it. A record declares its own beside itself, <c>public static NewTenant Example =&gt; new(…)</c>; for one
/// that does not, a plain one is made from its schema.
/// </summary>
internal static class Examples
{
    private const int Deepest = 6;

    public static JsonNode? Of(Type type, OpenApiSchema schema, JsonSerializerOptions json) =>
        Declared(type) is { } declared ? JsonSerializer.SerializeToNode(declared, type, json) : Of(schema, 0);

    /// <summary>The record's own; null when it declares none.</summary>
    public static object? Declared(Type type) =>
        type.GetProperty("Example", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) is { } example && example.PropertyType == type
            ? example.GetValue(null)
            : null;

    private static JsonNode? Of(IOpenApiSchema place, int depth)
    {
        if (place.Default is { } value)
        {
            return value.DeepClone();
        }

        if (place.OneOf is { Count: > 0 } variants)
        {
            return Of(variants.FirstOrDefault(v => v.Type != JsonSchemaType.Null) ?? variants[0], depth);
        }

        if (place.Enum is { Count: > 0 } words)
        {
            return words[0].DeepClone();
        }

        var type = place.Type & ~JsonSchemaType.Null;
        return type switch
        {
            JsonSchemaType.Object => Body(place, depth),
            JsonSchemaType.Array => depth >= Deepest || place.Items is null ? new JsonArray() : new JsonArray(Of(place.Items, depth + 1)),
            JsonSchemaType.Integer or JsonSchemaType.Number => Number(place),
            JsonSchemaType.Boolean => false,
            JsonSchemaType.String => Text(place),
            _ => null,
        };
    }

    private static JsonObject Body(IOpenApiSchema schema, int depth)
    {
        var body = new JsonObject();
        foreach (var (name, place) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            // Beyond what must be there, only the first level: an example is read by people.
            if ((schema.Required?.Contains(name) ?? false) || depth == 0)
            {
                body[name] = depth >= Deepest ? null : Of(place, depth + 1);
            }
        }

        return body;
    }

    private static JsonNode Number(IOpenApiSchema schema) =>
        schema.Minimum is { } least && long.TryParse(least, out var number) ? Math.Max(number, 1) : 1;

    private static JsonNode Text(IOpenApiSchema schema) => schema.Format switch
    {
        "date-time" => "2026-11-23T08:00:00Z",
        "date" => "2026-11-23",
        "time" => "08:00:00",
        "uri" => "https://example.com/",
        "uuid" => "0193a0b0-0000-7000-8000-000000000000",
        "email" => "eva@example.com",
        "byte" => "c2FtcGxl",
        _ when schema.Pattern?.Contains(@"\d{2}:\d{2}", StringComparison.Ordinal) ?? false => "00:05:00",
        _ => "example",
    };
}
