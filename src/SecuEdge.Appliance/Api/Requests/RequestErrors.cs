using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.Options;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Pool;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>Bad input names itself, wherever it is found out; our own trouble does not show its inside.</summary>
internal static partial class RequestErrors
{
    /// <summary>Exceptions that are the caller's or the moment's: no bug of ours to log with a stack trace.</summary>
    public static bool IsExpected(Exception error) =>
        error is BadHttpRequestException or ArgumentException { ParamName: "cursor" or "reference" } or CageUnavailableException or AuditUnavailableException or OperationCanceledException || IsVariant(error);

    /// <summary>After an exception.</summary>
    public static Task DescribeAsync(HttpContext context)
    {
        var feature = context.Features.Get<IExceptionHandlerFeature>();
        var language = Language.Of(context);
        var result = feature?.Error switch
        {
            BadHttpRequestException { InnerException: JsonException inner } => Problems.Invalid(Explain(inner, feature, context, language)),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.Of(413, TooLarge(context, language)),
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problems.Of(415, ContentType(context, feature.Endpoint, language)),
            BadHttpRequestException bad => bad.StatusCode == StatusCodes.Status400BadRequest ? OfBinding(bad.Message, feature.Endpoint, context, language) : Problems.Of(bad.StatusCode, bad.Message),
            ArgumentException { ParamName: "cursor" or "reference" } wrong => Problems.Invalid([new FieldError(wrong.ParamName, WithoutParameter(wrong.Message))]),
            NotSupportedException variant when IsVariant(variant) => Problems.Invalid(Explain(variant, feature, context, language)),
            CageUnavailableException or TimeoutException => Problems.Of(503, "The message cannot be taken apart at the moment; the status of the system says why. Try again later."),
            AuditUnavailableException => Problems.Of(503, "The audit log cannot be written, so this was not done; check free disk space and try again."),
            IOException => Problems.Of(503, "It could not be stored, and nothing has changed; check free disk space and try again."),
            _ => Problems.Of(500, language.Text("internal")),
        };
        return result.ExecuteAsync(context);
    }

    /// <summary>Answers without a body: no such address, no such method, not allowed.</summary>
    public static Task DescribeStatusAsync(HttpContext context)
    {
        var language = Language.Of(context);
        var status = context.Response.StatusCode;
        var detail = status switch
        {
            404 => language.Text("noEndpoint", context.Request.Path.Value),
            405 => language.Text("noMethod", context.Request.Method, context.Response.Headers.Allow.ToString()),
            413 => TooLarge(context, language),
            415 => ContentType(context, context.GetEndpoint(), language),
            _ => language.Remedy(status) ?? language.Title(status),
        };
        return Problems.Of(status, detail).ExecuteAsync(context);
    }

    /// <summary>The serializer throws this, not a JsonException, for a variant that says no type.</summary>
    private static bool IsVariant(Exception error) => error is NotSupportedException && error.Message.Contains("Path: $", StringComparison.Ordinal);

    private static IReadOnlyList<FieldError> Explain(Exception inner, IExceptionHandlerFeature feature, HttpContext context, Language language) => JsonErrors.Explain(
        inner,
        feature.Endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType,
        context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions,
        language);

    /// <summary>A parameter of path or query that is missing or not of its kind.</summary>
    private static ProblemHttpResult OfBinding(string message, Endpoint? endpoint, HttpContext context, Language language)
    {
        if (NotBound().Match(message) is { Success: true } bound)
        {
            var (name, text) = (bound.Groups[1].Value, bound.Groups[2].Value);
            var type = endpoint?.Metadata.GetMetadata<MethodInfo>()?.GetParameters().FirstOrDefault(p => p.Name == name)?.ParameterType ?? typeof(object);
            var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            var plain = Nullable.GetUnderlyingType(type) ?? type;
            var detail = plain.IsEnum ? language.Text("word", "", text, JsonErrors.Words(plain)) : $"'{text}' {JsonErrors.Expected(plain, json, language)}";
            return Problems.Invalid([new FieldError(name, detail)]);
        }

        if (NotGiven().Match(message) is { Success: true } missing)
        {
            return message.Contains("body", StringComparison.Ordinal)
                ? Problems.Invalid([new FieldError("body", language.Text("noBody"))])
                : Problems.Invalid([new FieldError(missing.Groups[1].Value, language.Text("missing"))]);
        }

        return message.StartsWith("Implicit body", StringComparison.Ordinal)
            ? Problems.Invalid([new FieldError("body", language.Text("noBody"))])
            : Problems.Invalid(message);
    }

    private static string TooLarge(HttpContext context, Language language) =>
        language.Text("tooLarge", context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize);

    private static string ContentType(HttpContext context, Endpoint? endpoint, Language language) =>
        (endpoint?.Metadata.GetMetadata<IAcceptsMetadata>() ?? Wanted(context)) is { } accepts
            ? language.Text("contentType", context.Request.ContentType ?? "", string.Join(", ", accepts.ContentTypes))
            : language.Remedy(StatusCodes.Status415UnsupportedMediaType)!;

    /// <summary>What the endpoint reads that was meant: routing leaves it out when the type is another, and answers in its place.</summary>
    private static IAcceptsMetadata? Wanted(HttpContext context) =>
        context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(context.Request.Method) == true
                && new TemplateMatcher(new RouteTemplate(e.RoutePattern), []).TryMatch(context.Request.Path, []))
            .OrderBy(e => e.RoutePattern.InboundPrecedence)
            .FirstOrDefault()?.Metadata.GetMetadata<IAcceptsMetadata>();

    private static string WithoutParameter(string message) =>
        message.IndexOf(" (Parameter", StringComparison.Ordinal) is var end and > 0 ? message[..end] : message;

    [GeneratedRegex("""^Failed to bind parameter ".*? (\w+)" from "(.*)"\.$""", RegexOptions.Singleline)]
    private static partial Regex NotBound();

    [GeneratedRegex("""^Required parameter ".*? (\w+)" was not provided""")]
    private static partial Regex NotGiven();
}
