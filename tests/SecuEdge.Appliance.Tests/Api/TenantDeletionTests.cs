using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.Store.Accounts;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Usage;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>The end of a customer whose mail went through a running gateway.</summary>
public sealed class TenantDeletionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_kept_of_a_tenant_is_in_its_export_and_nowhere_else_afterwards()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await CallAsync(gateway, HttpMethod.Post, "api/v1/tenants", $$"""
            {"name":"leaver","domains":[{"name":"leaver.example","nextHops":["127.0.0.1:{{gateway.Sink.Port}}"],"recipients":["*"]}]}
            """);
        await CallAsync(gateway, HttpMethod.Post, "api/v1/users", """{"name":"leavers.boss","node":"leaver","password":"a-long-word-for-tests-41","roles":[{"role":"customerAdmin","node":"leaver"}]}""");
        var secret = (await CallAsync(gateway, HttpMethod.Post, "api/v1/tokens", """{"name":"leavers","node":"leaver","permissions":["tenantsRead"]}""")).GetProperty("secret").GetString();
        var delivered = RunningGateway.Reference(await gateway.SendAsync("From: me@sender.example\nSubject: hello\n\nHello.\n", "jane@leaver.example"));
        var infected = RunningGateway.Reference(await gateway.SendAsync($"Subject: secret\n\n{Encoding.ASCII.GetString(FakeClamd.Eicar)}\n", "jane@leaver.example"));
        await gateway.WaitForStateAsync(delivered, "delivered");
        await gateway.WaitForStateAsync(infected, "quarantined");
        await gateway.Service<IMessageLog>().FlushAsync(Cancelled);

        using var answer = await gateway.Api.DeleteAsync(new Uri("api/v1/tenants/leaver?confirm=leaver", UriKind.Relative), Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancelled));
        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync(Cancelled));
        foreach (var (entry, words) in ((string, string[])[])
            [("tenant.json", ["leaver.example"]), ("messages.jsonl", [delivered, infected]), ("quarantine.jsonl", [infected]), ("facts.jsonl", [delivered, infected]), ("usage.jsonl", ["jane@leaver.example"]), ("audit.jsonl", ["leavers.boss"])])
        {
            using var reader = new StreamReader(await zip.GetEntry(entry)!.OpenAsync(Cancelled));
            var text = await reader.ReadToEndAsync(Cancelled);
            Assert.All(words, w => Assert.True(text.Contains(w, StringComparison.Ordinal), $"{entry} lacks {w}: {text}"));
        }

        foreach (var path in (string[])["tenants/leaver", $"messages/{delivered}", $"messages/{infected}", $"quarantine/{infected}"])
        {
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await gateway.CallAsync(HttpMethod.Get, $"api/v1/{path}")).Status));
        }

        Assert.Empty(await gateway.Service<IFactsLog>().ReadAsync(new HashSet<string> { "leaver" }, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Cancelled).ToListAsync(Cancelled));
        Assert.Empty(await gateway.Service<IUsageLog>().FindMailboxAsync("leaver", "jane@leaver.example", Cancelled));
        Assert.Equal(554, (await gateway.SendAsync("Subject: late\n\nLate.\n", "jane@leaver.example")).Code);

        // Its users and tokens go by themselves, a moment after the node.
        var accounts = gateway.Service<AccountStore>();
        await RunningGateway.EventuallyAsync(() => Task.FromResult(accounts.Accounts.All(a => a.Node != "leaver") && accounts.Tokens.All(t => t.Node != "leaver")));
        using var former = gateway.ClientOf(secret);
        using var refused = await former.GetAsync(new Uri("api/v1/tenants", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        var entries = await gateway.AuditAsync();
        var deletion = Assert.Single(entries, e => e.Action == "tenant.delete");
        Assert.Equal(("provider", "leaver", true), (deletion.Tenant, deletion.Target, deletion.Succeeded));
        Assert.Contains(entries, e => e is { Action: "access.forget", Target: "leavers.boss" });
    }

    private static async Task<JsonElement> CallAsync(RunningGateway gateway, HttpMethod method, string path, string json)
    {
        var (status, body) = await gateway.CallAsync(method, path, json);
        Assert.True(status == HttpStatusCode.Created, $"{method} {path}: {(int)status} {body}");
        return JsonDocument.Parse(body).RootElement;
    }
}
