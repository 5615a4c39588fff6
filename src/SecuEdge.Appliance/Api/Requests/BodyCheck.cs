using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// Checks a body against the ranges its record declares, all the way down, before the handler sees it: what the OpenAPI document promises
/// is what is enforced, and handlers need not fear a null where their type says there is none.
/// </summary>
internal sealed class BodyCheck(JsonSerializerOptions json, Language language)
{
    /// <summary>One request names so many mistakes at once and no more.</summary>
    private const int MaxErrors = 50;

    private const int Deepest = 64;

    private readonly List<FieldError> _errors = [];

    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        // What a handler takes from services or the request has no ranges; bodies are records of ours.
        List<int> bodies = [.. context.MethodInfo.GetParameters().Where(IsBody).Select(p => p.Position)];
        if (bodies.Count == 0)
        {
            return next;
        }

        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        return async invocation =>
        {
            var http = invocation.HttpContext;
            if (http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type)
            {
                foreach (var body in bodies.Select(b => invocation.Arguments[b]).Where(b => b is not null && type.IsInstanceOfType(b)))
                {
                    var check = new BodyCheck(json, Language.Of(http));
                    check.Visit(body!, "", 0);
                    if (check._errors.Count > 0)
                    {
                        return Problems.Invalid(check._errors);
                    }
                }
            }

            return await next(invocation);
        };
    }

    internal static IReadOnlyList<FieldError> Errors(object body, JsonSerializerOptions json, Language language)
    {
        var check = new BodyCheck(json, language);
        check.Visit(body, "", 0);
        return check._errors;
    }

    private static bool IsBody(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return !type.IsValueType && !type.IsInterface && type != typeof(string) && type.Assembly.GetName().Name is { } name
            && (name == "secuedge" || name.StartsWith("SecuEdge.", StringComparison.Ordinal));
    }

    private void Visit(object value, string path, int depth)
    {
        if (depth > Deepest || _errors.Count >= MaxErrors || value is string || value is JsonElement || value.GetType().IsPrimitive || value.GetType().IsEnum)
        {
            return;
        }

        var info = json.GetTypeInfo(value.GetType());
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable:
                var index = 0;
                foreach (var element in (IEnumerable)value)
                {
                    Element(element, $"{path}[{index++}]", depth);
                }

                break;
            case JsonTypeInfoKind.Dictionary when value is IDictionary entries:
                foreach (DictionaryEntry entry in entries)
                {
                    Element(entry.Value, $"{path}.{entry.Key}", depth);
                }

                break;
            case JsonTypeInfoKind.Object:
                foreach (var member in info.Properties.Where(p => p.Get is not null))
                {
                    Member(member, value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", depth);
                }

                break;
        }
    }

    private void Element(object? element, string path, int depth)
    {
        if (element is null)
        {
            Add(path, language.Text("null"));
        }
        else
        {
            Visit(element, path, depth + 1);
        }
    }

    private void Member(JsonPropertyInfo member, object owner, string path, int depth)
    {
        var value = member.Get!(owner);
        foreach (var rule in Rules(member).Where(r => !r.IsValid(value)))
        {
            Add(path, ValidationWords.Of(rule, value, path, language));
        }

        if (value is not null)
        {
            Visit(value, path, depth + 1);
        }
    }

    private static IEnumerable<ValidationAttribute> Rules(JsonPropertyInfo member) =>
        ((object[])[
            .. member.AttributeProvider?.GetCustomAttributes(typeof(ValidationAttribute), inherit: true) ?? [],
            .. member.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(typeof(ValidationAttribute), inherit: true) ?? [],
        ]).Cast<ValidationAttribute>();

    private void Add(string path, string detail)
    {
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(new FieldError(path, detail));
        }
    }
}
