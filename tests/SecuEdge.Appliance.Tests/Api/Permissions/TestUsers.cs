using System.Net.Http.Json;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Makes users for callers of the generated test and signs them in, as a browser does.</summary>
internal static class TestUsers
{
    private const string Password = "a meadow full of cows";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <returns>A client with the cookie of the session, and the header that changes ask for.</returns>
    public static async Task<HttpClient> SignInAsync(TenantTree tree, TestCaller caller)
    {
        var name = tree.NewDottedName(caller.Node!);
        await tree.PostAsync("users", $$"""{"name":"{{name}}","node":"{{caller.Node}}","password":"{{Password}}","roles":[{"role":"mailboxUser","node":"{{caller.Node}}","address":"{{caller.Mailbox}}"}]}""");
        var browser = tree.Gateway.NewClient();
        using var login = await browser.PostAsJsonAsync(new Uri("api/v1/login", UriKind.Relative), new { user = name, password = Password }, Cancelled);
        var body = await login.Content.ReadAsStringAsync(Cancelled);
        Assert.True(login.IsSuccessStatusCode, body);
        using var answer = JsonDocument.Parse(body);
        browser.DefaultRequestHeaders.Add("X-CSRF-Token", answer.RootElement.GetProperty("csrfToken").GetString());
        return browser;
    }
}
