using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Mime;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Oidc;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Signing in at an identity provider: the way there and the way back.</summary>
internal static class OidcApi
{
    private const string StartPath = "/api/v1/login/oidc";
    private const string CallbackPath = StartPath + "/callback";

    /// <summary>Binds a login on its way to the browser that began it.</summary>
    private const string CookieName = "__Host-secuedge-oidc";

    private const string NotConfigured = "Signing in at an identity provider is not set up here. The settings Access:Oidc do it.";

    /// <summary>
    /// Unlike the session's cookie sent along when the provider's page sends the browser back (RFC 6265bis §5.5.7.1), and gone when the state is.
    /// </summary>
    private static CookieOptions Cookie => new()
    {
        HttpOnly = true,
        Secure = true,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
        MaxAge = PendingLogins.Lifetime,
    };

    public static void Map(RouteGroupBuilder api)
    {
        var login = api.MapGroup("/login").WithTags("Access").AllowAnonymous();
        login.MapGet("/", Ways).WithSummary("The ways to sign in here");
        login.MapGet("/oidc", StartAsync).WithSummary("Sign in at the identity provider: sends the browser there")
            .Produces(StatusCodes.Status302Found)
            .Produces<Problem>(StatusCodes.Status404NotFound, MediaTypeNames.Application.ProblemJson);
        login.MapGet("/oidc/callback", FinishAsync).WithSummary("Where the identity provider sends the browser back to; the session is a cookie")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypeNames.Text.Html)
            .Produces<Problem>(StatusCodes.Status401Unauthorized, MediaTypeNames.Application.ProblemJson)
            .Produces<Problem>(StatusCodes.Status404NotFound, MediaTypeNames.Application.ProblemJson);
    }

    private static Ok<LoginWays> Ways(OidcOptions options, PasskeyLoginOperations passkeys) => TypedResults.Ok(new LoginWays
    {
        HasPasskeys = passkeys.IsEnabled,
        Provider = options.IsEnabled ? new LoginProvider { DisplayName = options.DisplayName, Address = StartPath } : null,
    });

    private static async Task<IResult> StartAsync(
        HttpContext context,
        OidcOperations operations,
        OidcOptions options,
        AccessOptions access,
        CancellationToken cancellationToken,
        [Description("Path on this host to go to afterwards, `/console/queue`")] string returnTo = "/")
    {
        if (!operations.IsEnabled)
        {
            return Problems.Of(StatusCodes.Status404NotFound, NotConfigured);
        }

        if (!LocalPath.IsLocal(returnTo))
        {
            return Problems.Invalid([new FieldError("returnTo", "must be a path on this host that begins with one slash, such as /console/queue")]);
        }

        var host = options.PublicAddress.Length > 0 ? options.PublicAddress.TrimEnd('/')
            : access.PublicAddress.Length > 0 ? access.PublicAddress.TrimEnd('/')
            : $"https://{context.Request.Host.ToUriComponent()}";
        var start = await operations.StartAsync(
            host + CallbackPath, returnTo, context.Request.Cookies[SessionBook.CookieName], context.Connection.RemoteIpAddress, cancellationToken);
        if (start is null)
        {
            return Unavailable();
        }

        context.Response.Cookies.Append(CookieName, start.Browser, Cookie);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Redirect(start.Target);
    }

    private static async Task<IResult> FinishAsync(
        HttpContext context,
        OidcOperations operations,
        SessionBook sessions,
        CancellationToken cancellationToken,
        [Description("As the appliance gave it to the provider")] string state = "",
        [Description("What the provider gives a token for, once")] string code = "",
        [Description("The provider's issuer, where it says it (RFC 9207)")] string iss = "",
        [Description("Why the provider did not let the user in (RFC 6749 §4.1.2.1)")] string error = "")
    {
        if (!operations.IsEnabled)
        {
            return Problems.Of(StatusCodes.Status404NotFound, NotConfigured);
        }

        var came = new OidcReturn(
            state, code, iss, error, context.Request.Cookies[CookieName] ?? "", context.Connection.RemoteIpAddress, context.Request.Headers.UserAgent.ToString());
        context.Response.Cookies.Delete(CookieName, Cookie);
        context.Response.Headers.CacheControl = "no-store";
        var answer = await operations.FinishAsync(came, cancellationToken);
        if (answer.Started is { } started)
        {
            LoginApi.Begin(context, started, sessions.Lifetime);
            return Onward(context, answer.ReturnTo);
        }

        if (answer.Wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(answer.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Problems.Of((int)HttpStatusCode.TooManyRequests, "Too many failed attempts. Wait as long as the header Retry-After says, and try again.");
        }

        return answer.IsUnavailable
            ? Unavailable()
            : Problems.Of(StatusCodes.Status401Unauthorized, "The identity provider's answer did not get you in. Begin again; an administrator finds the reason in the audit log.");
    }

    /// <summary>
    /// A page that goes on by itself, in place of a redirect: to a browser a redirect would still belong to the provider's page, and it
    /// would leave out the cookie of the new session, which is for our own pages only (SameSite=Strict).
    /// </summary>
    private static ContentHttpResult Onward(HttpContext context, string path)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        var encoded = HtmlEncoder.Default.Encode(path);
        return TypedResults.Content(
            $"<!doctype html><html><head><title>SecuEdge</title><meta http-equiv=\"refresh\" content=\"0;url={encoded}\"></head><body><a href=\"{encoded}\">SecuEdge</a></body></html>",
            MediaTypeNames.Text.Html);
    }

    private static ProblemHttpResult Unavailable() =>
        Problems.Of(StatusCodes.Status503ServiceUnavailable, "The identity provider cannot be used now. Try again, or sign in with a password.");
}

/// <summary>The ways to sign in here.</summary>
public sealed record LoginWays
{
    /// <summary>At an identity provider; absent = there is none.</summary>
    public LoginProvider? Provider { get; init; }

    /// <summary>Whether passkeys work here; the administrator has to set the address of the appliance for it.</summary>
    public required bool HasPasskeys { get; init; }
}

/// <summary>An identity provider where people sign in.</summary>
public sealed record LoginProvider
{
    /// <summary>What the button says.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Where the button leads; takes <c>returnTo</c>.</summary>
    public required string Address { get; init; }
}
