using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>A reseller's day from outside: API and SMTP of a running gateway.</summary>
public sealed class TenantTests(TenantTests.Fixture fixture) : IClassFixture<TenantTests.Fixture>
{
    private const string Clean = "From: Me <me@sender.example>\nSubject: Hello\n\nHello.\n";

    private RunningGateway Gateway => fixture.Gateway;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trial_takes_mail_a_moment_after_one_call_and_stops_when_it_is_suspended()
    {
        await CreateAsync("""{"name":"trialist","kind":"reseller"}""");
        Assert.Equal(554, (await Gateway.SendAsync(Clean, "info@trial.example")).Code);
        var started = await CallAsync(HttpMethod.Post, "api/v1/tenants:trial", $$"""
            {"name":"trial","parent":"trialist","domain":"trial.example","nextHops":["127.0.0.1:{{Gateway.Sink.Port}}"],"recipients":["info"],"days":14,"profile":"strict"}
            """, HttpStatusCode.Created);
        Assert.Equal("mx.test.example", started.GetProperty("mxName").GetString());
        Assert.Equal(26, started.GetProperty("smarthost").GetProperty("port").GetInt32());
        Assert.StartsWith("secuedge-verification=", started.GetProperty("verification").GetProperty("value").GetString(), StringComparison.Ordinal);

        var reply = await Gateway.SendAsync(Clean, "info@trial.example");
        Assert.Equal(250, reply.Code);
        await Gateway.WaitForStateAsync(RunningGateway.Reference(reply), "delivered");
        Assert.Equal((550, "5.1.1"), Codes(await Gateway.SendAsync(Clean, "nobody@trial.example")));

        await CallAsync(HttpMethod.Post, "api/v1/tenants/trialist:suspend", null, HttpStatusCode.OK);
        Assert.Equal((451, "4.3.2"), Codes(await Gateway.SendAsync(Clean, "info@trial.example")));
        await CallAsync(HttpMethod.Post, "api/v1/tenants/trialist:resume", null, HttpStatusCode.OK);
        Assert.Equal(250, (await Gateway.SendAsync(Clean, "info@trial.example")).Code);

        var listed = (await Gateway.GetAsync("api/v1/tenants?parent=trialist")).GetProperty("items").EnumerateArray().Single();
        Assert.Equal("trial", listed.GetProperty("name").GetString());
        var profile = (await Gateway.GetAsync("api/v1/tenants/trial/settings")).GetProperty("items").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "policy.profile");
        Assert.Equal(("strict", "trial"), (profile.GetProperty("value").GetString(), profile.GetProperty("from").GetString()));
    }

    [Fact]
    public async Task What_is_read_can_be_sent_back_and_a_stale_copy_is_refused()
    {
        await CreateAsync("""{"name":"stale"}""");
        using var read = await Gateway.Api.GetAsync(new Uri("api/v1/tenants/stale", UriKind.Relative), Cancelled);
        var tag = read.Headers.ETag!.Tag;
        var body = await read.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal(HttpStatusCode.OK, await PutAsync("api/v1/tenants/stale", body, tag));
        Assert.Equal(HttpStatusCode.OK, await PutAsync("api/v1/tenants/stale", body.Replace("\"displayName\": \"\"", "\"displayName\": \"Stale\"", StringComparison.Ordinal), tag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PutAsync("api/v1/tenants/stale", body, tag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PutAsync("api/v1/tenants/stale", body, "\"of-another\""));
        Assert.Equal(HttpStatusCode.OK, await PutAsync("api/v1/tenants/stale", body, "*"));
    }

    [Fact]
    public async Task A_change_is_in_the_history_and_can_be_rolled_back()
    {
        await CreateAsync("""{"name":"history"}""");
        var before = (await Gateway.GetAsync("api/v1/config/revisions?tenant=history")).GetProperty("items")[0];
        Assert.Equal("setup", before.GetProperty("author").GetString());
        await CallAsync(HttpMethod.Patch, "api/v1/tenants/history", """{"policy":{"tagScore":3.5}}""", HttpStatusCode.OK);
        var latest = (await Gateway.GetAsync("api/v1/config/revisions?tenant=history&limit=1")).GetProperty("items")[0];
        var detail = await Gateway.GetAsync($"api/v1/config/revisions/{latest.GetProperty("number")}");
        Assert.Contains(detail.GetProperty("changes").EnumerateArray(), c => c.GetString()!.Contains("tagScore", StringComparison.Ordinal));

        var rolled = await CallAsync(HttpMethod.Post, $"api/v1/config/revisions/{before.GetProperty("number")}:rollback?tenant=history", null, HttpStatusCode.OK);
        Assert.True(rolled.GetProperty("applied").GetBoolean());
        var score = (await Gateway.GetAsync("api/v1/tenants/history/settings")).GetProperty("items").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "policy.tagScore");
        Assert.Equal(("default", 5), (score.GetProperty("from").GetString(), score.GetProperty("value").GetDouble()));
    }

    [Fact]
    public async Task Going_back_in_time_deletes_nobody()
    {
        var first = (await Gateway.GetAsync("api/v1/config/revisions?limit=200")).GetProperty("items").EnumerateArray().Last().GetProperty("number");
        await CreateAsync("""{"name":"latecomer"}""");
        var refused = await CallAsync(HttpMethod.Post, $"api/v1/config/revisions/{first}:rollback?tenant=latecomer", null, HttpStatusCode.Conflict);
        Assert.Contains("DELETE /api/v1/tenants/latecomer", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var plan = await CallAsync(HttpMethod.Post, $"api/v1/config/revisions/{first}:rollback?plan=true", null, HttpStatusCode.OK);
        Assert.DoesNotContain(plan.GetProperty("changes").EnumerateArray(), c => c.GetString()!.StartsWith("- tenants[latecomer]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_deletes_as_many_tenants_as_its_sender_knows_of()
    {
        await CreateAsync("""{"name":"pruned","kind":"reseller"}""");
        await CreateAsync("""{"name":"pruned-a","parent":"pruned"}""");
        const string File = """{"tenants":[{"name":"pruned-b","parent":"pruned"}]}""";
        var refused = await CallAsync(HttpMethod.Post, "api/v1/config:apply?tenant=pruned", File, HttpStatusCode.Conflict);
        Assert.Contains("leaves out pruned-a, which would be deleted with all mail; add part=true to keep them, or confirm=1", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await CallAsync(HttpMethod.Post, "api/v1/config:apply?tenant=pruned&confirm=1", File, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Get, "api/v1/tenants/pruned-a")).Status);
    }

    [Fact]
    public async Task A_part_of_the_tree_is_planned_and_applied_as_a_file()
    {
        await CreateAsync("""{"name":"filed","kind":"reseller"}""");
        const string File = """{"tenants":[{"name":"filed-a","parent":"filed"},{"name":"filed-b","parent":"filed"}]}""";
        var plan = await CallAsync(HttpMethod.Post, "api/v1/config:plan?tenant=filed", File, HttpStatusCode.OK);
        Assert.Equal(2, plan.GetProperty("changes").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Get, "api/v1/tenants/filed-a")).Status);
        var applied = await CallAsync(HttpMethod.Post, "api/v1/config:apply?tenant=filed&comment=two", File, HttpStatusCode.OK);
        var revision = await Gateway.GetAsync($"api/v1/config/revisions/{applied.GetProperty("revision")}");
        Assert.Equal("two", revision.GetProperty("revision").GetProperty("comment").GetString());
        Assert.Equal(2, revision.GetProperty("revision").GetProperty("documents").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Get, "api/v1/tenants/acme")).Status);
    }

    [Fact]
    public async Task A_revision_shows_its_change_as_data_and_the_audit_log_names_it()
    {
        await CreateAsync("""{"name":"shown","policy":{"archivePasswords":["geheim-1"]}}""");
        await CallAsync(HttpMethod.Patch, "api/v1/tenants/shown", """{"service":{"contacts":["boss@shown.example"]},"policy":{"archivePasswords":["geheim-2"]}}""", HttpStatusCode.OK);
        await CallAsync(HttpMethod.Put, "api/v1/tenants/shown/rules/six", """{"name":"six","when":{"type":"size","atLeast":10},"then":[{"type":"deliver"}]}""", HttpStatusCode.OK);
        var revisions = (await Gateway.GetAsync("api/v1/config/revisions?tenant=shown")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["rule six set", "tenant shown changed", "tenant shown made"], revisions.Select(r => r.GetProperty("comment").GetString()));

        var numbers = revisions.Select(r => r.GetProperty("number").GetInt32()).ToList();
        var patch = await Gateway.GetAsync($"api/v1/config/revisions/{numbers[1]}");
        var contacts = patch.GetProperty("differences").EnumerateArray().Single(d => d.GetProperty("path").GetString() == "tenants[shown].service.contacts");
        Assert.Equal(("added", "boss@shown.example"), (contacts.GetProperty("kind").GetString(), contacts.GetProperty("after")[0].GetString()));
        Assert.Contains("tenants[shown].policy.archivePasswords", patch.GetRawText(), StringComparison.Ordinal);

        var plan = await CallAsync(HttpMethod.Post, $"api/v1/config/revisions/{numbers[1]}:rollback?tenant=shown&plan=true", "{}", HttpStatusCode.OK);
        var removed = Assert.Single(plan.GetProperty("differences").EnumerateArray());
        Assert.Equal(("tenants[shown].rules[six]", "size"), (removed.GetProperty("path").GetString(), removed.GetProperty("before").GetProperty("when").GetProperty("type").GetString()));

        var told = (await Gateway.GetAsync("api/v1/audit?tenant=shown")).GetProperty("items").EnumerateArray().Select(e => e.GetProperty("detail").GetString()!).ToList();
        Assert.All(numbers, n => Assert.Contains(told, t => t.StartsWith($"Revision {n}: ", StringComparison.Ordinal)));
        Assert.DoesNotContain("geheim", patch.GetRawText() + string.Concat(told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_is_deleted_only_by_name_and_leaves_its_export()
    {
        await CreateAsync("""{"name":"leaving","domains":[{"name":"leaving.example","nextHops":["127.0.0.1:1"]}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.CallAsync(HttpMethod.Delete, "api/v1/tenants/leaving")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.CallAsync(HttpMethod.Delete, "api/v1/tenants/leaving?confirm=acme")).Status);
        using var answer = await Gateway.Api.DeleteAsync(new Uri("api/v1/tenants/leaving?confirm=leaving", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync(Cancelled));
        using var entry = new StreamReader(await zip.GetEntry("tenant.json")!.OpenAsync(Cancelled));
        Assert.Contains("leaving.example", await entry.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Get, "api/v1/tenants/leaving")).Status);
        Assert.Equal(554, (await Gateway.SendAsync(Clean, "x@leaving.example")).Code);
    }

    [Fact]
    public async Task Recipients_are_kept_by_a_directory_tool()
    {
        await CreateAsync("""{"name":"directory","domains":[{"name":"directory.example","nextHops":["127.0.0.1:1"],"recipients":["a"]}]}""");
        var changed = await CallAsync(HttpMethod.Post, "api/v1/domains/directory.example/recipients", """{"add":["b","c@other.example"],"remove":["a"]}""", HttpStatusCode.OK);
        Assert.Equal(["added", "invalid", "removed"], changed.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("result").GetString()));
        Assert.Equal(["b@directory.example"], (await Gateway.GetAsync("api/v1/domains/directory.example/recipients")).GetProperty("items").EnumerateArray().Select(r => r.GetString()));
        await CallAsync(HttpMethod.Put, "api/v1/domains/directory.example/recipients", """{"recipients":["x","y"]}""", HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.CallAsync(HttpMethod.Delete, "api/v1/domains/directory.example/recipients/x")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Delete, "api/v1/domains/directory.example/recipients/x")).Status);
        Assert.Equal(1, (await Gateway.GetAsync("api/v1/domains/directory.example")).GetProperty("recipients").GetInt32());
    }

    [Fact]
    public async Task A_list_that_protects_nothing_says_so()
    {
        await CreateAsync("""{"name":"open","domains":[{"name":"open.example","nextHops":["127.0.0.1:1"],"recipients":["*","eva","EVA@open.example"]}]}""");
        var changed = await CallAsync(HttpMethod.Post, "api/v1/domains/open.example/recipients", """{"add":["tom"]}""", HttpStatusCode.OK);
        Assert.Contains("every address is accepted", changed.GetProperty("warning").GetString(), StringComparison.Ordinal);
        changed = await CallAsync(HttpMethod.Post, "api/v1/domains/open.example/recipients", """{"remove":["*"]}""", HttpStatusCode.OK);
        Assert.False(changed.TryGetProperty("warning", out _));
        Assert.Equal(550, (await Gateway.SendAsync(Clean, "x@open.example")).Code);
    }

    [Theory]
    [InlineData("POST", "api/v1/tenants", """{"name":"acme\n"}""")]
    [InlineData("POST", "api/v1/tenants", "[]")]
    [InlineData("POST", "api/v1/tenants", """{"name":null}""")]
    [InlineData("POST", "api/v1/tenants", """{"name":"x","domains":[null]}""")]
    [InlineData("POST", "api/v1/tenants", """{"name":"x","rules":null}""")]
    [InlineData("PUT", "api/v1/tenants/x", "")]
    [InlineData("PATCH", "api/v1/tenants/acme", """{"a":1,"a":2}""")]
    [InlineData("PATCH", "api/v1/tenants/acme", "7")]
    [InlineData("PATCH", "api/v1/tenants/acme", """{"domains":{}}""")]
    [InlineData("POST", "api/v1/tenants:trial", """{"domain":"x.example"}""")]
    [InlineData("POST", "api/v1/tenants:trial", """{"domain":"x.example","nextHops":[null]}""")]
    [InlineData("POST", "api/v1/tenants:trial", """{"domain":"x.example","nextHops":["h:25"],"days":0}""")]
    [InlineData("POST", "api/v1/tenants:trial", """{"domain":"x.example","nextHops":["h:25"],"contacts":[null]}""")]
    [InlineData("POST", "api/v1/tenants:trial", """{"domain":null,"nextHops":null}""")]
    [InlineData("POST", "api/v1/domains", """{"tenant":"acme","name":"x","nextHops":[]}""")]
    [InlineData("POST", "api/v1/domains", """{"tenant":null,"name":null,"nextHops":null}""")]
    [InlineData("POST", "api/v1/domains", """{"tenant":"acme","name":"x.example","nextHops":["h:25"],"recipients":[null]}""")]
    [InlineData("PUT", "api/v1/domains/acme.example", """{"nextHops":["h:25"],"mailboxes":[null]}""")]
    [InlineData("PUT", "api/v1/domains/acme.example", """{"nextHops":["h:25"],"mailboxes":[{"address":null}]}""")]
    [InlineData("PUT", "api/v1/domains/acme.example", """{"nextHops":["h:25"],"policy":{"archivePasswords":[null]}}""")]
    [InlineData("PUT", "api/v1/domains/acme.example", """{"nextHops":["h:25"],"mailboxes":[{"address":"a","policy":null}]}""")]
    [InlineData("POST", "api/v1/domains/acme.example/recipients", """{"add":[null]}""")]
    [InlineData("PUT", "api/v1/domains/acme.example/recipients", """{"recipients":null}""")]
    [InlineData("POST", "api/v1/config:apply", """{"tenants":[{"name":"a"},{"name":"a"}]}""")]
    [InlineData("POST", "api/v1/config:apply", "{")]
    [InlineData("POST", "api/v1/config/revisions/x:rollback", "")]
    [InlineData("GET", "api/v1/config/revisions?cursor=x", null)]
    [InlineData("GET", "api/v1/tenants?limit=0", null)]
    [InlineData("GET", "api/v1/tenants/acme/settings?mailbox=x", null)]
    public async Task Bad_input_is_answered_400(string method, string path, string? json)
    {
        var (status, body) = await Gateway.CallAsync(new HttpMethod(method), path, json);
        Assert.True(status == HttpStatusCode.BadRequest, $"{(int)status} {body}");
        Assert.NotEqual("", JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString());
    }

    private static (int Code, string Enhanced) Codes(Smtp.SmtpReply reply) => (reply.Code, reply.EnhancedCode ?? "");

    private Task<JsonElement> CreateAsync(string tenant) => CallAsync(HttpMethod.Post, "api/v1/tenants", tenant, HttpStatusCode.Created);

    private async Task<JsonElement> CallAsync(HttpMethod method, string path, string? json, HttpStatusCode expected)
    {
        var (status, body) = await Gateway.CallAsync(method, path, json);
        Assert.True(status == expected, $"{method} {path}: {(int)status} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    private async Task<HttpStatusCode> PutAsync(string path, string json, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(path, UriKind.Relative)) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var answer = await Gateway.Api.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public RunningGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await RunningGateway.StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
