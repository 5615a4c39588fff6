using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>Whether an ID token says the truth (OpenID Connect Core §3.1.3.7), and whom it speaks of.</summary>
internal sealed class IdTokens(OidcOptions options)
{
    private const int MaxSubjectLength = 255;
    internal const int MaxGroups = 1000;

    private readonly JsonWebTokenHandler _handler = new();

    public async Task<IdTokenAnswer> ReadAsync(string token, string nonce, OpenIdConnectConfiguration description)
    {
        var result = await _handler.ValidateTokenAsync(token, Rules(description));
        if (!result.IsValid)
        {
            return new IdTokenAnswer(null, Sentence(result.Exception)) { IsKeyUnknown = result.Exception is SecurityTokenSignatureKeyNotFoundException };
        }

        var read = (JsonWebToken)result.SecurityToken;
        bool Has(string claim) => read.TryGetPayloadValue<object>(claim, out _);
        string Text(string claim) => read.TryGetPayloadValue<object>(claim, out var value) && value is string text ? text : "";

        // §3.1.3.7 (4) and (5): a token for several must have been asked for by us.
        if ((read.Audiences.Count() > 1 || read.TryGetPayloadValue<object>("azp", out _)) && Text("azp") != options.ClientId)
        {
            return new IdTokenAnswer(null, "The ID token was made for another client.");
        }

        if (!Secrets.AreEqual(Text("nonce"), nonce))
        {
            return new IdTokenAnswer(null, "The ID token belongs to another login: its nonce is not ours.");
        }

        return read.Subject is { Length: > 0 and <= MaxSubjectLength } subject
            ? new IdTokenAnswer(
                new OidcIdentity(
                    read.Issuer,
                    subject,
                    Text(options.NameClaim),
                    Text("name"),
                    Text("email"),
                    [.. result.ClaimsIdentity.FindAll(options.GroupsClaim).Select(c => c.Value).Take(MaxGroups)])
                {
                    HasGroups = Has(options.GroupsClaim),
                    IsWhole = (options.Roles.Count == 0 || Has(options.GroupsClaim)) && (!options.CreateUsers || Has(options.NameClaim)),
                },
                "")
            : new IdTokenAnswer(null, "The ID token names no subject.");
    }

    private TokenValidationParameters Rules(OpenIdConnectConfiguration description) => new()
    {
        ValidIssuer = description.Issuer,
        ValidAudience = options.ClientId,
        IssuerSigningKeys = description.SigningKeys,

        // Only what is signed with a key that the provider alone has: neither "none" nor a shared secret.
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuerSigningKey = true,
        ClockSkew = options.ClockSkew,
    };

    /// <summary>Ours, for the audit log: the library's own text repeats the token.</summary>
    private static string Sentence(Exception exception) => exception switch
    {
        SecurityTokenInvalidAudienceException => "The ID token was made for another client.",
        SecurityTokenInvalidIssuerException => "The ID token was made by another issuer.",
        SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException or SecurityTokenInvalidLifetimeException =>
            "The ID token has expired or is not valid yet; compare the clocks.",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException or SecurityTokenInvalidSigningKeyException => "The signature of the ID token is not the provider's.",
        _ => "The ID token cannot be read.",
    };
}

/// <summary>Whom the provider vouches for.</summary>
internal sealed record OidcIdentity(string Issuer, string Subject, string Name, string DisplayName, string Email, IReadOnlyList<string> Groups)
{
    /// <summary><c>issuer|subject</c>: the one thing that never passes to somebody else.</summary>
    public string ExternalId => $"{Issuer}|{Subject}";

    /// <summary>The token told the groups, were there none of them.</summary>
    public bool HasGroups { get; init; }

    /// <summary>The token told all that is needed here; otherwise the user-info endpoint is asked.</summary>
    public bool IsWhole { get; init; }
}

/// <param name="Identity">Null when the token was not accepted.</param>
/// <param name="Refusal">Why, for the audit log.</param>
internal sealed record IdTokenAnswer(OidcIdentity? Identity, string Refusal)
{
    /// <summary>Signed with a key we do not know: it may be new.</summary>
    public bool IsKeyUnknown { get; init; }
}
