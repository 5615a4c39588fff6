using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Who may, from outside: tokens, logins, cookies and consent over HTTPS. One instance for all; every test has users of its own.</summary>
public sealed class AccessApiTests(AccessApiTests.Fixture fixture) : IClassFixture<AccessApiTests.Fixture>
{
    private const string Password = "a meadow full of cows";

    private RunningGateway Gateway => fixture.Gateway;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_setup_token_makes_the_first_user_who_signs_in_and_goes()
    {
        await AddUserAsync("first", "provider", "provider");
        using var browser = Gateway.NewClient();
        using var login = await browser.PostAsJsonAsync("api/v1/login", new { user = "first", password = Password }, Cancelled);
        Assert.Equal(HttpStatusCode.OK, login.StatusCode);
        var cookie = Assert.Single(login.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-secuedge=", cookie, StringComparison.Ordinal);
        Assert.Equal(["path=/", "secure", "samesite=strict", "httponly"], cookie.Split("; ").Skip(1));
        Assert.True(login.Headers.CacheControl!.NoStore);

        var me = await ReadAsync(await browser.GetAsync("api/v1/me", Cancelled));
        Assert.Equal("first", me.GetProperty("user").GetProperty("name").GetString());
        var csrf = me.GetProperty("csrfToken").GetString()!;
        Assert.Equal((await ReadAsync(login)).GetProperty("csrfToken").GetString(), csrf);

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(browser, HttpMethod.Post, "api/v1/logout"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(browser, HttpMethod.Post, "api/v1/logout", csrf: "wrong"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser, HttpMethod.Get, "api/v1/me"));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(browser, HttpMethod.Post, "api/v1/logout", csrf: csrf));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(browser, HttpMethod.Get, "api/v1/me"));
    }

    [Fact]
    public async Task A_cookie_of_an_ended_session_is_worthless_in_any_hands()
    {
        await AddUserAsync("thief.victim", "acme", "helpdesk");
        var (browser, csrf, cookie) = await SignInAsync("thief.victim");
        using (browser)
        {
            using var thief = Gateway.NewClient();
            thief.DefaultRequestHeaders.Add("Cookie", cookie);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(thief, HttpMethod.Get, "api/v1/me"));
            var sessions = await ReadAsync(await browser.GetAsync("api/v1/sessions", Cancelled));
            var id = sessions.GetProperty("items").EnumerateArray().Single(s => s.GetProperty("isThis").GetBoolean()).GetProperty("id").GetString();
            Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(browser, HttpMethod.Delete, $"api/v1/sessions/{id}", csrf: csrf));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(thief, HttpMethod.Get, "api/v1/me"));
        }
    }

    [Fact]
    public async Task Whatever_is_wrong_with_a_login_the_answer_is_the_same_and_takes_as_long()
    {
        await AddUserAsync("timed", "acme", "helpdesk");
        await AddUserAsync("timed.off", "acme", "helpdesk");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Gateway.Api, HttpMethod.Patch, "api/v1/users/timed.off", new { isDisabled = true }));
        var bodies = new HashSet<string>();
        var times = new Dictionary<string, TimeSpan>();
        foreach (var (user, password) in ((string, string)[])[("timed", "wrong password here"), ("nobody.at.all", Password), ("timed.off", Password)])
        {
            // A first one warms up; the quicker of two is compared.
            for (var i = 0; i < 2; i++)
            {
                var clock = Stopwatch.StartNew();
                using var answer = await Gateway.Anonymous.PostAsJsonAsync("api/v1/login", new { user, password }, Cancelled);
                var took = clock.Elapsed;
                times[user] = times.TryGetValue(user, out var before) && before < took ? before : took;
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;
                bodies.Add(body.GetProperty("detail").GetString() + body.GetProperty("title").GetString());
            }
        }

        Assert.Single(bodies);

        // A hash takes tens of milliseconds; without one the answer would come in one or two.
        Assert.All(times, t => Assert.True(t.Value > TimeSpan.FromMilliseconds(15), $"{t.Key}: {t.Value}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"user":null,"password":null}""")]
    [InlineData("""{"user":"x","password":"y","totp":null}""")]
    [InlineData("""{"user":1,"password":"y"}""")]
    [InlineData("""{"user":"\ud800","password":"\ud800"}""")]
    public async Task A_login_that_is_none_is_refused_politely(string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await Gateway.Anonymous.PostAsync("api/v1/login", content, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_browser_that_is_signed_in_can_sign_in_again_and_gets_a_new_session()
    {
        await AddUserAsync("again", "acme", "helpdesk");
        var (browser, _, cookie) = await SignInAsync("again");
        using (browser)
        {
            using var login = await browser.PostAsJsonAsync("api/v1/login", new { user = "again", password = Password }, Cancelled);
            Assert.Equal(HttpStatusCode.OK, login.StatusCode);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser, HttpMethod.Get, "api/v1/me"));
            using var old = Gateway.NewClient();
            old.DefaultRequestHeaders.Add("Cookie", cookie);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(old, HttpMethod.Get, "api/v1/me"));
        }
    }

    [Fact]
    public async Task A_handlers_caller_is_no_parameter_of_the_document()
    {
        var document = await Gateway.Api.GetStringAsync("api/v1/openapi.json", Cancelled);
        Assert.Contains("/api/v1/delegations/{id}", document, StringComparison.Ordinal);
        Assert.DoesNotContain("\"name\": \"caller\"", document, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\"Caller\": {", document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_from_a_foreign_form_is_no_login()
    {
        using var form = new FormUrlEncodedContent([new("user", "first"), new("password", Password)]);
        using var answer = await Gateway.Anonymous.PostAsync("api/v1/login", form, Cancelled);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task Tokens_that_are_over_or_elsewhere_get_the_answer_of_an_unknown_one()
    {
        var (_, elsewhere) = await AddTokenAsync(new { name = "elsewhere", node = "acme", permissions = new[] { "messagesRead" }, networks = new[] { "192.0.2.0/24" } });
        var (id, revoked) = await AddTokenAsync(new { name = "revoked", node = "acme", permissions = new[] { "messagesRead" }, networks = new[] { "127.0.0.0/8", "::1" } });
        using var client = Gateway.NewClient(revoked);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, HttpMethod.Get, "api/v1/me"));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(Gateway.Api, HttpMethod.Delete, $"api/v1/tokens/{id}"));
        var answers = new HashSet<string>();
        foreach (var token in (string[])[elsewhere, revoked, "se_0000", "", "x y z", new string('a', 5000)])
        {
            using var one = Gateway.NewClient();
            one.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            using var answer = await one.GetAsync("api/v1/me", Cancelled);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            answers.Add(body.GetProperty("detail").GetString()!);
        }

        Assert.Single(answers);
    }

    [Fact]
    public async Task A_token_is_shown_once_and_lists_never_show_secrets()
    {
        var (id, secret) = await AddTokenAsync(new { name = "shown once", node = "acme", permissions = new[] { "messagesRead", "tenantsRead" }, comment = "for the ticket system" });
        foreach (var path in (string[])["api/v1/tokens?limit=200", $"api/v1/tokens/{id}", "api/v1/users?limit=200", "api/v1/me"])
        {
            var text = await Gateway.Api.GetStringAsync(path, Cancelled);
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("hash", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("argon2", text, StringComparison.Ordinal);
        }

        var detail = await Gateway.GetAsync($"api/v1/tokens/{id}");
        Assert.Equal("for the ticket system", detail.GetProperty("comment").GetString());
        Assert.Equal(["messagesRead", "tenantsRead"], detail.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()!));
        Assert.Equal("setup", detail.GetProperty("createdBy").GetString());
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        for (var i = 0; i < 3; i++)
        {
            await AddUserAsync($"page.{i}", "shop", "helpdesk");
        }

        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Gateway.GetAsync($"api/v1/users?node=shop&limit=1{(cursor is null ? "" : "&cursor=" + cursor)}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(u => u.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(), names);
        Assert.Superset(new HashSet<string> { "page.0", "page.1", "page.2" }, names.ToHashSet());
    }

    [Fact]
    public async Task Support_by_consent_is_written_down_with_every_use()
    {
        await AddUserAsync("boss", "acme", "customerAdmin");
        await AddUserAsync("sue", "shop", "customerAdmin");
        var (boss, bossCsrf, _) = await SignInAsync("boss");
        var (sue, _, _) = await SignInAsync("sue");
        using (boss)
        using (sue)
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(sue, HttpMethod.Get, "api/v1/users/boss"));
            var now = TimeProvider.System.GetUtcNow();
            var body = new { node = "acme", role = "customerAdmin", user = "sue", consent = "Please look at our users.", expiresAt = now.AddDays(8) };
            Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(boss, HttpMethod.Post, "api/v1/delegations", body, bossCsrf));
            using var request = Request(HttpMethod.Post, "api/v1/delegations", body with { expiresAt = now.AddDays(1) }, bossCsrf);
            using var made = await boss.SendAsync(request, Cancelled);
            var id = (await ReadAsync(made)).GetProperty("id").GetString();
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(sue, HttpMethod.Get, "api/v1/users/boss"));
            var use = Assert.Single(await Gateway.AuditAsync(), e => e.Action == "delegation.use");
            Assert.Equal(("sue", "acme", id, "Please look at our users."), (use.Actor, use.Tenant, use.Target, use.Reason));
            Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(boss, HttpMethod.Delete, $"api/v1/delegations/{id}", csrf: bossCsrf));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(sue, HttpMethod.Get, "api/v1/users/boss"));
        }
    }

    [Fact]
    public async Task Roles_say_what_they_may()
    {
        var roles = await Gateway.GetAsync("api/v1/roles");
        Assert.Equal(["provider", "reseller", "customerAdmin", "helpdesk", "quarantineManager", "auditor", "mailboxUser"], roles.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("role").GetString()!));
    }

    [Fact]
    public async Task Failures_and_sessions_are_counted()
    {
        await StatusAsync(Gateway.Anonymous, HttpMethod.Post, "api/v1/login", new { user = "counted", password = "wrong password here" });
        var text = await Gateway.Management.GetStringAsync("metrics", Cancelled);
        Assert.Matches("secuedge_login_failures_total\\{reason=\"unknownuser\"\\} [1-9]", text);
        Assert.Contains("secuedge_login_failures_total{reason=\"tokenexpired\"} ", text, StringComparison.Ordinal);
        Assert.Contains("secuedge_sessions_active ", text, StringComparison.Ordinal);
    }

    /// <summary>What is null where there must be something, or wrong in kind, is answered with its name and never with 500.</summary>
    [Theory]
    [InlineData("users", """{"name":null,"node":"acme"}""", "name")]
    [InlineData("users", """{"name":"nulls","node":"acme","roles":null}""", "roles")]
    [InlineData("users", """{"name":"nulls","node":"acme","roles":[null]}""", "roles[0]")]
    [InlineData("users", """{"name":"nulls","node":"acme","roles":[{"role":"helpdesk","node":null}]}""", "roles[0].node")]
    [InlineData("users", """{"name":"nulls","node":"acme","displayName":null}""", "displayName")]
    [InlineData("users", """{"name":"nulls","node":"acme","password":"short"}""", "password")]
    [InlineData("users", """{"name":"nulls","node":"acme","language":"xx"}""", "language")]
    [InlineData("tokens", """{"name":"x","node":"acme","permissions":null}""", "permissions")]
    [InlineData("tokens", """{"name":"x","node":"acme","permissions":[]}""", "permissions")]
    [InlineData("tokens", """{"name":"x","node":"acme","permissions":["fly"]}""", "permissions")]
    [InlineData("tokens", """{"name":"x","node":"acme","permissions":["messagesRead"],"networks":[null]}""", "networks[0]")]
    [InlineData("tokens", """{"name":"x","node":"acme","permissions":["messagesRead"],"networks":["10.0.0.0/99"]}""", "networks[0]")]
    [InlineData("tokens", """{"name":"x","node":"acme","permissions":["messagesRead"],"expiresAt":"2001-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("delegations", """{"node":"acme","role":"helpdesk","user":"x","consent":"short","expiresAt":"2001-01-01T00:00:00Z"}""", "consent")]
    public async Task What_is_wrong_is_named(string noun, string json, string field)
    {
        var (status, body) = await Gateway.CallAsync(HttpMethod.Post, $"api/v1/{noun}", json);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task AddUserAsync(string name, string node, string role)
    {
        using var answer = await Gateway.Api.PostAsJsonAsync("api/v1/users", new { name, node, password = Password, roles = new[] { new { role, node } } }, Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private async Task<(string Id, string Secret)> AddTokenAsync(object request)
    {
        using var answer = await Gateway.Api.PostAsJsonAsync("api/v1/tokens", request, Cancelled);
        var body = await ReadAsync(answer);
        return (body.GetProperty("token").GetProperty("id").GetString()!, body.GetProperty("secret").GetString()!);
    }

    private async Task<(HttpClient Browser, string Csrf, string Cookie)> SignInAsync(string user)
    {
        var browser = Gateway.NewClient();
        using var login = await browser.PostAsJsonAsync("api/v1/login", new { user, password = Password }, Cancelled);
        var body = await ReadAsync(login);
        return (browser, body.GetProperty("csrfToken").GetString()!, login.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, object? body, string? csrf)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
        if (csrf is not null)
        {
            request.Headers.Add("X-CSRF-Token", csrf);
        }

        return request;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, HttpMethod method, string path, object? body = null, string? csrf = null)
    {
        using var request = Request(method, path, body, csrf);
        using var answer = await client.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal RunningGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await RunningGateway.StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
