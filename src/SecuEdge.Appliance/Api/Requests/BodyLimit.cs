using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>An endpoint that takes messages, site files, dumps, lists or rules of engines: bodies up to the size of a message.</summary>
/// <param name="IsForRoot">Only of those who have the endpoint's permission on the root; others describe a node, which takes no more than usual.</param>
internal sealed record LargeBody(bool IsForRoot = false);

/// <summary>
/// How much of a body is read: of strangers next to nothing, of others what a document of settings takes, and the whole size only where the
/// endpoint asks for it. Kestrel counts; whoever goes beyond gets 413 before anything is kept.
/// </summary>
internal static class BodyLimit
{
    /// <summary>A name, a password and a code; sixteen times what a browser sends.</summary>
    internal const long OfStrangers = 64 * 1024;

    /// <summary>The largest tenant twice over, see <see cref="Settings.TenantValidation.MaxDocumentBytes"/>.</summary>
    internal const long Usual = 4 * 1024 * 1024;

    public static TBuilder TakesLargeBody<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new LargeBody());

    /// <inheritdoc cref="LargeBody.IsForRoot"/>
    public static TBuilder TakesLargeBodyAtRoot<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new LargeBody(IsForRoot: true));

    /// <summary>Once the caller is known.</summary>
    public static void Narrow(HttpContext context, Caller caller)
    {
        if (context.GetEndpoint()?.Metadata is { } metadata
            && metadata.GetMetadata<LargeBody>() is { IsForRoot: true }
            && metadata.GetMetadata<EndpointPermission>() is { } needed
            && !caller.MayAtRoot(needed.Permission)
            && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = Math.Min(feature.MaxRequestBodySize ?? Usual, Usual);
        }
    }

    /// <summary>After routing, and before anything reads.</summary>
    public static void UseBodyLimits(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            if (Limit(context.GetEndpoint()) is { } limit)
            {
                feature.MaxRequestBodySize = Math.Min(feature.MaxRequestBodySize ?? limit, limit);
            }

            context.Response.OnStarting(() => SayWhenItEnds(context, feature));
        }

        return next(context);
    });

    /// <summary>An answer given without reading such a body ends the connection. Unsaid, the client would send his next request into it.</summary>
    private static Task SayWhenItEnds(HttpContext context, IHttpMaxRequestBodySizeFeature feature)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Request.ContentLength > feature.MaxRequestBodySize)
        {
            context.Response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }

    /// <returns>Null where the limit of the server holds.</returns>
    internal static long? Limit(Endpoint? endpoint) =>
        endpoint is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? OfStrangers
        : endpoint.Metadata.GetMetadata<LargeBody>() is null ? Usual
        : null;
}
