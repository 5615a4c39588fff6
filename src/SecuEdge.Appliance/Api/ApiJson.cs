using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SecuEdge.Appliance.Api;

/// <summary>JSON as the API reads and writes it: camelCase, enums as words, text readable by people, nothing unknown taken in silence.</summary>
internal static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions());

    /// <summary>Compact, for one record a line.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = true;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.AllowOutOfOrderMetadataProperties = true;
        options.MaxDepth = 256;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { ReadStrictly } };
        return options;
    }

    /// <summary>The sentence of a problem document; the text itself when it is none.</summary>
    public static string Detail(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() ?? body : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    /// <summary>
    /// What a record says can never be null must be given: a handler would not expect it otherwise. What the appliance itself writes is
    /// written as it is; an old record with a hole is no reason to answer nothing.
    /// </summary>
    private static void ReadStrictly(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (var member in info.Properties)
        {
            if (!member.PropertyType.IsValueType)
            {
                member.IsGetNullable = true;
                member.IsRequired |= member.AssociatedParameter is { HasDefaultValue: false, IsNullable: false, IsMemberInitializer: false };
            }
        }
    }
}
