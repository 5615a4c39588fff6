using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// The check before every handler of the API: whoever has the endpoint's permission nowhere does not get in, and what is the appliance's own
/// asks for it on the root. On whose objects it counts, the operation decides. An endpoint that declares nothing is closed, and stops the start:
/// nothing is open because somebody forgot it.
/// </summary>
internal static class PermissionGate
{
    private const string Prefix = "/api/v1";

    /// <summary>Shows or changes only what is the caller's own, such as his password: whoever is known may.</summary>
    public static TBuilder NeedsOnlyCaller<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new CallerOnly());

    /// <summary>Endpoints of the API that do not say what they ask of a caller, as errors; empty when all do.</summary>
    public static IReadOnlyList<string> Undeclared(IEndpointRouteBuilder app) =>
    [
        .. app.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => IsApi(e) && e.Metadata.GetMetadata<IAllowAnonymous>() is null && e.Metadata.GetMetadata<CallerOnly>() is null && e.Metadata.GetMetadata<EndpointPermission>() is null)
            .Select(e => $"{e.DisplayName}: declares no permission; add .Needs(...), .NeedsAtRoot(...), .NeedsOnlyCaller() or .AllowAnonymous() where it is mapped"),
    ];

    public static void UsePermissions(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || !IsApi(endpoint) || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            await next(context);
        }
        else if (context.User.Identity is not CallerIdentity { Caller: var caller })
        {
            await context.ChallengeAsync();
        }
        else if (endpoint.Metadata.GetMetadata<EndpointPermission>() is not { } needed)
        {
            await (endpoint.Metadata.GetMetadata<CallerOnly>() is not null ? next(context) : RefuseAsync(context, "this endpoint declares no permission"));
        }
        else if (needed.IsForRoot && caller.RefusedAtRoot(needed.Permission) is { } refusal)
        {
            await RefuseAsync(context, refusal.Detail);
        }
        else if (!needed.IsForRoot && !caller.May(needed.Permission))
        {
            await RefuseAsync(context, $"this needs the permission {MailAccess.Word(needed.Permission)}; GET /api/v1/me says what you may do");
        }
        else
        {
            await next(context);
        }
    });

    private static bool IsApi(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText is { } pattern && ("/" + pattern.TrimStart('/') + "/").StartsWith(Prefix + "/", StringComparison.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, string detail) =>
        new OperationProblem(OperationFailure.Forbidden, detail).ToProblem().ExecuteAsync(context);
}

/// <summary>Marks an endpoint about the caller himself.</summary>
internal sealed record CallerOnly;
