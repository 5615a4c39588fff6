using System.Net;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// Who asks: a bearer token (RFC 6750), a browser with the cookie of its session, or the operator through the control socket, which only the
/// owner of the data folder can open. Whatever is wrong with a token or cookie, the answer is the same.
/// </summary>
internal sealed class ApiAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    TokenBook tokens,
    SessionBook sessions,
    LoginNotes notes)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";

    private IPAddress? Address => Context.Connection.RemoteIpAddress;

    /// <summary>Marks the connections of a listener as the operator's own.</summary>
    public static void TrustConnection(ConnectionContext connection) => connection.Features.Set(new TrustedConnection());

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<TrustedConnection>() is not null)
        {
            return Success(new CallerIdentity(Caller.Local));
        }

        string header = Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return await AuthenticateTokenAsync(header["Bearer ".Length..].Trim());
        }

        if (Request.Cookies[SessionBook.CookieName] is not { Length: > 0 } cookie)
        {
            return AuthenticateResult.NoResult();
        }

        return sessions.Authenticate(cookie, Address, isAtWork: Context.Features.Get<NobodyAtWork>() is null) is { } caller
            ? Success(new CallerIdentity(caller, Secrets.CsrfToken(cookie)))
            : AuthenticateResult.Fail("session over");
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        var hasSent = Request.Headers.Authorization.Count > 0 || Request.Cookies.ContainsKey(SessionBook.CookieName);
        await Problems.Of(
            StatusCodes.Status401Unauthorized,
            hasSent
                ? "What you sent is not in force: unknown, revoked, expired, or not for your address."
                : "Send 'Authorization: Bearer TOKEN', or sign in with POST /login. The first token is in the file keys/setup-token of the data folder.").ExecuteAsync(Context);
    }

    private async Task<AuthenticateResult> AuthenticateTokenAsync(string token)
    {
        var answer = tokens.Authenticate(token, Address);
        if (answer.Caller is { } caller)
        {
            return Success(new CallerIdentity(caller));
        }

        await notes.RefusedAsync(
            answer.Failure!.Value,
            answer.Token is { } known ? TokenBook.NameOf(known) : "",
            answer.Token?.Node ?? "",
            Address,
            Context.RequestAborted);
        return AuthenticateResult.Fail("token refused");
    }

    private static AuthenticateResult Success(CallerIdentity identity) =>
        AuthenticateResult.Success(new AuthenticationTicket(new System.Security.Claims.ClaimsPrincipal(identity), SchemeName));

    /// <summary>Marks connections of the control socket.</summary>
    private sealed class TrustedConnection;
}
