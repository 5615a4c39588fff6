using System.ComponentModel;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Signing in and out, and the sessions that come of it.</summary>
internal static class LoginApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/login", LoginAsync).AllowAnonymous().WithTags("Access").WithSummary("Sign in with a password; the session is a cookie");
        api.MapPost("/logout", LogoutAsync).WithTags("Access").NeedsOnlyCaller().WithSummary("End the session that asks");
        var sessions = api.MapGroup("/sessions").WithTags("Access").NeedsOnlyCaller();
        sessions.MapGet("/", List).WithSummary("List one's own sessions, or those of a user one looks after");
        sessions.MapDelete("/{id}", EndAsync).WithSummary("End a session");
    }

    /// <summary>
    /// Only over HTTPS, unreadable for scripts, never sent along from a foreign page (RFC 6265bis §5.5.7). No lifetime: it goes with the browser,
    /// and the appliance ends it in time.
    /// </summary>
    public static CookieOptions Cookie => new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true };

    /// <summary>Puts the session into the browser and says what its pages need.</summary>
    public static LoginDetail Begin(HttpContext context, StartedSession started, TimeSpan lifetime)
    {
        context.Response.Cookies.Append(SessionBook.CookieName, started.Secret, Cookie);
        context.Response.Headers.CacheControl = "no-store";
        return new LoginDetail
        {
            User = started.Account.Name,
            CsrfToken = Secrets.CsrfToken(started.Secret),
            EndsAt = started.Session.CreatedAt + lifetime,
            RecoveryCodesLeft = started.Account.RecoveryCodeHashes.Count,
        };
    }

    /// <summary>However somebody signed in.</summary>
    public static Results<Ok<LoginDetail>, ProblemHttpResult> Answer(HttpContext context, LoginAnswer answer, SessionBook sessions, string refusal)
    {
        if (answer.Started is { } started)
        {
            return TypedResults.Ok(Begin(context, started, sessions.Lifetime));
        }

        if (answer.Wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(answer.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return TypedResults.Problem(
                detail: "Too many failed attempts. Wait as long as the header Retry-After says, and try again.",
                statusCode: (int)HttpStatusCode.TooManyRequests);
        }

        return TypedResults.Problem(detail: refusal, statusCode: StatusCodes.Status401Unauthorized);
    }

    private static async Task<Results<Ok<LoginDetail>, ProblemHttpResult>> LoginAsync(
        LoginRequest request, HttpContext context, LoginOperations operations, SessionBook sessions, CancellationToken cancellationToken)
    {
        var answer = await operations.LoginAsync(
            new LoginInput(
                request.User.Trim(),
                request.Password,
                request.Totp.Replace(" ", "", StringComparison.Ordinal),
                context.Request.Cookies[SessionBook.CookieName],
                context.Connection.RemoteIpAddress,
                context.Request.Headers.UserAgent.ToString(),
                request.Passkey?.ToInput()),
            cancellationToken);
        return Answer(
            context, answer, sessions, "User, password or one-time code is wrong. A user with a second factor sends its code, or a recovery code, in totp, or the answer of a passkey.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> LogoutAsync(
        HttpContext context, Caller caller, SessionOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.LogoutAsync(caller, cancellationToken);
        if (outcome.Problem is { } problem)
        {
            return problem.ToProblem();
        }

        context.Response.Cookies.Delete(SessionBook.CookieName, Cookie);
        return TypedResults.NoContent();
    }

    private static Results<Ok<Page<SessionDetail>>, ProblemHttpResult> List(Caller caller, SessionOperations operations, [Description("Of this user; absent = the caller himself")] string? user = null)
    {
        var outcome = operations.List(caller, user);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Ok(new Page<SessionDetail>([.. outcome.Value!.Select(s => SessionDetail.Of(s, caller.SessionId))], null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        string id, Caller caller, SessionOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.EndAsync(caller, id, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}
