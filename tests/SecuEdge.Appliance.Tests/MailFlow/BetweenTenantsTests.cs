using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>Mail of one tenant to another of the same appliance: each has its own policy, log and quarantine.</summary>
public sealed class BetweenTenantsTests
{
    private static readonly string Infected = $"From: me@sender.example\nSubject: invoice\n\n{Encoding.ASCII.GetString(FakeClamd.Eicar)}\n";

    [Fact]
    public async Task The_receiver_has_it_as_mail_from_outside()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (status, problem) = await gateway.CallAsync(
            HttpMethod.Put, "api/v1/tenants/shop/rules/no-offers", """{"name":"no-offers","when":{"type":"header","name":"Subject","contains":"offer"},"then":[{"type":"reject"}]}""");
        Assert.True(status == HttpStatusCode.OK, problem);

        var welcome = RunningGateway.Reference(await gateway.SendAsync("Subject: order\n\nHello.\n", "info@shop.example", "eva@acme.example", isOutbound: true));
        await gateway.WaitForStateAsync(welcome, "delivered");
        // Delivered to the other tenant's side of this gateway, which delivers it in its turn.
        var received = Assert.Single(await MessagesAsync(gateway, "tenant=shop"));
        Assert.Equal("inbound", received.GetProperty("direction").GetString());
        var reference = received.GetProperty("reference").GetString()!;
        Assert.NotEqual(welcome, reference);
        await gateway.WaitForStateAsync(reference, "delivered");

        var offer = RunningGateway.Reference(await gateway.SendAsync("Subject: offer\n\nBuy.\n", "info@shop.example", "eva@acme.example", isOutbound: true));
        await gateway.WaitForStateAsync(offer, "bounced");
        Assert.Single(gateway.Sink.Messages, m => m.Recipients.Any(r => r.Contains("info@shop.example", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_its_owner_lets_out_of_quarantine_is_judged_by_the_receiver_too()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var kept = RunningGateway.Reference(await gateway.SendAsync(Infected));
        await gateway.WaitForStateAsync(kept, "quarantined");

        var (status, answer) = await gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{kept}:forward", """{"to":"info@shop.example"}""");
        Assert.True(status == HttpStatusCode.OK, answer);
        await RunningGateway.EventuallyAsync(async () => (await MessagesAsync(gateway, "tenant=shop&state=quarantined")).Count == 1);
        Assert.Empty(gateway.Sink.Messages);
    }

    private static async Task<List<JsonElement>> MessagesAsync(RunningGateway gateway, string filter) =>
        [.. (await gateway.GetAsync($"api/v1/messages?{filter}")).GetProperty("items").EnumerateArray()];
}
