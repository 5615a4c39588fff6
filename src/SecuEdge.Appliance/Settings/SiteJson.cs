using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace SecuEdge.Appliance.Settings;

/// <summary>The site file as JSON: reading with errors that name the place, writing in one canonical form, and the published schema.</summary>
public static class SiteJson
{
    /// <summary>Canonical form, also what revisions store: equal sites give equal text.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        MaxDepth = 256,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads and validates. Either a site, or every error found.</summary>
    public static (Site? Site, IReadOnlyList<string> Errors) Read(string json)
    {
        var (site, error) = Parse<Site>(json);
        if (site is null)
        {
            return (null, [error]);
        }

        var errors = SiteValidation.Check(site);
        return errors.Count == 0 ? (site, errors) : (null, errors);
    }

    /// <summary>Reads without looking at what it says: a site, a tenant or a domain, or the place where it is none.</summary>
    public static (T? Value, string Error) Parse<T>(string json)
        where T : class
    {
        try
        {
            if (FirstNullOfAList(Encoding.UTF8.GetBytes(json)) is { } line)
            {
                return (null, $"the document: a list has a null in it (line {line}); leave the entry out");
            }

            return JsonSerializer.Deserialize<T>(json, Options) is { } value
                ? (value, "")
                : (null, "the document: is null; send an object as the schema at /api/v1/site/schema describes it");
        }
        catch (JsonException e)
        {
            var path = e.Path is null or "$" ? "the document" : e.Path.Replace("$.", "", StringComparison.Ordinal);
            var line = e.LineNumber is { } n ? $" (line {n + 1})" : "";
            return (null, $"{path}: {FirstSentence(e.Message)}{line}; the schema is at /api/v1/site/schema");
        }
    }

    /// <summary>A value of a closed set as it stands in the file.</summary>
    internal static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static string Write(Site site) => JsonSerializer.Serialize(site, Options) + "\n";

    /// <summary>A tenant as it stands in the site file.</summary>
    public static string Write(Tenant tenant) => JsonSerializer.Serialize(tenant, Options) + "\n";

    /// <summary>JSON Schema 2020-12 of the site file.</summary>
    public static JsonNode Schema()
    {
        var schema = Options.GetJsonSchemaAsNode(typeof(Site));
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        schema["title"] = "SecuEdge site file";
        return schema;
    }

    /// <summary>The serializer keeps null out of properties, yet not out of lists. Null when there is none.</summary>
    private static int? FirstNullOfAList(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = Options.MaxDepth });
        var lists = new Stack<bool>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    lists.Push(reader.TokenType == JsonTokenType.StartArray);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    lists.Pop();
                    break;
                case JsonTokenType.Null when lists.TryPeek(out var isList) && isList:
                    return json.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n') + 1;
                default:
                    break;
            }
        }

        return null;
    }

    private static string FirstSentence(string message) =>
        message.IndexOf(" Path:", StringComparison.Ordinal) is var end and > 0 ? message[..end].TrimEnd('.', ' ') : message;
}
