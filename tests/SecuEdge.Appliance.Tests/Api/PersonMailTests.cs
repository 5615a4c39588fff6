using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>The mail of a person: what a copy of it gives away of others, and what is left of it once the person is forgotten.</summary>
public sealed class PersonMailTests
{
    private const string Eva = "eva@acme.example";
    private const string Paul = "paul@acme.example";

    [Fact]
    public async Task The_export_tells_nothing_of_others()
    {
        await using var gateway = await RunningGateway.StartWithRulesAsync(
            """[{"name":"team","when":{"type":"recipient","addresses":["*@acme.example"]},"then":[{"type":"quarantine"}]}]""");
        var kept = RunningGateway.Reference(await gateway.SendAsync("Subject: for both\n\nx\n", $"{Eva},{Paul}"));
        await gateway.WaitForStateAsync(kept, "quarantined");
        var forged = RunningGateway.Reference(await gateway.SendAsync("Subject: not hers\n\nx\n", Paul, from: Eva));
        await OkAsync(gateway, $"quarantine/{kept}:release", "{}");
        await gateway.WaitForStateAsync(kept, "delivered");

        var export = await OkAsync(gateway, "privacy:export", $$"""{"address":"{{Eva}}","tenant":"acme"}""");
        Assert.Equal(new[] { kept, forged }.Order(), export.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("reference").GetString()!).Order());
        Assert.DoesNotContain(Paul, export.GetProperty("messages").GetRawText() + export.GetProperty("quarantine").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_kept_for_two_is_released_to_both_when_one_was_forgotten()
    {
        await using var gateway = await RunningGateway.StartWithRulesAsync("""[{"name":"all","when":{"type":"recipient","addresses":["*@acme.example"]},"then":[{"type":"quarantine"}]}]""");
        var reference = RunningGateway.Reference(await gateway.SendAsync("Subject: for both\n\nx\n", $"{Eva},{Paul}"));
        await gateway.WaitForStateAsync(reference, "quarantined");
        await OkAsync(gateway, "privacy:erase", $$"""{"address":"{{Eva}}","tenant":"acme","apply":true,"reason":"her letter"}""");
        Assert.DoesNotContain(Eva, (await gateway.GetAsync($"api/v1/messages/{reference}")).GetRawText(), StringComparison.Ordinal);

        await OkAsync(gateway, $"quarantine/{reference}:release", "{}");
        await gateway.WaitForStateAsync(reference, "delivered");
        Assert.Equal([Eva, Paul], gateway.Sink.Messages.SelectMany(m => m.Recipients).Order());
    }

    [Fact]
    public async Task Who_sent_a_message_is_forgotten_in_the_copies_of_it_too()
    {
        const string Sender = "mia@sender.example";
        await using var gateway = await RunningGateway.StartWithRulesAsync("""[{"name":"all","when":{"type":"sender","addresses":["*@sender.example"]},"then":[{"type":"copy","to":"archive@acme.example"}]}]""");
        await gateway.SendAsync($"From: Mia <{Sender}>\nSubject: to be copied\n\nx\n", Paul, Sender);
        await RunningGateway.EventuallyAsync(async () => Stories(await gateway.GetAsync($"api/v1/messages?text={Sender}&state=delivered")) == 2);

        var done = await OkAsync(gateway, "privacy:erase", $$"""{"address":"{{Sender}}","tenant":"acme","apply":true,"reason":"her letter"}""");
        Assert.Equal(2, done.GetProperty("messages").GetInt32());
        Assert.Equal(0, Stories(await gateway.GetAsync($"api/v1/messages?text={Sender}")));
    }

    [Fact]
    public async Task A_person_of_an_accented_domain_is_found_in_either_spelling()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await OkAsync(gateway, "tenants", $$"""
            {"name":"cremerie","domains":[{"name":"xn--crmerie-cya.example","nextHops":["127.0.0.1:{{gateway.Sink.Port}}"],"recipients":["eva","tom"]}]}
            """);
        var reference = RunningGateway.Reference(await gateway.SendAsync("Subject: x\n\nx\n", "eva@xn--crmerie-cya.example"));
        await gateway.WaitForStateAsync(reference, "delivered");
        Assert.Equal(550, (await gateway.SendAsync("Subject: x\n\nx\n", "eve@xn--crmerie-cya.example", "eva@xn--crmerie-cya.example")).Code);

        var done = await OkAsync(
            gateway, "privacy:erase", """{"address":"eva@cr\u00e9merie.example","tenant":"cremerie","recipient":true,"apply":true,"reason":"her letter"}""");
        Assert.Equal((1, 1), (done.GetProperty("messages").GetInt32(), done.GetProperty("refusals").GetInt32()));
        Assert.Equal(550, (await gateway.SendAsync("Subject: x\n\nx\n", "eva@xn--crmerie-cya.example")).Code);
    }

    private static int Stories(JsonElement page) => page.GetProperty("items").GetArrayLength();

    private static async Task<JsonElement> OkAsync(RunningGateway gateway, string path, string body)
    {
        var (status, answer) = await gateway.CallAsync(HttpMethod.Post, $"api/v1/{path}", body);
        Assert.True((int)status < 300, $"{path}: {(int)status} {answer}");
        return JsonDocument.Parse(answer).RootElement;
    }
}
