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
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads and validates. Either a site, or every error found.</summary>
    public static (Site? Site, IReadOnlyList<string> Errors) Read(string json)
    {
        Site? site;
        try
        {
            site = JsonSerializer.Deserialize<Site>(json, Options);
        }
        catch (JsonException e)
        {
            var path = e.Path is null or "$" ? "the document" : e.Path.Replace("$.", "", StringComparison.Ordinal);
            var line = e.LineNumber is { } n ? $" (line {n + 1})" : "";
            return (null, [$"{path}: {FirstSentence(e.Message)}{line}; the schema is at /api/v1/site/schema"]);
        }

        if (site is null)
        {
            return (null, ["the document: is null; a site is an object with a list of tenants"]);
        }

        var errors = SiteValidation.Check(site);
        return errors.Count == 0 ? (site, errors) : (null, errors);
    }

    public static string Write(Site site) => JsonSerializer.Serialize(site, Options) + "\n";

    /// <summary>JSON Schema 2020-12 of the site file.</summary>
    public static JsonNode Schema()
    {
        var schema = Options.GetJsonSchemaAsNode(typeof(Site));
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        schema["title"] = "SecuEdge site file";
        return schema;
    }

    private static string FirstSentence(string message) =>
        message.IndexOf(" Path:", StringComparison.Ordinal) is var end and > 0 ? message[..end].TrimEnd('.', ' ') : message;
}
