using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>Completes one operation of the document from what its endpoint declares.</summary>
internal sealed class OperationDescription(
    OpenApiOperation operation, Microsoft.AspNetCore.Mvc.ApiExplorer.ApiDescription endpoint, string path, OpenApiDocument document,
    SchemaWriter schemas, XmlComments comments, JsonSerializerOptions json)
{
    private static readonly Dictionary<string, string> KnownParameters = new(StringComparer.Ordinal)
    {
        ["reference"] = "Reference of the message, as in the reply to its sender and in the message log.",
        ["limit"] = "How many at most, 1-200.",
        ["cursor"] = "`next` of the page before; absent = the first page.",
        ["tenant"] = "Only this tenant; absent = all that the caller may see.",
        ["since"] = "At or after this time, RFC 3339.",
        ["until"] = "Before this time, RFC 3339.",
        ["If-Match"] = "`ETag` of the object as it was read; it is changed only if it is still the same.",
        ["If-None-Match"] = "`ETag` of what the caller has; 304 when it is still the same.",
    };

    private readonly IReadOnlyList<object> _metadata = [.. endpoint.ActionDescriptor.EndpointMetadata];
    private readonly bool _isOpen = endpoint.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any();

    public void Complete()
    {
        operation.OperationId ??= OperationNames.Of(new HttpMethod(endpoint.HttpMethod!), path, IsList());
        Describe();
        DescribeParameters();
        DescribeBody();
        DescribeAnswers();
        if (_isOpen)
        {
            operation.Security = [];
        }
    }

    private bool IsList() => endpoint.SupportedResponseTypes.Any(r =>
        r.Type is { IsGenericType: true } type && (type.GetGenericTypeDefinition() == typeof(Page<>) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type)));

    private void Describe()
    {
        var needs = _metadata.OfType<EndpointPermission>().LastOrDefault() is { } permission
            ? $"Needs the permission `{JsonNamingPolicy.CamelCase.ConvertName(permission.Permission.ToString())}`{(permission.IsForRoot ? " on the root" : "")}."
            : null;
        var remarks = _metadata.OfType<MethodInfo>().LastOrDefault() is { } method ? comments.Remarks(method) : null;
        var text = string.Join("\n\n", ((string?[])[operation.Description, remarks, needs]).Where(t => !string.IsNullOrEmpty(t)));
        operation.Description = text.Length > 0 ? text : null;
    }

    private void DescribeParameters()
    {
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            var source = endpoint.ParameterDescriptions.FirstOrDefault(p => p.Name == parameter.Name);
            var declared = (source?.ParameterDescriptor as Microsoft.AspNetCore.Mvc.Infrastructure.IParameterInfoParameterDescriptor)?.ParameterInfo;
            if (source is { Type: { } type } && type != typeof(string) && parameter.Schema is not OpenApiSchemaReference)
            {
                var kept = parameter.Schema;
                var plain = (OpenApiSchema?)(schemas.Place(type, isNullable: false) as OpenApiSchema);
                if (plain is not null && kept is OpenApiSchema old)
                {
                    (old.Type, old.Format, old.Pattern, old.Items) = (plain.Type, plain.Format, plain.Pattern, plain.Items);
                }
            }

            if (parameter.Name == "limit" && parameter.Schema is OpenApiSchema limit)
            {
                (limit.Minimum, limit.Maximum) = ("1", "200");
            }

            if (parameter.Name == "limit" || string.IsNullOrEmpty(parameter.Description))
            {
                parameter.Description = (declared is null ? null : comments.OfParameter(declared))
                    ?? KnownParameters.GetValueOrDefault(parameter.Name!)
                    ?? (parameter.In == ParameterLocation.Path ? OfPath(parameter.Name!) : null);
            }
        }

        if (endpoint.HttpMethod == "POST")
        {
            operation.Parameters.Add(new OpenApiParameterReference("IdempotencyKey", document));
        }

        operation.Parameters.Add(new OpenApiParameterReference("AcceptLanguage", document));
    }

    /// <summary><c>/hash-lists/{name}</c>: the name of the hash list.</summary>
    private string OfPath(string name)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.FindIndex(parts, p => p.StartsWith($"{{{name}}}", StringComparison.Ordinal));
        return at < 1 ? $"The {name}." : $"The {name} of the {OperationNames.Singular(parts[at - 1]).Replace('-', ' ')}.";
    }

    private void DescribeBody()
    {
        if (operation.RequestBody is not OpenApiRequestBody body || body.Content is not { } content)
        {
            return;
        }

        body.Description ??= ApiDescription.RequestType(endpoint) is { } request && request != typeof(byte[]) && request != typeof(string)
            ? comments.Of(request) ?? CommonWords.Of(request) ?? "What to do, and with what."
            : "The bytes as they are.";
        foreach (var (type, media) in content)
        {
            if (media is not OpenApiMediaType described || described.Examples is { Count: > 0 } || described.Example is not null)
            {
                continue;
            }

            described.Example = type switch
            {
                "message/rfc822" => "From: eva@sender.example\r\nTo: info@acme.example\r\nSubject: hello\r\n\r\nHello.\r\n",
                "text/csv" => "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f,test file,2027-01-01",
                "text/plain" when path.Contains("yara", StringComparison.Ordinal) => "rule sample { strings: $a = \"sample\" condition: $a }",
                "application/octet-stream" => "The bytes of the file.",
                "text/plain" => "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f;test file",
                _ => Example(described),
            };
            if (!type.Contains("json", StringComparison.Ordinal))
            {
                described.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
            }
        }
    }

    private JsonNode? Example(OpenApiMediaType media) =>
        ApiDescription.RequestType(endpoint) is { } type && media.Schema is { } schema && Target(schema) is { } target ? Examples.Of(type, target, json) : null;

    private OpenApiSchema? Target(IOpenApiSchema schema) => schema switch
    {
        OpenApiSchemaReference reference => document.Components!.Schemas!.TryGetValue(reference.Reference.Id!, out var found) ? found as OpenApiSchema : null,
        OpenApiSchema { OneOf.Count: > 0 } nullable => nullable.OneOf!.Select(Target).FirstOrDefault(t => t is not null && t.Type != JsonSchemaType.Null),
        _ => schema as OpenApiSchema,
    };

    private void DescribeAnswers()
    {
        operation.Responses ??= [];
        foreach (var (status, answer) in operation.Responses)
        {
            if (answer is OpenApiResponse response)
            {
                response.Description = status switch
                {
                    "200" => response.Content is { Count: > 0 } ? "As asked." : "Done.",
                    "201" => "Created; `Location` says where it is.",
                    "202" => "Accepted; it is done soon.",
                    "204" => "Done; there is nothing to show.",
                    "304" => "What the caller has is still the same.",
                    _ => response.Description,
                };
            }
        }

        if (_metadata.OfType<EventStream>().LastOrDefault() is { } stream && operation.Responses.GetValueOrDefault("200") is OpenApiResponse { Content: { } contents })
        {
            contents["text/event-stream"] = new OpenApiMediaType { Schema = schemas.Place(stream.Event, isNullable: false) };
        }

        if (_metadata.OfType<TextAnswer>().LastOrDefault() is { } text && operation.Responses.GetValueOrDefault("200") is OpenApiResponse { Content: { } forms })
        {
            forms[text.Type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = text.Meaning }, Example = text.Example };
        }

        foreach (var status in ErrorsOf())
        {
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponseReference(CommonParts.Name(status), document);
        }
    }

    private IEnumerable<int> ErrorsOf()
    {
        var isChange = endpoint.HttpMethod is not "GET";
        yield return 400;
        if (!_isOpen)
        {
            yield return 401;
            yield return 403;
        }

        if (path.Contains('{', StringComparison.Ordinal))
        {
            yield return 404;
        }

        if (isChange)
        {
            yield return 409;
        }

        if (operation.Parameters!.Any(p => p.Name == "If-Match"))
        {
            yield return 412;
        }

        if (operation.RequestBody is not null)
        {
            yield return 413;
            yield return 415;
        }

        if (endpoint.HttpMethod == "POST")
        {
            yield return 422;
        }

        yield return 429;
        yield return 503;
    }
}
