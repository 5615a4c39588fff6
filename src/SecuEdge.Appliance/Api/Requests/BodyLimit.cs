using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>An endpoint that takes messages, site files, dumps, lists or rules of engines: bodies up to the size of a message.</summary>
internal sealed record LargeBody;

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

    /// <summary>After routing, and before anything reads.</summary>
    public static void UseBodyLimits(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature && Limit(context.GetEndpoint()) is { } limit)
        {
            feature.MaxRequestBodySize = Math.Min(feature.MaxRequestBodySize ?? limit, limit);
        }

        return next(context);
    });

    /// <returns>Null where the limit of the server holds.</returns>
    internal static long? Limit(Endpoint? endpoint) =>
        endpoint is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? OfStrangers
        : endpoint.Metadata.GetMetadata<LargeBody>() is null ? Usual
        : null;
}
