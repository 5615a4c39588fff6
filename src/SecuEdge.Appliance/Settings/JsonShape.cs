using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Api.Requests;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// Says of a document that the serializer could not read everything that is wrong with its shape: unknown fields, wrong types, words that are
/// none, each with place and line. The serializer stops at the first, and names .NET types, which are no concern of whoever wrote the file.
/// </summary>
internal sealed class JsonShape
{
    // More than anybody mends in one go.
    private const int MaxErrors = 50;

    private static readonly Language English = Language.English;

    private readonly byte[] _json;
    private readonly JsonSerializerOptions _options;
    private readonly bool _hasLines;
    private readonly List<string> _errors = [];

    private JsonShape(byte[] json, JsonSerializerOptions options, bool hasLines)
    {
        _json = json;
        _options = options;
        _hasLines = hasLines;
    }

    /// <param name="hasLines">Whether whoever reads the errors has the lines of this text.</param>
    /// <returns><c>tenants[0].kind: 'shop' is not one of customer, reseller, provider (line 7)</c>; empty when nothing of this is wrong.</returns>
    public static IReadOnlyList<string> Errors(string json, Type type, JsonSerializerOptions options, bool hasLines)
    {
        var shape = new JsonShape(Encoding.UTF8.GetBytes(json), options, hasLines);
        var reader = new Utf8JsonReader(
            shape._json, new JsonReaderOptions { AllowTrailingCommas = options.AllowTrailingCommas, CommentHandling = options.ReadCommentHandling, MaxDepth = options.MaxDepth });
        try
        {
            reader.Read();
            shape.Value(ref reader, type, "");
            // What stands behind the document, or is missing at its end.
            reader.Read();
        }
        catch (JsonException e)
        {
            shape._errors.Add("the document: " + English.Text(
                "notJson", "", ((e.LineNumber ?? 0) + 1).ToString(CultureInfo.InvariantCulture), ((e.BytePositionInLine ?? 0) + 1).ToString(CultureInfo.InvariantCulture)));
        }

        return shape._errors;
    }

    /// <summary>Stands at a value, and leaves the reader at its end.</summary>
    private void Value(ref Utf8JsonReader reader, Type type, string path)
    {
        var info = _options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object when reader.TokenType == JsonTokenType.StartObject:
                Object(ref reader, info, path);
                break;
            case JsonTypeInfoKind.Dictionary when reader.TokenType == JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var key = reader.GetString()!;
                    reader.Read();
                    Value(ref reader, info.ElementType!, Join(path, key));
                }

                break;
            case JsonTypeInfoKind.Enumerable when reader.TokenType == JsonTokenType.StartArray:
                List(ref reader, info.ElementType!, path);
                break;
            case JsonTypeInfoKind.None:
                Leaf(ref reader, type, path, _options);
                break;
            default:
                Add(reader, path, JsonErrors.Expected(info.Type, _options, English));
                reader.Skip();
                break;
        }
    }

    private void List(ref Utf8JsonReader reader, Type element, string path)
    {
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var at = $"{path}[{i}]";
            if (reader.TokenType == JsonTokenType.Null)
            {
                Add(reader, at, English.Text("nullItem"));
            }
            else
            {
                Value(ref reader, element, at);
            }
        }
    }

    private void Object(ref Utf8JsonReader reader, JsonTypeInfo declared, string path)
    {
        var discriminator = declared.PolymorphismOptions?.TypeDiscriminatorPropertyName;
        var info = declared;
        if (discriminator is not null)
        {
            var variants = declared.PolymorphismOptions!.DerivedTypes;
            var word = WordOf(reader, discriminator);
            if (variants.FirstOrDefault(v => word is not null && word.Equals(v.TypeDiscriminator)) is not { DerivedType: { } derived })
            {
                Add(reader, Join(path, discriminator), English.Text("variant", "", string.Join(", ", variants.Select(v => v.TypeDiscriminator))));
                reader.Skip();
                return;
            }

            info = _options.GetTypeInfo(derived);
        }

        var properties = info.Properties.Where(p => p.Get is not null || p.Set is not null).ToDictionary(p => p.Name, StringComparer.Ordinal);
        var start = reader;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var at = Join(path, name);
            seen.Add(name);
            if (name == discriminator)
            {
                reader.Read();
                reader.Skip();
            }
            else if (!properties.TryGetValue(name, out var property))
            {
                Add(reader, at, English.Text("unknown", "", string.Join(", ", properties.Keys)));
                reader.Read();
                reader.Skip();
            }
            else
            {
                reader.Read();
                Member(ref reader, property, at);
            }
        }

        foreach (var missing in properties.Values.Where(p => p.IsRequired && !seen.Contains(p.Name)))
        {
            Add(start, Join(path, missing.Name), English.Text("missing"));
        }
    }

    private void Member(ref Utf8JsonReader reader, JsonPropertyInfo property, string at)
    {
        if (property.CustomConverter is { } converter)
        {
            Leaf(ref reader, property.PropertyType, at, With(converter));
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            Value(ref reader, property.PropertyType, at);
        }
        else if (property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is null : !property.IsSetNullable)
        {
            Add(reader, at, English.Text("null"));
        }
    }

    /// <summary>What the serializer reads as a whole, so that it alone knows what is wrong.</summary>
    private void Leaf(ref Utf8JsonReader reader, Type type, string path, JsonSerializerOptions options)
    {
        var value = reader;
        try
        {
            JsonSerializer.Deserialize(ref value, type, options);
        }
        catch (JsonException)
        {
            var plain = Nullable.GetUnderlyingType(type) ?? type;
            Add(reader, path, plain.IsEnum && reader.TokenType == JsonTokenType.String
                ? English.Text("word", "", Shown(reader.GetString()!), JsonErrors.Words(plain))
                : JsonErrors.Expected(plain, _options, English));
        }

        reader.Skip();
    }

    private JsonSerializerOptions With(JsonConverter converter) => new(_options) { Converters = { converter } };

    /// <summary>The text of a member of the object that the reader stands at the beginning of.</summary>
    private static string? WordOf(Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }

            reader.Skip();
        }

        return null;
    }

    private void Add(Utf8JsonReader reader, string path, string detail)
    {
        if (_errors.Count < MaxErrors)
        {
            var line = _hasLines ? $" (line {(_json.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n') + 1).ToString(CultureInfo.InvariantCulture)})" : "";
            _errors.Add($"{(path.Length == 0 ? "the document" : path)}: {detail}{line}");
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shown(string value) => value.Length > 60 ? value[..60] + "…" : value;
}
