using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using SecuEdge.Appliance.Api.Languages;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>Parts of the document that many operations refer to: error answers, and headers every caller may send.</summary>
internal static class CommonParts
{
    /// <summary>Error answers by status, each with the sentence that stands in the document.</summary>
    public static readonly IReadOnlyDictionary<int, string> Errors = new Dictionary<int, string>
    {
        [400] = "The request is not valid; `errors` names each field and its remedy.",
        [401] = "No token, or one that is unknown, expired or revoked.",
        [403] = "The caller may not do this.",
        [404] = "There is no such object, or none that the caller may see.",
        [409] = "The object is in a state that does not allow it, or the same `Idempotency-Key` is at work.",
        [412] = "The object has changed since it was read: the `If-Match` does not match.",
        [413] = "The body is larger than the operation takes.",
        [415] = "The body is of a type the operation does not read.",
        [422] = "The `Idempotency-Key` was used before with another request.",
        [429] = "Too many requests; `Retry-After` says when to come back.",
        [503] = "Our own trouble; try again later.",
    };

    public static void Add(OpenApiDocument document)
    {
        var components = document.Components!;
        components.Responses = new Dictionary<string, IOpenApiResponse>();
        foreach (var (status, text) in Errors)
        {
            components.Responses[Name(status)] = new OpenApiResponse
            {
                Description = text,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(Problem), document), Example = Example(status) },
                },
            };
        }

        components.Parameters = new Dictionary<string, IOpenApiParameter>
        {
            ["IdempotencyKey"] = new OpenApiParameter
            {
                Name = "Idempotency-Key",
                In = ParameterLocation.Header,
                Description = "1-128 printable characters of the caller's choice. The same request with the same key within 24 hours is answered as the first time and done once.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[!-~]+$" },
                Example = "order-4711",
            },
            ["AcceptLanguage"] = new OpenApiParameter
            {
                Name = "Accept-Language",
                In = ParameterLocation.Header,
                Description = "Language of titles and remedies: en or fr.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = "fr",
            },
        };
    }

    public static string Name(int status) => "Problem" + status.ToString(CultureInfo.InvariantCulture);

    private static JsonObject Example(int status) => new()
    {
        ["type"] = Problems.TypeOf(status),
        ["title"] = Language.English.Title(status),
        ["status"] = status,
        ["detail"] = status == 400 ? "limit: 500 is not between 1 and 200" : Errors[status].Replace("`", "", StringComparison.Ordinal),
    };
}
