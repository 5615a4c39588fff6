using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Passkeys from outside, as a page would use them.</summary>
public sealed class PasskeyApiTests(PasskeyApiTests.Fixture fixture) : IClassFixture<PasskeyApiTests.Fixture>
{
    private const string Password = "a meadow full of cows";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_registers_a_passkey_signs_in_with_it_and_removes_it()
    {
        var gateway = fixture.Gateway;
        await AskAsync(
            gateway.Api, "users", new { name = "anna", node = "acme", password = Password, roles = new[] { new { role = "helpdesk", node = "acme" } } }, HttpStatusCode.Created);
        Assert.True((await gateway.GetAsync("api/v1/login")).GetProperty("hasPasskeys").GetBoolean());
        using var device = new SoftAuthenticator();
        using var browser = gateway.NewClient();
        var login = await AskAsync(browser, "login", new { user = "anna", password = Password });
        browser.DefaultRequestHeaders.Add("X-CSRF-Token", login.GetProperty("csrfToken").GetString());

        await AskAsync(browser, "me/passkeys:begin", new { password = "seven sleepy badgers" }, HttpStatusCode.BadRequest);
        var begun = await AskAsync(browser, "me/passkeys:begin", new { password = Password });
        var answer = Answer(begun, device.Create(begun.GetProperty("options").GetRawText()));
        await AskAsync(browser, "me/passkeys", new { name = "", answer }, HttpStatusCode.BadRequest);
        var added = await AskAsync(browser, "me/passkeys", new { name = "Laptop", answer }, HttpStatusCode.Created);
        Assert.Equal(10, added.GetProperty("recoveryCodes").GetArrayLength());
        var id = added.GetProperty("passkey").GetProperty("id").GetString();
        Assert.Equal("Laptop", (await gateway.GetAsync("api/v1/users/anna/passkeys")).GetProperty("items")[0].GetProperty("name").GetString());
        var user = await gateway.GetAsync("api/v1/users/anna");
        Assert.Equal((true, 1), (user.GetProperty("hasSecondFactor").GetBoolean(), user.GetProperty("passkeyCount").GetInt32()));

        using var second = gateway.NewClient();
        await AskAsync(second, "login", new { user = "anna", password = Password }, HttpStatusCode.Unauthorized);
        begun = await AskAsync(second, "login/passkey:begin", new { purpose = "signIn" });
        Assert.Equal(0, begun.GetProperty("options").TryGetProperty("allowCredentials", out var allowed) ? allowed.GetArrayLength() : 0);
        answer = Answer(begun, device.Get(begun.GetProperty("options").GetRawText()));
        Assert.Equal("anna", (await AskAsync(second, "login/passkey", answer)).GetProperty("user").GetString());
        Assert.Equal("passkey", (await ReadAsync(await second.GetAsync("api/v1/sessions", Cancelled))).GetProperty("items")[0].GetProperty("method").GetString());
        await AskAsync(second, "login/passkey", answer, HttpStatusCode.Unauthorized);

        // Without the token of the session a foreign page could do it.
        await AskAsync(second, $"me/passkeys/{id}:remove", new { password = Password }, HttpStatusCode.Forbidden);
        await AskAsync(browser, $"me/passkeys/{id}:remove", new { password = Password }, HttpStatusCode.NoContent);
        begun = await AskAsync(second, "login/passkey:begin", new { purpose = "signIn" });
        await AskAsync(second, "login/passkey", Answer(begun, device.Get(begun.GetProperty("options").GetRawText())), HttpStatusCode.Unauthorized);
        await AskAsync(second, "login", new { user = "anna", password = Password });
    }

    [Theory]
    [InlineData("""{"challenge":"x","credential":null}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"challenge":"x","credential":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"challenge":"x","credential":{}}""", HttpStatusCode.Unauthorized)]
    [InlineData("""{"challenge":"x","credential":{"id":{"id":1},"response":null}}""", HttpStatusCode.Unauthorized)]
    [InlineData("""{"challenge":"x","credential":DEEP}""", HttpStatusCode.Unauthorized)]
    public async Task Nonsense_is_refused_politely(string json, HttpStatusCode expected)
    {
        using var content = new StringContent(
            json.Replace("DEEP", string.Concat(Enumerable.Repeat("""{"id":""", 100)) + "1" + new string('}', 100), StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");
        using var answer = await fixture.Gateway.Anonymous.PostAsync("api/v1/login/passkey", content, Cancelled);
        Assert.Equal(expected, answer.StatusCode);
    }

    private static object Answer(JsonElement begun, string credential) =>
        new { challenge = begun.GetProperty("challenge").GetString(), credential = JsonDocument.Parse(credential).RootElement };

    private static async Task<JsonElement> AskAsync(HttpClient client, string path, object body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await client.PostAsJsonAsync($"api/v1/{path}", body, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == expected, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;

    public sealed class Fixture : IAsyncLifetime
    {
        internal RunningGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await RunningGateway.StartAsync(("Access:PublicAddress", "https://mail.test.example"));

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
