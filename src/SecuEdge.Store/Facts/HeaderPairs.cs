using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecuEdge.Store.Facts;

/// <summary>A header field as <c>["Name","value"]</c>: a pair has read-only properties, which the form on disk leaves out.</summary>
internal sealed class HeaderPairs : JsonConverter<KeyValuePair<string, string>>
{
    public override KeyValuePair<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<string[]>(ref reader, options) is [var name, var value]
            ? new(name, value)
            : throw new JsonException("A header field is a name and a value.");

    public override void Write(Utf8JsonWriter writer, KeyValuePair<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.Key);
        writer.WriteStringValue(value.Value);
        writer.WriteEndArray();
    }
}
