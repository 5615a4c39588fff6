using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.Smtp;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Outbreak hold, engine changes, retro-verdicts and the breaker of a whole gateway, seen from outside.</summary>
public sealed class HoldTests : IAsyncLifetime
{
    private RunningGateway Gateway { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Gateway = await RunningGateway.StartAsync(("ClamAv:StatusInterval", "00:00:01"), ("Breaker:MinConvictions", "20"));
        await ChangeSiteAsync("""{"outbreakHold":{"inbound":"01:00:00"}}""");
    }

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();

    [Fact]
    public async Task New_active_content_is_held_shown_and_released_by_a_person()
    {
        var reference = await SendHeldAsync(MacroMail.NewFile());
        var item = Assert.Single((await Gateway.GetAsync("api/v1/queue?state=held")).GetProperty("items").EnumerateArray());
        Assert.Equal(reference, item.GetProperty("message").GetProperty("reference").GetString());
        Assert.True(item.TryGetProperty("heldUntil", out _));
        Assert.Empty((await Gateway.GetAsync("api/v1/queue?state=waiting")).GetProperty("items").EnumerateArray());
        var timeline = (await Gateway.GetAsync($"api/v1/messages/{reference}")).GetProperty("timeline").EnumerateArray().ToList();
        Assert.Matches(@"^Held until \d{4}-\d\d-\d\d \d\d:\d\d UTC: An attachment has active content never seen here before\. \(.*invoice\.docm.*\)$", timeline[^1].GetProperty("text").GetString());
        Assert.Contains("secuedge_hold_messages 1", await MetricsAsync(), StringComparison.Ordinal);
        Assert.Equal(1, (await Gateway.GetAsync("api/v1/system/status")).GetProperty("queue").GetProperty("held").GetInt32());

        Assert.Equal(HttpStatusCode.Conflict, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/queue/{reference}:retry")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/messages/{reference}:release")).Status);
        await Gateway.WaitForStateAsync(reference, "delivered");
        var released = (await Gateway.GetAsync($"api/v1/messages/{reference}")).GetProperty("timeline").EnumerateArray().Single(e => e.GetProperty("kind").GetString() == "released");
        Assert.Equal("setup", released.GetProperty("actor").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/messages/{reference}:release")).Status);
        Assert.Contains("secuedge_hold_outcomes_total{outcome=\"released-by-person\"} 1", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_puts_held_mail_into_quarantine_or_drops_it()
    {
        var first = await SendHeldAsync(MacroMail.NewFile());
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/messages/{first}:quarantine")).Status);
        await Gateway.WaitForStateAsync(first, "quarantined");
        var second = await SendHeldAsync(MacroMail.NewFile());
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.CallAsync(HttpMethod.Delete, $"api/v1/queue/{second}?reason=test")).Status);
        await Gateway.WaitForStateAsync(second, "dropped");
    }

    [Fact]
    public async Task The_time_passes_and_it_is_delivered_and_the_same_file_is_known_then()
    {
        await ChangeSiteAsync("""{"outbreakHold":{"inbound":"00:00:01"}}""");
        var file = MacroMail.NewFile();
        var reference = RunningGateway.Reference(await Gateway.SendAsync(MacroMail.Create(file)));
        await Gateway.WaitForStateAsync(reference, "delivered");
        var kinds = (await Gateway.GetAsync($"api/v1/messages/{reference}")).GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString());
        Assert.Equal(["received", "judged", "accepted", "held", "released", "delivered"], kinds);
        var text = Encoding.Latin1.GetString(Gateway.Sink.Messages.Single(m => Encoding.Latin1.GetString(m.Bytes).Contains(reference, StringComparison.Ordinal)).Bytes);
        Assert.Contains("X-SecuEdge-Verdict: deliver", text, StringComparison.Ordinal);

        var second = RunningGateway.Reference(await Gateway.SendAsync(MacroMail.Create(file)));
        await Gateway.WaitForStateAsync(second, "delivered");
        kinds = (await Gateway.GetAsync($"api/v1/messages/{second}")).GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString());
        Assert.Equal(["received", "judged", "accepted", "delivered"], kinds);
    }

    [Fact]
    public async Task Outbound_mail_is_not_held_by_default()
    {
        var reference = RunningGateway.Reference(await Gateway.SendAsync(MacroMail.Create(MacroMail.NewFile()), "out@elsewhere.example", "boss@acme.example", isOutbound: true));
        await Gateway.WaitForStateAsync(reference, "delivered");
    }

    [Fact]
    public async Task New_signatures_convict_what_is_held_and_tell_who_got_the_file_before()
    {
        var file = MacroMail.NewFile();
        var early = await SendHeldAsync(file, "early@acme.example");
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/messages/{early}:release")).Status);
        await Gateway.WaitForStateAsync(early, "delivered");
        var held = await SendHeldAsync(file);
        var other = await SendHeldAsync(MacroMail.NewFile());
        Convict(file, "Doc.Dropper.New");
        Gateway.Clamd.Version = "ClamAV 1.4.3/27501/Tue Nov 18 10:00:00 2025";

        await Gateway.WaitForStateAsync(held, "quarantined");
        var detail = await Gateway.GetAsync($"api/v1/messages/{held}");
        Assert.Equal("CLAMAV_INFECTED", detail.GetProperty("message").GetProperty("decidedBy").GetString());
        Assert.Contains("Doc.Dropper.New", detail.GetProperty("engines")[0].GetProperty("convictions")[0].GetProperty("signature").GetString(), StringComparison.Ordinal);
        await RunningGateway.EventuallyAsync(async () => (await Gateway.GetAsync($"api/v1/messages/{other}")).GetProperty("timeline").EnumerateArray().Any(e => e.GetProperty("kind").GetString() == "reviewed"));
        Assert.Equal("held", (await Gateway.GetAsync($"api/v1/messages/{other}")).GetProperty("message").GetProperty("state").GetString());

        var engine = (await Gateway.GetAsync("api/v1/engines")).GetProperty("items")[0];
        var change = engine.GetProperty("changes")[0];
        Assert.Contains("27500", change.GetProperty("from").GetString(), StringComparison.Ordinal);
        Assert.Contains("27501", change.GetProperty("to").GetString(), StringComparison.Ordinal);
        Assert.Contains("secuedge_engine_changes_total{engine=\"clamav\"} 1", await MetricsAsync(), StringComparison.Ordinal);

        await RunningGateway.EventuallyAsync(async () => (await Gateway.GetAsync("api/v1/retro-verdicts")).GetProperty("items").GetArrayLength() == 1);
        var verdict = (await Gateway.GetAsync("api/v1/retro-verdicts")).GetProperty("items")[0];
        Assert.Equal("Doc.Dropper.New", verdict.GetProperty("signature").GetString());
        Assert.Equal(early, verdict.GetProperty("messages")[0].GetProperty("reference").GetString());
        Assert.Equal("early@acme.example", verdict.GetProperty("messages")[0].GetProperty("recipients")[0].GetString());
        var told = (await Gateway.GetAsync($"api/v1/messages/{early}")).GetProperty("timeline").EnumerateArray().Last();
        Assert.Equal("retroConvicted", told.GetProperty("kind").GetString());

        // The next mail with it brings no second event.
        var later = RunningGateway.Reference(await Gateway.SendAsync(MacroMail.Create(file)));
        await Gateway.WaitForStateAsync(later, "quarantined");
        var third = MacroMail.NewFile();
        Convict(third, "Doc.Other");
        await Gateway.WaitForStateAsync(RunningGateway.Reference(await Gateway.SendAsync(MacroMail.Create(third))), "quarantined");
        Assert.Equal(1, (await Gateway.GetAsync("api/v1/retro-verdicts")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_signature_that_convicts_everything_is_demoted_and_what_it_had_convicted_is_released()
    {
        Gateway.Clamd.Answer = (id, content) => $"{id}: stream: {(Has(content, "Subject: invoice") ? "Bad.Update FOUND" : "OK")}";
        List<string> quarantined = [];
        for (var i = 0; i < 21; i++)
        {
            quarantined.Add(RunningGateway.Reference(await Gateway.SendAsync($"Subject: invoice {i}\n\nhello\n")));
        }

        await RunningGateway.EventuallyAsync(async () => (await Gateway.GetAsync("api/v1/engines")).GetProperty("items")[0].GetProperty("advisory").GetArrayLength() == 1);
        var held = RunningGateway.Reference(await Gateway.SendAsync("Subject: invoice held\n\nhello\n"));
        await Gateway.WaitForStateAsync(held, "held");
        var status = await Gateway.GetAsync("api/v1/system/status");
        Assert.Contains(status.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.Contains("Bad.Update only hold mail", StringComparison.Ordinal));
        Assert.Contains("secuedge_engine_advisory{engine=\"clamav\"} 1", await MetricsAsync(), StringComparison.Ordinal);
        await Gateway.WaitForStateAsync(quarantined[^1], "quarantined");

        var since = Uri.EscapeDataString("2025-01-01T00:00:00Z");
        var listed = await Gateway.GetAsync($"api/v1/engines/clamav/convictions?since={since}&signature=Bad.Update");
        Assert.Equal(22, listed.GetProperty("items").GetArrayLength());
        var (_, dry) = await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/clamav/convictions:release", """{"since":"2025-01-01T00:00:00Z"}""");
        Assert.False(JsonDocument.Parse(dry).RootElement.GetProperty("applied").GetBoolean());
        Assert.Empty(Gateway.Sink.Messages);

        // Another good signature knows the last one of quarantine by now.
        Gateway.Clamd.Answer = (id, content) =>
            $"{id}: stream: {(Has(content, "Subject: invoice 20") ? "Other.Sig FOUND" : Has(content, "Subject: invoice") ? "Bad.Update FOUND" : "OK")}";
        var (code, body) = await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/clamav/convictions:release", """{"since":"2025-01-01T00:00:00Z","signature":"Bad.Update","apply":true}""");
        Assert.Equal(HttpStatusCode.OK, code);
        var items = JsonDocument.Parse(body).RootElement.GetProperty("items").EnumerateArray().ToLookup(i => i.GetProperty("released").GetBoolean());
        var refused = Assert.Single(items[false]);
        Assert.Equal(quarantined[^1], refused.GetProperty("reference").GetString());
        Assert.Contains("Other.Sig", refused.GetProperty("problem").GetString(), StringComparison.Ordinal);
        foreach (var reference in quarantined[..^1].Append(held))
        {
            await Gateway.WaitForStateAsync(reference, "delivered");
        }

        Assert.Equal(1, (await Gateway.GetAsync($"api/v1/engines/clamav/convictions?since={since}")).GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/clamav:restore")).Status);
        var again = RunningGateway.Reference(await Gateway.SendAsync("Subject: invoice again\n\nhello\n"));
        await Gateway.WaitForStateAsync(again, "quarantined");
    }

    [Fact]
    public async Task A_person_demotes_and_restores_an_engine()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/nobody:demote", """{"reason":"x"}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/clamav:demote", "{}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/clamav/convictions:release", "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/clamav:demote", """{"reason":"bad update"}""")).Status);
        Gateway.Clamd.Answer = (id, content) => $"{id}: stream: {(Has(content, "Subject: odd") ? "Odd.Sig FOUND" : "OK")}";
        var held = RunningGateway.Reference(await Gateway.SendAsync("Subject: odd\n\nhello\n"));
        await Gateway.WaitForStateAsync(held, "held");

        // Believed again, its word counts for what is held.
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, "api/v1/engines/clamav:restore")).Status);
        await Gateway.WaitForStateAsync(held, "quarantined");
    }

    [Theory]
    [InlineData("""{"outbreakHold":{"inbound":"00:00:00"}}""", "tenants[0].policy.outbreakHold.inbound")]
    [InlineData("""{"outbreakHold":{"outbound":"2.00:00:00"}}""", "tenants[0].policy.outbreakHold.outbound")]
    [InlineData("""{"outbreakHold":{"inbound":"soon"}}""", "00:05:00")]
    public async Task Wrong_hold_times_are_refused_with_the_place(string policy, string expected)
    {
        var (status, body) = await PutSiteAsync(policy);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(expected, body, StringComparison.Ordinal);
    }

    private void Convict(byte[] file, string signature) =>
        Gateway.Clamd.Answer = (id, content) => $"{id}: stream: {(content.AsSpan().IndexOf(file) >= 0 ? signature + " FOUND" : "OK")}";

    private static bool Has(byte[] content, string text) => content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private async Task<string> SendHeldAsync(byte[] file, string to = "info@acme.example")
    {
        var reply = await Gateway.SendAsync(MacroMail.Create(file), to);
        Assert.Equal(250, reply.Code);
        var reference = RunningGateway.Reference(reply);
        await Gateway.WaitForStateAsync(reference, "held");
        return reference;
    }

    private Task<string> MetricsAsync() => Gateway.Management.GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken);

    private async Task ChangeSiteAsync(string policy)
    {
        var (status, body) = await PutSiteAsync(policy);
        Assert.True(status == HttpStatusCode.OK, body);
    }

    private async Task<(HttpStatusCode Status, string Body)> PutSiteAsync(string policy)
    {
        var site = System.Text.Json.Nodes.JsonNode.Parse((await Gateway.CallAsync(HttpMethod.Get, "api/v1/site")).Body)!;
        site["tenants"]![0]!["policy"] = System.Text.Json.Nodes.JsonNode.Parse(policy);
        return await Gateway.CallAsync(HttpMethod.Put, "api/v1/site", site.ToJsonString());
    }
}
