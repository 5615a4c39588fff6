using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// Bearer tokens (RFC 6750). Tokens are random, so their plain SHA-256 is stored and compared. A request through the control socket needs
/// none: only the owner of the data folder can open it.
/// </summary>
internal sealed class ApiAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ISettingsStore settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";

    public static string NewToken() => "se_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Marks the connections of a listener as the operator's own.</summary>
    public static void TrustConnection(ConnectionContext connection) => connection.Features.Set(Caller.Local);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<Caller>() is { } local)
        {
            return Task.FromResult(Success(local));
        }

        string header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var hash = Encoding.ASCII.GetBytes(Hash(header["Bearer ".Length..].Trim()));
        foreach (var token in settings.Tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(token.Hash)))
            {
                return Task.FromResult(Success(new Caller(token.Name) { Grants = Caller.Local.Grants, Address = Address }));
            }
        }

        return Task.FromResult(AuthenticateResult.Fail("unknown token"));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        await Problems.Of(
            StatusCodes.Status401Unauthorized,
            "Send 'Authorization: Bearer TOKEN'. The first token is in the file keys/setup-token of the data folder.").ExecuteAsync(Context);
    }

    private string Address => Context.Connection.RemoteIpAddress is { } address
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : "";

    private static AuthenticateResult Success(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(), SchemeName));
}
