using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Audit, usage and the rights of persons from outside, over a gateway that takes real mail.</summary>
public sealed class LedgerTests(LedgerTests.Fixture fixture) : IClassFixture<LedgerTests.Fixture>
{
    private static readonly string s_month = TimeProvider.System.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private RunningGateway Gateway => fixture.Gateway;

    [Fact]
    public async Task Delivered_mail_is_counted_and_its_mailbox_listed()
    {
        await DeliverAsync("counted@acme.example");
        await DeliverAsync("counted@acme.example");
        JsonElement acme = default;
        await RunningGateway.EventuallyAsync(async () =>
        {
            acme = (await Gateway.GetAsync("api/v1/usage")).GetProperty("items").EnumerateArray().Single(r => r.GetProperty("tenant").GetString() == "acme");
            return acme.GetProperty("inbound").GetProperty("delivered").GetInt64() >= 2 && (await MailboxesAsync()).Contains("counted@acme.example");
        });
        Assert.Equal((s_month, "provider"), (acme.GetProperty("month").GetString(), acme.GetProperty("reseller").GetString()));
        Assert.InRange(acme.GetProperty("mailboxesUsed").GetInt32(), 1, 10);
        Assert.InRange(acme.GetProperty("inbound").GetProperty("delivered").GetInt64(), 2, 100);
        var csv = await Gateway.CallAsync(HttpMethod.Get, $"api/v1/usage?month={s_month}&format=csv");
        Assert.Contains($"{s_month},provider,acme,", csv.Body, StringComparison.Ordinal);
        var day = (await Gateway.GetAsync("api/v1/usage/acme/days")).GetProperty("items").EnumerateArray().First();
        Assert.Equal("inbound", day.GetProperty("direction").GetString());
    }

