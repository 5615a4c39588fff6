using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>
/// Completes the OpenAPI document: names, sentences, ranges, examples and every error an operation can answer with. What is common to all
/// operations is said here once, what is special stands where the endpoint is mapped; a test walks the result and finds what is not said.
/// </summary>
internal sealed class ApiDescription(XmlComments comments, IOptions<JsonOptions> json, IAuthenticationSchemeProvider schemes) : IOpenApiDocumentTransformer
{
    private readonly ConcurrentDictionary<Type, byte> _bodies = [];

    /// <summary>Hears the name of each schema; what it stands for is written by <see cref="SchemaWriter"/>.</summary>
    public string? Named(System.Text.Json.Serialization.Metadata.JsonTypeInfo type)
    {
        var id = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        if (id is not null)
        {
            _bodies.TryAdd(Nullable.GetUnderlyingType(type.Type) ?? type.Type, 0);
        }

        return id;
    }

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "SecuEdge",
            Version = "v1",
            Summary = "Mail security appliance: who is protected, by which rules, and what became of each message.",
            Description =
                "Every call carries `Authorization: Bearer TOKEN`. Errors are problem documents (RFC 9457) that name the field and the remedy. "
                + "Titles, details and remedies follow `Accept-Language` (en, fr).\n\n"
                + "Nothing is ignored silently: a query parameter or a field that an operation does not know is a 400 that names it and those there are.\n\n"
                + "Lists are read with `limit` (1-200) and `cursor`, which is `next` of the page before.\n\n"
                + "A `POST` with an `Idempotency-Key` may be sent again for 24 hours: it is done once, and answered as the first time with the header "
                + "`Idempotent-Replayed`. The same key with another request is a 422; while the first is at work, or after a restart, it is a 409 "
                + "that says so. What failed is not remembered and is tried anew.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "The appliance that gave this document." }];
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        var writer = new SchemaWriter(json.Value.SerializerOptions, comments, document);
        List<ApiDescriptionGroup> groups = [.. context.DescriptionGroups];
        List<Microsoft.AspNetCore.Mvc.ApiExplorer.ApiDescription> operations = [.. groups.SelectMany(g => g.Items)];
        List<Type> bodies = [.. _bodies.Keys.Append(typeof(Problem)).Union(operations.SelectMany(o => o.ActionDescriptor.EndpointMetadata.OfType<EventStream>()).Select(e => e.Event))];
        writer.WriteAll(bodies, operations.Select(RequestType).OfType<Type>().Where(t => t != typeof(byte[]) && t != typeof(string)));
        await SecureAsync(document);
        CommonParts.Add(document);
        foreach (var operation in operations)
        {
            var path = "/" + operation.RelativePath!.TrimEnd('/');
            if (document.Paths.TryGetValue(path, out var item) && item.Operations!.TryGetValue(new HttpMethod(operation.HttpMethod!), out var described))
            {
                new OperationDescription(described, operation, path, document, writer, comments, json.Value.SerializerOptions).Complete();
            }
        }

        Tag(document);
    }

    /// <summary>The record that a handler takes as body; of one that reads the stream itself, what it says it accepts.</summary>
    internal static Type? RequestType(Microsoft.AspNetCore.Mvc.ApiExplorer.ApiDescription operation) =>
        operation.ActionDescriptor.EndpointMetadata.OfType<IAcceptsMetadata>().LastOrDefault()?.RequestType
        ?? operation.ParameterDescriptions.FirstOrDefault(p => p.Source.Id == "Body")?.Type;

    private async Task SecureAsync(OpenApiDocument document)
    {
        document.Components!.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API token. The first one is in the file keys/setup-token of the data folder.",
            },
        };
        List<OpenApiSecurityRequirement> ways = [Way("bearer")];
        if ((await schemes.GetAllSchemesAsync()).Any(s => s.Name.Contains("Cookie", StringComparison.OrdinalIgnoreCase) || s.Name.Contains("Session", StringComparison.OrdinalIgnoreCase)))
        {
            document.Components.SecuritySchemes["session"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = "secuedge-session",
                Description = "The session of a signed-in user.",
            };
            ways.Add(Way("session"));
        }

        document.Security = ways;

        OpenApiSecurityRequirement Way(string name) => new() { [new OpenApiSecuritySchemeReference(name, document)] = [] };
    }

    private static void Tag(OpenApiDocument document)
    {
        var used = document.Paths.Values.SelectMany(p => p.Operations!.Values).SelectMany(o => o.Tags ?? new HashSet<OpenApiTagReference>())
            .Select(t => t.Reference.Id!).Distinct().Order(StringComparer.Ordinal).ToList();
        document.Tags = new HashSet<OpenApiTag>(used.Select(name => new OpenApiTag { Name = name, Description = TagTexts.Of(name) }));
    }
}
