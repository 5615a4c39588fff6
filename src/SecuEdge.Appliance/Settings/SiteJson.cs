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
        var (site, wrong) = Parse<Site>(json);
        if (site is null)
        {
            return (null, wrong);
        }

        var errors = SiteValidation.Check(site);
        return errors.Count == 0 ? (site, errors) : (null, errors);
    }

    /// <summary>Reads without looking at what it says: a site, a tenant or a domain, or every place where it is none.</summary>
    /// <param name="hasLines">Whether whoever reads the errors has the lines of this text.</param>
    /// <param name="options">By default those of the site file.</param>
    public static (T? Value, IReadOnlyList<string> Errors) Parse<T>(string json, bool hasLines = true, JsonSerializerOptions? options = null)
        where T : class
    {
        try
        {
            if (!HasNullInList(Encoding.UTF8.GetBytes(json)))
            {
                return JsonSerializer.Deserialize<T>(json, options ?? Options) is { } value
                    ? (value, [])
                    : (null, ["the document: is null; send an object as the schema at /api/v1/site/schema describes it"]);
            }
        }
        catch (JsonException)
        {
            // Said below, with everything else.
        }

        return JsonShape.Errors(json, typeof(T), Options, hasLines) is { Count: > 0 } errors
            ? (null, errors)
            : (null, ["the document: is not as the schema at /api/v1/site/schema describes it"]);
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

    /// <summary>The serializer keeps null out of properties, yet not out of lists.</summary>
    private static bool HasNullInList(byte[] json)
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
                    return true;
                default:
                    break;
            }
        }

        return false;
    }
}
