using Microsoft.AspNetCore.Authorization;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Api;

/// <summary>Around every endpoint: a browser's write needs the token of its session, and what was done by another's consent is written down.</summary>
internal static class AccessGate
{
    public const string CsrfHeader = "X-CSRF-Token";

    /// <summary>Goes after authorization.</summary>
    public static void UseAccessGate(this WebApplication app) => app.Use(PassAsync);

    private static async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (context.User.Identity is not CallerIdentity identity)
        {
            await next(context);
            return;
        }

        if (identity.CsrfToken is { } expected && !IsRead(context.Request.Method) && !IsForStrangers(context) && !Secrets.AreEqual(expected, context.Request.Headers[CsrfHeader].ToString()))
        {
            await context.RequestServices.GetRequiredService<LoginNotes>().RefusedAsync(
                LoginFailure.Csrf, identity.Caller.Name, "", context.Connection.RemoteIpAddress, context.RequestAborted);
            await TypedResults.Problem(
                detail: $"A change asks for the header {CsrfHeader} with the csrfToken that POST /login and GET /me answer.",
                statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            await NoteDelegationsAsync(context, identity.Caller);
        }
    }

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <summary>Signing in again needs no proof of an earlier session; a foreign page cannot send its JSON.</summary>
    private static bool IsForStrangers(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    /// <summary>
    /// Each once a request. Written even when the client hung up: he has seen it. What shows things for hours, such as a stream of events, calls this
    /// before it shows the first.
    /// </summary>
    internal static async Task NoteDelegationsAsync(HttpContext context, Caller caller)
    {
        if (caller.UsedDelegations.IsEmpty)
        {
            return;
        }

        var noted = context.Features.Get<NotedDelegations>() ?? new NotedDelegations();
        context.Features.Set(noted);
        foreach (var (delegation, grant) in caller.UsedDelegations.Where(d => noted.Ids.Add(d.Key)))
        {
            await context.RequestServices.GetRequiredService<Auditor>().RecordAsync(
                caller,
                "delegation.use",
                grant.Node,
                delegation,
                $"{context.Request.Method} {context.Request.Path}",
                CancellationToken.None,
                reason: context.RequestServices.GetRequiredService<AccountStore>().FindDelegation(delegation)?.Consent ?? "",
                succeeded: context.Response.StatusCode < StatusCodes.Status400BadRequest);
        }
    }

    /// <summary>Delegations whose use in this request is written down already.</summary>
    private sealed class NotedDelegations
    {
        public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);
    }
}