    [Theory]
    [InlineData("GET", "api/v1/usage?month=2026-13", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/usage?month=soon", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/usage?month=2130-01", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/usage/acme/days?month=2130-01", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/usage?format=xml", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/usage?month=1999-01", null, HttpStatusCode.OK)]
    [InlineData("GET", "api/v1/usage/nobody/mailboxes", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "api/v1/usage/acme/mailboxes?cursor=***", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/usage/acme/mailboxes?limit=201", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/audit?limit=0", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/audit?cursor=nonsense", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/audit?tenant=nobody", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "api/v1/audit:export?tenant=nobody", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "api/v1/audit?action=nonsense", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/audit?action=rule.nonsense", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/audit?action=rule.*", null, HttpStatusCode.OK)]
    [InlineData("GET", "api/v1/audit:export?action=rule", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/v1/messages?tenant=nobody", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "api/v1/events?name=foo.*", null, HttpStatusCode.BadRequest)]
    [InlineData("POST", "api/v1/webhooks", """{"name":"x","url":"https://example.com/","events":["nonsense"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "api/v1/policies/acme:backtest", """{"without":["nobody"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "api/v1/privacy:search", """{"address":"a@b.example","tenant":"nobody"}""", HttpStatusCode.NotFound)]
    [InlineData("POST", "api/v1/privacy:search", """{"address":"no address","tenant":"acme"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "api/v1/privacy:erase", "{}", HttpStatusCode.BadRequest)]
    [InlineData("POST", "api/v1/privacy:erase", """{"address":"a@b.example","tenant":"nobody"}""", HttpStatusCode.NotFound)]
    public async Task Wrong_questions_are_told_apart(string method, string path, string? body, HttpStatusCode expected)
    {
        var (status, answer) = await Gateway.CallAsync(new HttpMethod(method), path, body);
        Assert.True(status == expected, $"{path}: {(int)status} {answer}");
    }

    [Fact]
    public async Task A_person_is_found_exported_and_forgotten()
    {
        var kept = await DeliverAsync("jane@acme.example");
        var quarantined = RunningGateway.Reference(await Gateway.SendAsync($"Subject: secret of jane\n\n{Encoding.ASCII.GetString(FakeClamd.Eicar)}\n", "jane@acme.example"));
        await Gateway.WaitForStateAsync(quarantined, "quarantined");
        const string Who = """{"address":"jane@acme.example","tenant":"acme","reason":"her letter of today"}""";
        await RunningGateway.EventuallyAsync(async () => (await PostAsync("privacy:search", Who)).GetProperty("usageMonths").GetInt32() == 1);
        var found = await PostAsync("privacy:search", Who);
        Assert.Equal((2, 1), (found.GetProperty("messages").GetInt32(), found.GetProperty("quarantined").GetInt32()));

        var export = await PostAsync("privacy:export", Who);
        Assert.Equal(2, export.GetProperty("messages").GetArrayLength());
        Assert.Contains("secret of jane", export.GetProperty("quarantine").GetRawText(), StringComparison.Ordinal);
        Assert.True(export.GetProperty("audit").GetArrayLength() > 0);

        const string Erase = """{"address":"jane@acme.example","tenant":"acme","quarantine":true,"reason":"her letter of today"}""";
        var dry = await PostAsync("privacy:erase", Erase);
        Assert.Equal((false, 2, 1), (dry.GetProperty("applied").GetBoolean(), dry.GetProperty("messages").GetInt32(), dry.GetProperty("quarantined").GetInt32()));
        Assert.Equal("jane@acme.example", await RecipientAsync(kept));

        var erased = await PostAsync("privacy:erase", Erase.Replace("\"quarantine\"", "\"apply\":true,\"quarantine\"", StringComparison.Ordinal));
        Assert.Equal((true, 2, 1, 1), (erased.GetProperty("applied").GetBoolean(), erased.GetProperty("messages").GetInt32(), erased.GetProperty("quarantined").GetInt32(), erased.GetProperty("usageMonths").GetInt32()));
        Assert.EndsWith(".invalid", await RecipientAsync(kept), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Get, $"api/v1/quarantine/{quarantined}")).Status);
        Assert.DoesNotContain("jane@acme.example", await MailboxesAsync());
        var after = await PostAsync("privacy:search", Who);
        Assert.Equal((0, 0, 0), (after.GetProperty("messages").GetInt32(), after.GetProperty("quarantined").GetInt32(), after.GetProperty("usageMonths").GetInt32()));

        var entries = (await Gateway.GetAsync("api/v1/audit?tenant=acme&action=privacy.")).GetProperty("items").EnumerateArray().ToList();
        var erase = Assert.Single(entries, e => e.GetProperty("action").GetString() == "privacy.erase" && e.GetProperty("reason").GetString() == "her letter of today");
        Assert.DoesNotContain("jane", erase.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_kept_for_a_forgotten_person_can_still_be_delivered()
    {
        var kept = RunningGateway.Reference(await Gateway.SendAsync($"Subject: lost\n\n{Encoding.ASCII.GetString(FakeClamd.Eicar)}\n", "late@acme.example"));
        await Gateway.WaitForStateAsync(kept, "quarantined");
        await PostAsync("privacy:erase", """{"address":"late@acme.example","tenant":"acme","apply":true,"reason":"his letter"}""");
        await PostAsync($"quarantine/{kept}:release", "{}");
        await RunningGateway.EventuallyAsync(() => Task.FromResult(Gateway.Sink.Messages.Any(m => m.Recipients.Any(r => r.Contains("late@acme.example", StringComparison.Ordinal)))));
    }

    [Fact]
    public async Task The_audit_log_is_exported_as_lines_that_name_their_predecessors()
    {
        for (var i = 0; i < 3; i++)
        {
            await PostAsync("privacy:search", """{"address":"x@acme.example","tenant":"acme"}""");
        }

        var (status, body) = await Gateway.CallAsync(HttpMethod.Get, "api/v1/audit:export");
        Assert.Equal(HttpStatusCode.OK, status);
        var entries = body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.InRange(entries.Count, 4, 1000);
        for (var i = 1; i < entries.Count; i++)
        {
            Assert.Equal(entries[i - 1].GetProperty("hash").GetString(), entries[i].GetProperty("previousHash").GetString());
        }
    }

    private async Task<string> DeliverAsync(string to)
    {
        var reference = RunningGateway.Reference(await Gateway.SendAsync("From: me@sender.example\nSubject: hello\n\nHello.\n", to));
        await Gateway.WaitForStateAsync(reference, "delivered");
        return reference;
    }

    private async Task<string?> RecipientAsync(string reference) =>
        (await Gateway.GetAsync($"api/v1/messages/{reference}")).GetProperty("message").GetProperty("recipients")[0].GetString();

    private async Task<List<string?>> MailboxesAsync() =>
        [.. (await Gateway.GetAsync("api/v1/usage/acme/mailboxes?limit=200")).GetProperty("items").EnumerateArray().Select(m => m.GetProperty("address").GetString())];

    private async Task<JsonElement> PostAsync(string path, string json)
    {
        var (status, body) = await Gateway.CallAsync(HttpMethod.Post, $"api/v1/{path}", json);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {(int)status} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public RunningGateway Gateway { get; private set; } = null!; // made before the first test

        public async ValueTask InitializeAsync() => Gateway = await RunningGateway.StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
