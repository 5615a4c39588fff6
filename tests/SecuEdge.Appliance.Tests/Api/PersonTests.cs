using System.Net;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Everything that is kept about a person besides mail, found and forgotten through the API of a running gateway.</summary>
public sealed class PersonTests
{
    private const string Who = "\"address\":\"eva@bakery.example\",\"tenant\":\"bakery\"";

    [Fact]
    public async Task A_person_is_found_in_settings_and_access_and_goes_as_far_as_asked_for()
    {
        await using var gateway = await RunningGateway.StartAsync(("Webhooks:AllowPrivate", "true"));
        await PostAsync(gateway, "tenants", $$"""
            {"name":"bakery","service":{"contacts":["eva@bakery.example"]},
             "domains":[{"name":"bakery.example","nextHops":["127.0.0.1:{{gateway.Sink.Port}}"],"recipients":["eva","neva","tom"],"mailboxes":[{"address":"eva"}]}],
             "rules":[{"name":"leaver","when":{"type":"recipient","addresses":["eva@bakery.example"]},"then":[{"type":"redirect","to":"tom@bakery.example"}]}],
             "groups":[{"name":"board","members":["eva@bakery.example"]}]}
            """);
        await PostAsync(gateway, "users", """{"name":"eva@bakery.example","node":"bakery","password":"a-long-word-for-tests-41","roles":[{"role":"customerAdmin","node":"bakery"}]}""");
        await PostAsync(gateway, "users", """{"name":"neva@bakery.example","node":"bakery","password":"a-long-word-for-tests-42","roles":[{"role":"helpdesk","node":"bakery"}]}""");
        await PostAsync(gateway, "users", """
            {"name":"paul","node":"bakery","password":"a-long-word-for-tests-43",
             "roles":[{"role":"customerAdmin","node":"bakery"},{"role":"mailboxUser","node":"bakery","address":"eva@bakery.example"}]}
            """);
        await PostAsync(gateway, "tokens", """{"name":"sync","node":"bakery","permissions":["tenantsRead"],"comment":"made for eva@bakery.example"}""");
        await PostAsync(gateway, "webhooks", $$"""{"name":"told","tenant":"bakery","url":"http://127.0.0.1:{{gateway.Sink.Port}}/?who=eva@bakery.example","events":["message.*"]}""");

        var found = Places(await PostAsync(gateway, "privacy:search", $"{{{Who}}}"));
        string[] expected =
        [
            "user eva@bakery.example stays", "user paul stays", "token sync stays", "recipient domains[bakery.example].recipients stays", "mailbox domains[bakery.example].mailboxes[eva] stays", "rule rules[leaver] stays",
            "group groups[board] stays", "contact service.contacts stays", "webhook told stays", "revision  stays", "audit  stays",
        ];
        Assert.All(expected, place => Assert.Contains(place, found));
        Assert.DoesNotContain(found, p => p.Contains("neva", StringComparison.Ordinal));

        var plan = await PostAsync(gateway, "privacy:erase", $"{{{Who}}}");
        Assert.False(plan.GetProperty("applied").GetBoolean());
        var stays = plan.GetProperty("stays").EnumerateArray().Select(s => s.GetString()!).ToList();
        Assert.All((string[])["eva@bakery.example: ", "rules[leaver] (when.addresses[0]): ", "groups[board] (members[0]): ", "sync: "], s => Assert.Contains(stays, t => t.StartsWith(s, StringComparison.Ordinal)));

        var (status, body) = await gateway.CallAsync(HttpMethod.Post, "api/v1/privacy:erase", $"{{{Who},\"apply\":true}}");
        Assert.Equal((HttpStatusCode.BadRequest, "reason"), (status, JsonDocument.Parse(body).RootElement.GetProperty("errors")[0].GetProperty("field").GetString()));

        var done = await PostAsync(gateway, "privacy:erase", $"{{{Who},\"apply\":true,\"recipient\":true,\"account\":true,\"reason\":\"her letter\"}}");
        Assert.All((string[])["user eva@bakery.example erased", "recipient domains[bakery.example].recipients erased", "rule rules[leaver] stays"], p => Assert.Contains(p, Places(done)));
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.CallAsync(HttpMethod.Get, "api/v1/users/eva@bakery.example")).Status);
        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Get, "api/v1/users/neva@bakery.example")).Status);
        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Get, "api/v1/users/paul")).Status);
        Assert.All((await gateway.AuditAsync()).Where(e => e.Action is "user.delete" or "privacy.erase" or "recipients.change"), e => Assert.DoesNotContain("eva@", e.Target + e.Detail, StringComparison.Ordinal));
        Assert.Contains(await gateway.AuditAsync(), e => e is { Action: "privacy.search", Detail: "Looked what erasing a person would do" });
        Assert.NotEmpty((await gateway.GetAsync("api/v1/config/revisions?tenant=Bakery")).GetProperty("items").EnumerateArray());
        Assert.Equal(550, (await gateway.SendAsync("Subject: x\n\nx\n", "eva@bakery.example")).Code);
        Assert.Equal(250, (await gateway.SendAsync("Subject: x\n\nx\n", "neva@bakery.example")).Code);
        var left = Places(await PostAsync(gateway, "privacy:search", $"{{{Who}}}"));
        Assert.DoesNotContain(left, p => p.StartsWith("user eva", StringComparison.Ordinal) || p.StartsWith("recipient ", StringComparison.Ordinal) || p.StartsWith("mailbox ", StringComparison.Ordinal));
        Assert.Contains("rule rules[leaver] stays", left);
    }

    [Theory]
    [InlineData("\"privacyManage\"")]
    [InlineData("\"privacyManage\",\"accessManage\"")]
    public async Task Who_may_not_delete_the_user_is_told_before_anything_is_erased(string permissions)
    {
        await using var gateway = await RunningGateway.StartAsync();
        await PostAsync(gateway, "users", """{"name":"jane@acme.example","node":"acme","password":"a-long-word-for-tests-41","roles":[{"role":"customerAdmin","node":"acme"}]}""");
        var officer = await PostAsync(gateway, "tokens", $$"""{"name":"officer","node":"acme","permissions":[{{permissions}}]}""");
        using var client = gateway.ClientOf(officer.GetProperty("secret").GetString());
        using var content = new StringContent("""{"address":"jane@acme.example","tenant":"acme","apply":true,"account":true,"reason":"her letter"}""", System.Text.Encoding.UTF8, "application/json");
        using var refused = await client.PostAsync(new Uri("api/v1/privacy:erase", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.DoesNotContain(await gateway.AuditAsync(), e => e.Action == "privacy.erase");
    }

    private static List<string> Places(JsonElement answer) =>
        [.. answer.GetProperty("places").EnumerateArray().Select(p => $"{p.GetProperty("kind").GetString()} {(p.TryGetProperty("name", out var name) ? name.GetString() : "")} {p.GetProperty("onErase").GetString()}")];

    private static async Task<JsonElement> PostAsync(RunningGateway gateway, string path, string body)
    {
        var (status, answer) = await gateway.CallAsync(HttpMethod.Post, $"api/v1/{path}", body);
        Assert.True((int)status < 300, $"{path}: {(int)status} {answer}");
        return JsonDocument.Parse(answer).RootElement;
    }
}
