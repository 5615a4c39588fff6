using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Refusals;
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

        // What others do, nobody is to count from the entries of one tenant.
        Assert.All((await TextAsync(zip, "audit.jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.Contains("\"number\":0,", l, StringComparison.Ordinal));
        Assert.Contains("Subject: secret", await TextAsync(zip, $"quarantine/{infected}.eml"), StringComparison.Ordinal);
        var mail = JsonDocument.Parse(await TextAsync(zip, "manifest.json")).RootElement.GetProperty("quarantine");
        Assert.Equal((true, 1), (mail.GetProperty("isIncluded").GetBoolean(), mail.GetProperty("messages").GetInt32()));
        var kept = (await gateway.GetAsync("api/v1/deleted-tenants")).GetProperty("items")[0].GetProperty("quarantine");
        Assert.Equal(mail.GetProperty("bytes").GetInt64(), kept.GetProperty("bytes").GetInt64());

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

    [Fact]
    public async Task Mail_is_exported_to_those_who_may_read_it_and_otherwise_it_is_said_that_it_is_not()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var infected = RunningGateway.Reference(await gateway.SendAsync($"Subject: secret\n\n{Encoding.ASCII.GetString(FakeClamd.Eicar)}\n", "jane@acme.example"));
        await gateway.WaitForStateAsync(infected, "quarantined");
        var officer = (await CallAsync(gateway, HttpMethod.Post, "api/v1/tokens", """{"name":"officer","node":"acme","permissions":["privacyManage","tenantsRead"]}""")).GetProperty("secret").GetString();
        using var blind = gateway.ClientOf(officer);
        foreach (var (client, path, why) in ((HttpClient, string, string?)[])
            [(gateway.Api, "api/v1/tenants/acme/export", null), (gateway.Api, "api/v1/tenants/acme/export?content=false", "content=false"), (blind, "api/v1/tenants/acme/export", "contentRead")])
        {
            using var zip = new ZipArchive(await client.GetStreamAsync(new Uri(path, UriKind.Relative), Cancelled));
            var mail = JsonDocument.Parse(await TextAsync(zip, "manifest.json")).RootElement.GetProperty("quarantine");
            Assert.Equal((path, why is null, 1), (path, mail.GetProperty("isIncluded").GetBoolean(), mail.GetProperty("messages").GetInt32()));
            Assert.Equal(why is null, zip.GetEntry($"quarantine/{infected}.eml") is not null);
            Assert.Contains(why ?? "", mail.TryGetProperty("leftOutBecause", out var said) ? said.GetString() ?? "" : "", StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Patch, "api/v1/tenants/acme", """{"service":{"reasonRequired":true}}""")).Status);
        var (status, body) = await gateway.CallAsync(HttpMethod.Get, "api/v1/tenants/acme/export");
        Assert.Equal((HttpStatusCode.BadRequest, "reason"), (status, JsonDocument.Parse(body).RootElement.GetProperty("errors")[0].GetProperty("field").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Get, "api/v1/tenants/acme/export?reason=moving")).Status);
        Assert.Contains(await gateway.AuditAsync(), e => e is { Action: "tenant.export", Reason: "moving" } && e.Detail.Contains("the content of 1 quarantined", StringComparison.Ordinal));
        Assert.Contains("1 messages of its quarantine", (await gateway.CallAsync(HttpMethod.Delete, "api/v1/tenants/acme?reason=moving")).Body, StringComparison.Ordinal);
    }

    private static async Task<string> TextAsync(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(await zip.GetEntry(name)!.OpenAsync(Cancelled));
        return await reader.ReadToEndAsync(Cancelled);
    }

    /// <summary>
    /// A customer with one of everything that is kept by tenant besides mail, deleted; then the data folder is read for words that only he has.
    /// What is kept of mail is compressed, so that words are not found in it: the first test asks the stores.
    /// </summary>
    [Fact]
    public async Task After_the_export_is_erased_nothing_in_the_data_folder_tells_of_a_deleted_customer()
    {
        await using var gateway = await RunningGateway.StartAsync(("Webhooks:AllowPrivate", "true"));
        await CallAsync(gateway, HttpMethod.Post, "api/v1/tenants", $$"""
            {"name":"zwolle","domains":[{"name":"zwolle-mail.example","nextHops":["127.0.0.1:{{gateway.Sink.Port}}"],"recipients":["*"]}]}
            """);
        await CallAsync(gateway, HttpMethod.Post, "api/v1/users", """{"name":"petra.zw","node":"zwolle","email":"petra@zwolle-mail.example","password":"a-long-word-for-tests-41","roles":[{"role":"customerAdmin","node":"zwolle"}]}""");
        await CallAsync(gateway, HttpMethod.Post, "api/v1/tokens", """{"name":"zwolle-tool","node":"zwolle","permissions":["tenantsRead"]}""");
        await CallAsync(gateway, HttpMethod.Post, "api/v1/webhooks", """{"name":"zwolle-hook","tenant":"zwolle","url":"http://127.0.0.1:1/zwolle","events":["*"]}""");
        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Put, "api/v1/hash-lists/zwolle_files?tenant=zwolle", new string('a', 64), "text/plain")).Status);
        var recipients = await gateway.CallAsync(
            HttpMethod.Post,
            "api/v1/domains/zwolle-mail.example/recipients",
            $$"""{"add":["petra",{{string.Join(',', Enumerable.Range(0, 60).Select(i => $"\"petra.{i}\""))}}]}""");
        Assert.Equal(HttpStatusCode.OK, recipients.Status);
        gateway.Service<RefusalLog>().Note(new RefusedAttempt("zwolle", TimeProvider.System.GetUtcNow(), "198.51.100.7", "me@sender.example", "petra@zwolle-mail.example", RefusalReason.Suspended, "451 4.3.2 later", "AAAA-0001"));
        using var answer = await gateway.Api.DeleteAsync(new Uri("api/v1/tenants/zwolle?confirm=zwolle", UriKind.Relative), Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancelled));
        using (var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync(Cancelled)))
        {
            foreach (var (entry, word) in ((string, string)[])[("access.jsonl", "petra.zw"), ("access.jsonl", "zwolle-tool"), ("webhooks.jsonl", "zwolle-hook"), ("hash-lists.jsonl", "zwolle_files"), ("refusals.jsonl", "petra@zwolle-mail.example")])
            {
                using var reader = new StreamReader(await zip.GetEntry(entry)!.OpenAsync(Cancelled));
                Assert.Contains(word, await reader.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
            }
        }

        // Everything is found where it was kept, or the search would not be worth much.
        Assert.Contains(await TellsAsync(gateway.DataPath), f => f.Contains("zwolle-mail", StringComparison.Ordinal) && f.Contains("settings/", StringComparison.Ordinal));
        var kept = answer.Content.Headers.ContentLocation!.OriginalString[..^"/export".Length].TrimStart('/');
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.CallAsync(HttpMethod.Delete, kept)).Status);
        var found = await TellsAsync(gateway.DataPath);
        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    /// <summary>What the README of the room Privacy allows, and says why.</summary>
    private static bool MayStay(string path, string word) =>
        word == "zwolle" && path.StartsWith("settings/", StringComparison.Ordinal);

    /// <summary>By grep, which asks for no locks: the gateway is still running. Audit log and segments of the spool stay, as that README says.</summary>
    private static async Task<List<string>> TellsAsync(string folder)
    {
        // The name of a tenant may stay where a longer word would not.
        string[] words = ["zwolle", "petra", "zwolle-mail", "zwolle-tool", "zwolle-hook", "zwolle_files"];
        List<string> found = [];
        foreach (var word in words)
        {
            using var grep = Process.Start(new ProcessStartInfo("grep", ["-r", "-l", "-a", "-i", "-D", "skip", "--exclude-dir=spool", "--exclude-dir=audit", "-F", word, "."])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                Environment = { ["LC_ALL"] = "C" },
            })!;
            var lines = (await grep.StandardOutput.ReadToEndAsync(Cancelled)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await grep.WaitForExitAsync(Cancelled);
            found.AddRange(lines.Where(l => !MayStay(l.TrimStart('.', '/'), word)).Select(l => $"{word}: {l}"));
        }

        return found;
    }

    [Fact]
    public async Task The_export_can_be_fetched_again_by_those_above_until_its_time_is_over()
    {
        await using var gateway = await RunningGateway.StartAsync(("DeletedTenantDays", "0"));
        await CallAsync(gateway, HttpMethod.Post, "api/v1/tenants", """{"name":"leaver","domains":[{"name":"leaver.example","nextHops":["127.0.0.1:1"]}]}""");
        var stranger = (await CallAsync(gateway, HttpMethod.Post, "api/v1/tokens", """{"name":"stranger","node":"shop","permissions":["privacyManage"]}""")).GetProperty("secret").GetString();

        // The client hangs up as soon as it knows that it was done: the body is never read.
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri("api/v1/tenants/leaver?confirm=leaver", UriKind.Relative));
        using var first = await gateway.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        var place = first.Content.Headers.ContentLocation!;

        var item = (await gateway.GetAsync("api/v1/deleted-tenants")).GetProperty("items")[0];
        Assert.Equal(("leaver", "provider"), (item.GetProperty("name").GetString(), item.GetProperty("parent").GetString()));
        using var again = new ZipArchive(await gateway.Api.GetStreamAsync(place, Cancelled));
        using var reader = new StreamReader(await again.GetEntry("tenant.json")!.OpenAsync(Cancelled));
        Assert.Contains("leaver.example", await reader.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
        using var client = gateway.ClientOf(stranger);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(place, Cancelled)).StatusCode);
        Assert.Contains("\"items\":[]", await client.GetStringAsync(new Uri("api/v1/deleted-tenants", UriKind.Relative), Cancelled), StringComparison.Ordinal);

        // As the hourly housekeeping does.
        await gateway.Service<DeletedTenantOperations>().ExpireAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Api.GetAsync(place, Cancelled)).StatusCode);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(gateway.DataPath, "exports")));
        var entries = await gateway.AuditAsync();
        Assert.Contains(entries, e => e is { Action: "tenant.export", Tenant: "provider", Target: "leaver" });
        Assert.Contains(entries, e => e is { Action: "tenant.erase", Actor: "secuedge", Target: "leaver" });
    }

    [Fact]
    public async Task A_customer_deleted_by_mistake_is_brought_back_while_its_export_is_kept()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await CallAsync(gateway, HttpMethod.Post, "api/v1/tenants", """{"name":"back","domains":[{"name":"back.example","nextHops":["127.0.0.1:1"]}]}""");
        var revision = (await gateway.GetAsync("api/v1/config/revisions?limit=1")).GetProperty("items")[0].GetProperty("number").GetInt32();
        using var answer = await gateway.Api.DeleteAsync(new Uri("api/v1/tenants/back?confirm=back", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Post, $"api/v1/config/revisions/{revision}:rollback?tenant=back")).Status);

        // What is in force is no past to be erased.
        var kept = answer.Content.Headers.ContentLocation!.OriginalString[..^"/export".Length].TrimStart('/');
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.CallAsync(HttpMethod.Delete, kept)).Status);
        Assert.Equal("back.example", (await gateway.GetAsync("api/v1/tenants/back")).GetProperty("domains")[0].GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.OK, (await gateway.CallAsync(HttpMethod.Post, $"api/v1/config/revisions/{revision}:rollback?tenant=back")).Status);
    }

    private static async Task<JsonElement> CallAsync(RunningGateway gateway, HttpMethod method, string path, string json)
    {
        var (status, body) = await gateway.CallAsync(method, path, json);
        Assert.True(status == HttpStatusCode.Created, $"{method} {path}: {(int)status} {body}");
        return JsonDocument.Parse(body).RootElement;
    }
}
