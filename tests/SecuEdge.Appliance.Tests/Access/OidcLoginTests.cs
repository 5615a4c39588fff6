using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Signing in at an identity provider, from outside: an honest provider, a lying one, and browsers that try things.</summary>
public sealed class OidcLoginTests(OidcLoginTests.Fixture fixture) : IClassFixture<OidcLoginTests.Fixture>, IAsyncDisposable
{
    private Fixture? _own;

    private RunningGateway Gateway => (_own ?? fixture).Gateway;

    private FakeOidcProvider Provider => (_own ?? fixture).Provider;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_group_makes_a_user_who_has_its_role_and_a_session()
    {
        Provider.Be("s-anna", "anna", "helpers", "unmapped");
        using var browser = Gateway.NewClient();
        using var answer = await SignInAsync(browser, "/console/queue?a=1&b=2");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("content=\"0;url=/console/queue?a=1&amp;b=2\"", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        var cookies = answer.Headers.GetValues("Set-Cookie").ToList();
        Assert.Contains(cookies, c => c.StartsWith("__Host-secuedge=", StringComparison.Ordinal) && c.EndsWith("; path=/; secure; samesite=strict; httponly", StringComparison.Ordinal));
        Assert.Contains(cookies, c => c.StartsWith("__Host-secuedge-oidc=;", StringComparison.Ordinal));

        var user = (await MeAsync(browser)).GetProperty("user");
        Assert.Equal("anna", user.GetProperty("name").GetString());
        Assert.Equal("acme", user.GetProperty("node").GetString());
        Assert.Equal(["helpdesk@acme"], Roles(user));
        Assert.Equal("Signed in with oidc.", (await LastAsync("login.succeeded")).Detail);
    }

    [Fact]
    public async Task Roles_are_those_of_the_groups_at_each_login()
    {
        Provider.Be("s-berta", "berta", "everything");
        using var browser = Gateway.NewClient();
        await SignInAsync(browser, expected: HttpStatusCode.OK);
        Assert.Equal(["provider@provider"], Roles((await MeAsync(browser)).GetProperty("user")));

        Provider.Be("s-berta", "other-name", "helpers");
        await SignInAsync(browser, expected: HttpStatusCode.OK);
        var user = (await MeAsync(browser)).GetProperty("user");
        Assert.Equal("berta", user.GetProperty("name").GetString());
        Assert.Equal(["helpdesk@acme"], Roles(user));

        Provider.Be("s-berta", "berta");
        await SignInAsync(Gateway.NewClient(), expected: HttpStatusCode.Unauthorized);
        Assert.Empty(Roles((await MeAsync(browser)).GetProperty("user")));
    }

    [Theory]
    [InlineData("wrong nonce", "The ID token belongs to another login: its nonce is not ours.")]
    [InlineData("no nonce", "The ID token belongs to another login: its nonce is not ours.")]
    [InlineData("alg none", "The signature of the ID token is not the provider's.")]
    [InlineData("public key as secret", "The signature of the ID token is not the provider's.")]
    [InlineData("foreign key", "The signature of the ID token is not the provider's.")]
    [InlineData("unknown key", "The signature of the ID token is not the provider's.")]
    [InlineData("wrong audience", "The ID token was made for another client.")]
    [InlineData("wrong authorized party", "The ID token was made for another client.")]
    [InlineData("wrong issuer", "The ID token was made by another issuer.")]
    [InlineData("expired", "The ID token has expired or is not valid yet; compare the clocks.")]
    [InlineData("no expiry", "The ID token has expired or is not valid yet; compare the clocks.")]
    [InlineData("no subject", "The ID token names no subject.")]
    [InlineData("group not mapped", "None of the groups gives a role; no user was made.")]
    [InlineData("name without right", "No user could be made: name: 'local.anna' cannot be taken; an e-mail address is always free for its owner.")]
    public async Task What_the_provider_says_is_not_believed(string lie, string why)
    {
        Provider.Be("s-mallory", "mallory", "everything");
        Lie(lie);
        if (lie == "name without right")
        {
            await AddUserAsync("local.anna");
        }

        using var browser = Gateway.NewClient();
        using var answer = await SignInAsync(browser);
        await AssertRefusedAsync(browser, answer, why);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Get, "api/v1/users/mallory")).Status);
    }

    [Theory]
    [InlineData("wrong state")]
    [InlineData("no state")]
    [InlineData("no cookie")]
    [InlineData("another browser")]
    [InlineData("used before")]
    public async Task A_state_is_good_once_and_in_one_browser(string attack)
    {
        // The limit of failures by client would refuse the last of them for what the others did.
        _own = new Fixture();
        await _own.InitializeAsync();
        Provider.Be("s-victim", "victim", "helpers");
        using var browser = Gateway.NewClient();
        using var other = Gateway.NewClient();
        var callback = await ComeBackAsync(await BeginAsync(browser));
        var exchanged = Provider.Exchanged;
        switch (attack)
        {
            case "wrong state":
                callback = new Uri(callback.AbsoluteUri.Replace("state=", "state=x", StringComparison.Ordinal));
                break;
            case "no state":
                callback = new Uri(callback.AbsoluteUri.Replace("state=", "stat=", StringComparison.Ordinal));
                break;
            case "another browser":
                await BeginAsync(other);
                break;
            case "used before":
                using (await browser.GetAsync(callback, Cancelled))
                {
                    exchanged = Provider.Exchanged;
                }

                break;
        }

        var attacker = attack is "no cookie" or "another browser" ? other : browser;
        using var answer = await attacker.GetAsync(callback, Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(exchanged, Provider.Exchanged);
        Assert.Equal("The login was not begun in this browser, was used before, or took longer than ten minutes.", (await LastAsync("login.failed")).Detail);
    }

    [Fact]
    public async Task What_the_token_does_not_say_the_user_info_endpoint_tells()
    {
        Provider.Be("s-thin", "thin", "helpers");
        Provider.IsThin = true;
        using var browser = Gateway.NewClient();
        await SignInAsync(browser, expected: HttpStatusCode.OK);
        var user = (await MeAsync(browser)).GetProperty("user");
        Assert.Equal("thin", user.GetProperty("name").GetString());
        Assert.Equal("thin@acme.example", user.GetProperty("email").GetString());
        Assert.Equal(["helpdesk@acme"], Roles(user));

        // A group that is one word instead of a list.
        Provider.Be("s-word", "word");
        Provider.IsThin = true;
        Provider.TamperUserInfo = told => told["groups"] = "everything";
        await SignInAsync(browser, expected: HttpStatusCode.OK);
        Assert.Equal(["provider@provider"], Roles((await MeAsync(browser)).GetProperty("user")));
    }

    [Theory]
    [InlineData("in trouble", HttpStatusCode.ServiceUnavailable, null)]
    [InlineData("refuses", HttpStatusCode.Unauthorized, "The provider told nothing about him at its user-info endpoint.")]
    [InlineData("of somebody else", HttpStatusCode.Unauthorized, "The user-info endpoint spoke of somebody else.")]
    [InlineData("of nobody", HttpStatusCode.Unauthorized, "The user-info endpoint spoke of somebody else.")]
    public async Task A_user_info_endpoint_that_does_not_help_takes_no_roles_away(string how, HttpStatusCode expected, string? why)
    {
        var name = $"info.{how.Replace(' ', '-')}";
        Provider.Be($"s-{name}", name, "helpers");
        await SignInAsync(Gateway.NewClient(), expected: HttpStatusCode.OK);
        Provider.IsThin = true;
        Provider.UserInfoStatus = how switch { "in trouble" => 500, "refuses" => 403, _ => 200 };
        Provider.TamperUserInfo = told =>
        {
            if (how == "of nobody")
            {
                told.Remove("sub");
            }
            else if (how == "of somebody else")
            {
                told["sub"] = "s-berta";
            }
        };
        await SignInAsync(Gateway.NewClient(), expected);
        Assert.Equal(["helpdesk@acme"], Roles(await Gateway.GetAsync($"api/v1/users/{name}")));
        if (why is not null)
        {
            Assert.Equal(why, (await LastAsync("login.failed")).Detail);
        }
    }

    [Fact]
    public async Task Groups_that_the_token_says_are_not_overruled()
    {
        Provider.Be("s-signed", "signed", "helpers");
        Provider.Tamper = claims => claims.Remove("preferred_username");
        Provider.TamperUserInfo = told => told["groups"] = new JsonArray("everything");
        using var browser = Gateway.NewClient();
        await SignInAsync(browser, expected: HttpStatusCode.OK);
        var user = (await MeAsync(browser)).GetProperty("user");
        Assert.Equal(("signed", "acme"), (user.GetProperty("name").GetString(), user.GetProperty("node").GetString()));
        Assert.Equal(["helpdesk@acme"], Roles(user));
    }

    [Fact]
    public async Task A_disabled_user_stays_out()
    {
        Provider.Be("s-off", "off", "helpers");
        await SignInAsync(Gateway.NewClient(), expected: HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Patch, "api/v1/users/off", """{"isDisabled":true}""", "application/merge-patch+json")).Status);
        using var browser = Gateway.NewClient();
        using var answer = await SignInAsync(browser);
        await AssertRefusedAsync(browser, answer, "The user is disabled.");
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("console")]
    [InlineData("javascript:alert(1)")]
    public async Task A_login_leads_nowhere_but_to_this_host(string returnTo)
    {
        using var browser = Gateway.NewClient();
        using var answer = await browser.GetAsync(new Uri($"api/v1/login/oidc?returnTo={Uri.EscapeDataString(returnTo)}", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("returnTo", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("field").GetString());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_login_page_learns_of_the_provider()
    {
        var ways = await Gateway.GetAsync("api/v1/login");
        Assert.Equal("Acme login", ways.GetProperty("provider").GetProperty("displayName").GetString());
        Assert.Equal("/api/v1/login/oidc", ways.GetProperty("provider").GetProperty("address").GetString());
    }

    private void Lie(string lie)
    {
        var now = TimeProvider.System.GetUtcNow();
        Provider.Signature = lie switch
        {
            "alg none" => FakeSignature.None,
            "public key as secret" => FakeSignature.PublicKeyAsSecret,
            "foreign key" => FakeSignature.ForeignKey,
            "unknown key" => FakeSignature.UnknownKey,
            _ => FakeSignature.Own,
        };
        Provider.Tamper = claims =>
        {
            switch (lie)
            {
                case "wrong nonce":
                    claims["nonce"] = "x" + claims["nonce"];
                    break;
                case "no nonce":
                    claims.Remove("nonce");
                    break;
                case "wrong audience":
                    claims["aud"] = "somebody-else";
                    break;
                case "wrong authorized party":
                    claims["aud"] = new JsonArray(FakeOidcProvider.ClientId, "somebody-else");
                    claims["azp"] = "somebody-else";
                    break;
                case "wrong issuer":
                    claims["iss"] = "https://evil.example";
                    break;
                case "expired":
                    // Just beyond the minute that clocks may differ.
                    claims["exp"] = now.AddSeconds(-65).ToUnixTimeSeconds();
                    break;
                case "no expiry":
                    claims.Remove("exp");
                    break;
                case "no subject":
                    claims.Remove("sub");
                    break;
                case "group not mapped":
                    claims["groups"] = new JsonArray("unmapped", "helpers ", "EVERYTHING");
                    break;
                case "name without right":
                    (claims["preferred_username"], claims["email"]) = ("local.anna", "local.anna@acme.example");
                    break;
            }
        };
    }

    private async Task AssertRefusedAsync(HttpClient browser, HttpResponseMessage answer, string why)
    {
        var body = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{answer.StatusCode} {body}");
        Assert.DoesNotContain(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("__Host-secuedge=", StringComparison.Ordinal));
        Assert.DoesNotContain(why, body, StringComparison.Ordinal);
        Assert.Equal(why, (await LastAsync("login.failed")).Detail);
        using var me = await browser.GetAsync(new Uri("api/v1/me", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, me.StatusCode);
    }

    private async Task<SecuEdge.Store.Audit.AuditEntry> LastAsync(string action) =>
        (await Gateway.AuditAsync()).Where(e => e.Action == action).MaxBy(e => e.At)!;

    private async Task AddUserAsync(string name)
    {
        var (status, body) = await Gateway.CallAsync(HttpMethod.Post, "api/v1/users", $$"""{"name":"{{name}}","node":"acme","email":"{{name}}@acme.example","password":"a meadow full of cows"}""");
        Assert.True(status == HttpStatusCode.Created, $"{status} {body}");
    }

    private async Task SignInAsync(HttpClient browser, HttpStatusCode expected)
    {
        using var answer = await SignInAsync(browser);
        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)} {(await LastAsync("login.failed"))?.Detail}");
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, string returnTo = "/") =>
        await browser.GetAsync(await ComeBackAsync(await BeginAsync(browser, returnTo)), Cancelled);

    /// <returns>Where the appliance sends the browser; HttpClient itself does not go from HTTPS to HTTP.</returns>
    private static async Task<Uri> BeginAsync(HttpClient browser, string returnTo = "/")
    {
        using var start = await browser.GetAsync(new Uri($"api/v1/login/oidc?returnTo={Uri.EscapeDataString(returnTo)}", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
        Assert.EndsWith("; path=/; secure; samesite=lax; httponly", Assert.Single(start.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        return start.Headers.Location!;
    }

    /// <returns>Where the provider sends it back to.</returns>
    private static async Task<Uri> ComeBackAsync(Uri authorize)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync(authorize, Cancelled);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!;
    }

    private static async Task<JsonElement> MeAsync(HttpClient browser) =>
        await browser.GetFromJsonAsync<JsonElement>(new Uri("api/v1/me", UriKind.Relative), Cancelled);

    private static string[] Roles(JsonElement user) =>
        [.. user.GetProperty("roles").EnumerateArray().Select(r => $"{r.GetProperty("role").GetString()}@{r.GetProperty("node").GetString()}")];

    /// <summary>A gateway and its provider.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public RunningGateway Gateway { get; private set; } = null!;

        public FakeOidcProvider Provider { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Provider = await FakeOidcProvider.StartAsync();
            Gateway = await RunningGateway.StartAsync(
                ("Access:Oidc:Authority", Provider.Issuer),
                ("Access:Oidc:AllowHttp", "true"),
                ("Access:Oidc:ClientId", FakeOidcProvider.ClientId),
                ("Access:Oidc:ClientSecret", FakeOidcProvider.ClientSecret),
                ("Access:Oidc:CreateUsers", "true"),
                ("Access:Oidc:DisplayName", "Acme login"),
                ("Access:Oidc:Roles:0", "helpers=helpdesk@acme"),
                ("Access:Oidc:Roles:1", "everything=provider@provider"));
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Provider.DisposeAsync();
        }
    }
}
