using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace SecuEdge.TestKit;

/// <summary>How the fake signs its tokens.</summary>
public enum FakeSignature
{
    /// <summary>RS256 with its own key.</summary>
    Own,

    /// <summary>No signature and <c>alg: none</c>.</summary>
    None,

    /// <summary>HS256, with the public key, which everybody has, as the secret.</summary>
    PublicKeyAsSecret,

    /// <summary>RS256 with somebody else's key under the name of its own.</summary>
    ForeignKey,

    /// <summary>RS256 with somebody else's key under a name nobody knows.</summary>
    UnknownKey,
}

/// <summary>An OpenID Connect provider on loopback that vouches for whom a test tells it, and lies as a test tells it. It checks PKCE and the client's secret.</summary>
public sealed class FakeOidcProvider : IAsyncDisposable
{
    public const string ClientId = "appliance";
    public const string ClientSecret = "a secret/with=signs";

    private const string AccessToken = "opens-the-user-info";

    private readonly Dictionary<string, Grant> _codes = [];
    private readonly WebApplication _app;
    private RSA _key = RSA.Create(2048);
    private int _keyNumber = 1;

    private FakeOidcProvider(WebApplication app) => _app = app;

    public string Issuer { get; private set; } = "";

    public FakeSignature Signature { get; set; }

    /// <summary>Changes the claims before they are signed.</summary>
    public Action<JsonObject>? Tamper { get; set; }

    /// <summary>The honest claims besides those of the protocol.</summary>
    public JsonObject Person { get; set; } = [];

    /// <summary>The ID token says who it is and nothing more; the rest is at the user-info endpoint.</summary>
    public bool IsThin { get; set; }

    /// <summary>Changes what the user-info endpoint tells.</summary>
    public Action<JsonObject>? TamperUserInfo { get; set; }

    /// <summary>With which the user-info endpoint answers.</summary>
    public int UserInfoStatus { get; set; } = 200;

    /// <summary>Codes that were turned into tokens.</summary>
    public int Exchanged { get; private set; }

    public static async Task<FakeOidcProvider> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var fake = new FakeOidcProvider(builder.Build());
        fake._app.MapGet("/.well-known/openid-configuration", c => WriteAsync(c, fake.Describe()));
        fake._app.MapGet("/keys", c => WriteAsync(c, fake.Keys()));
        fake._app.MapGet("/authorize", fake.AuthorizeAsync);
        fake._app.MapPost("/token", fake.ExchangeAsync);
        fake._app.MapGet("/userinfo", fake.TellAsync);
        await fake._app.StartAsync();
        fake.Issuer = fake._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return fake;
    }

    /// <summary>Honest again, about this person.</summary>
    public void Be(string subject, string name, params string[] groups)
    {
        (Signature, Tamper) = (FakeSignature.Own, null);
        (IsThin, TamperUserInfo, UserInfoStatus) = (false, null, 200);
        Person = new JsonObject
        {
            ["sub"] = subject,
            ["preferred_username"] = name,
            ["name"] = "Anna Example",
            ["email"] = $"{name}@acme.example",
            ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode?)g)]),
        };
    }

    public void RotateKey()
    {
        _key.Dispose();
        _key = RSA.Create(2048);
        _keyNumber++;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private JsonObject Describe() => new()
    {
        ["issuer"] = Issuer,
        ["authorization_endpoint"] = Issuer + "/authorize",
        ["token_endpoint"] = Issuer + "/token",
        ["userinfo_endpoint"] = Issuer + "/userinfo",
        ["jwks_uri"] = Issuer + "/keys",
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
    };

    private JsonObject Keys()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["alg"] = "RS256",
                ["kid"] = $"key-{_keyNumber}",
                ["n"] = WebEncoders.Base64UrlEncode(key.Modulus!),
                ["e"] = WebEncoders.Base64UrlEncode(key.Exponent!),
            }),
        };
    }

    private Task AuthorizeAsync(HttpContext context)
    {
        string Query(string name) => context.Request.Query[name].ToString();
        if (Query("client_id") != ClientId || Query("response_type") != "code" || Query("code_challenge_method") != "S256" || !Query("scope").Split(' ').Contains("openid"))
        {
            context.Response.StatusCode = 400;
            return Task.CompletedTask;
        }

        var code = Guid.NewGuid().ToString("n");
        lock (_codes)
        {
            _codes[code] = new Grant(Query("nonce"), Query("code_challenge"), Query("redirect_uri"));
        }

        context.Response.Redirect(QueryHelpers.AddQueryString(Query("redirect_uri"), new Dictionary<string, string?> { ["code"] = code, ["state"] = Query("state"), ["iss"] = Issuer }));
        return Task.CompletedTask;
    }

    private async Task ExchangeAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(ClientSecret)}"));
        Grant? grant;
        lock (_codes)
        {
            _codes.Remove(form["code"].ToString(), out grant);
        }

        if (grant is null
            || context.Request.Headers.Authorization != $"Basic {secret}"
            || form["redirect_uri"] != grant.RedirectUri
            || WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != grant.Challenge)
        {
            context.Response.StatusCode = 400;
            await WriteAsync(context, new JsonObject { ["error"] = "invalid_grant" });
            return;
        }

        Exchanged++;
        await WriteAsync(context, new JsonObject { ["access_token"] = AccessToken, ["token_type"] = "Bearer", ["id_token"] = Token(grant.Nonce) });
    }

    private Task TellAsync(HttpContext context)
    {
        context.Response.StatusCode = context.Request.Headers.Authorization == $"Bearer {AccessToken}" ? UserInfoStatus : 401;
        var told = context.Response.StatusCode == 200 ? (JsonObject)Person.DeepClone() : new JsonObject { ["error"] = "no" };
        TamperUserInfo?.Invoke(told);
        return WriteAsync(context, told);
    }

    private string Token(string nonce)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = Issuer, ["aud"] = ClientId, ["nonce"] = nonce, ["iat"] = now, ["exp"] = now + 300 };
        foreach (var (name, value) in Person.Where(c => !IsThin || c.Key == "sub"))
        {
            claims[name] = value?.DeepClone();
        }

        Tamper?.Invoke(claims);
        var algorithm = Signature switch { FakeSignature.None => "none", FakeSignature.PublicKeyAsSecret => "HS256", _ => "RS256" };
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = Signature == FakeSignature.UnknownKey ? "key-0" : $"key-{_keyNumber}" };
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{WebEncoders.Base64UrlEncode(Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private byte[] Sign(byte[] text)
    {
        switch (Signature)
        {
            case FakeSignature.None:
                return [];
            case FakeSignature.PublicKeyAsSecret:
                return HMACSHA256.HashData(Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem()), text);
            case FakeSignature.ForeignKey or FakeSignature.UnknownKey:
                using (var foreign = RSA.Create(2048))
                {
                    return foreign.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                }

            default:
                return _key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    private static string Encode(JsonObject part) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private sealed record Grant(string Nonce, string Challenge, string RedirectUri);
}
