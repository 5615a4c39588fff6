using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// A query parameter that no operation reads is an error: <c>?tennant=acme</c> must not list everybody's mail. What an operation takes is what
/// the document says.
/// </summary>
internal sealed class QueryCheck(IApiDescriptionGroupCollectionProvider descriptions)
{
    private readonly Lazy<FrozenDictionary<MethodInfo, FrozenSet<string>>> _allowed = new(() => Read(descriptions));

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Query.Count > 0
            && context.GetEndpoint() is { } endpoint
            // Pages of sign-in are called by strangers' programs, which add what they like.
            && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
            && endpoint.Metadata.GetMetadata<MethodInfo>() is { } method
            && _allowed.Value.TryGetValue(method, out var allowed)
            && Errors(context, allowed) is { Count: > 0 } errors)
        {
            await Problems.Invalid(errors).ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private static List<FieldError> Errors(HttpContext context, FrozenSet<string> allowed)
    {
        var language = Language.Of(context);
        var names = string.Join(", ", allowed.Order(StringComparer.Ordinal));
        List<FieldError> errors = [];
        foreach (var (name, values) in context.Request.Query)
        {
            if (!allowed.Contains(name))
            {
                errors.Add(new FieldError(name, names.Length == 0 ? language.Text("noQuery") : language.Text("unknownQuery", "", names)));
            }
        }

        return errors;
    }

    private static FrozenDictionary<MethodInfo, FrozenSet<string>> Read(IApiDescriptionGroupCollectionProvider descriptions)
    {
        Dictionary<MethodInfo, FrozenSet<string>> allowed = [];
        foreach (var operation in descriptions.ApiDescriptionGroups.Items.SelectMany(g => g.Items))
        {
            if (operation.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().LastOrDefault() is { } method)
            {
                allowed[method] = operation.ParameterDescriptions.Where(p => p.Source.Id == "Query").Select(p => p.Name).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
            }
        }

        return allowed.ToFrozenDictionary();
    }
}
