using System.Net;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>What the gateway answers when something around it is broken. Each test breaks a gateway of its own.</summary>
public sealed class TroubleTests
{
    private const string Clean = "Subject: hello\n\nHello.\n";

    [Fact]
    public async Task Without_an_engine_mail_waits_and_flows_again_when_it_is_back()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await gateway.Clamd.StopAsync();
        var refused = await gateway.SendAsync(Clean);
        Assert.Equal("451 4.7.1", $"{refused.Code} {refused.EnhancedCode}");
        Assert.Equal(0, (await gateway.GetAsync("api/v1/system/status")).GetProperty("queue").GetProperty("active").GetInt32());
        await RunningGateway.EventuallyAsync(async () => await ReadyAsync(gateway) == HttpStatusCode.ServiceUnavailable);

        gateway.Clamd.Start();
        await RunningGateway.EventuallyAsync(async () => await ReadyAsync(gateway) == HttpStatusCode.OK);
        Assert.Equal(250, (await gateway.SendAsync(Clean)).Code);
    }

    [Fact]
    public async Task A_hanging_engine_means_451_within_its_time_limit()
    {
        await using var gateway = await RunningGateway.StartAsync(("ClamAv:ScanTimeout", "00:00:01"));
        gateway.Clamd.Behaviour = FakeClamdBehaviour.Hang;
        Assert.Equal(451, (await gateway.SendAsync(Clean)).Code);
        Assert.Empty(gateway.Sink.Messages);
    }

    [Fact]
    public async Task A_message_for_a_dead_next_hop_waits_in_the_queue_and_can_be_dropped_with_a_reason()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Sink.Script = _ => SinkAnswer.Say("451 4.3.2 not now");
        var reply = await gateway.SendAsync(Clean);
        Assert.Equal(250, reply.Code);
        var reference = RunningGateway.Reference(reply);
        await gateway.WaitForStateAsync(reference, "deferred");
        var waiting = (await gateway.GetAsync("api/v1/queue")).GetProperty("items");
        Assert.Equal(reference, waiting[0].GetProperty("message").GetProperty("reference").GetString());

        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.CallAsync(HttpMethod.Delete, $"api/v1/queue/{reference}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.CallAsync(HttpMethod.Delete, $"api/v1/queue/{reference}?reason=test")).Status);
        await gateway.WaitForStateAsync(reference, "dropped");
        await RunningGateway.EventuallyAsync(async () => (await gateway.CallAsync(HttpMethod.Post, $"api/v1/queue/{reference}:retry")).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_retry_on_demand_delivers_what_was_deferred()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Sink.Script = _ => SinkAnswer.Say("451 4.3.2 not now");
        var reference = RunningGateway.Reference(await gateway.SendAsync(Clean));
        await gateway.WaitForStateAsync(reference, "deferred");
        gateway.Sink.Script = _ => null;
        Assert.Equal(HttpStatusCode.Accepted, (await gateway.CallAsync(HttpMethod.Post, $"api/v1/queue/{reference}:retry")).Status);
        await gateway.WaitForStateAsync(reference, "delivered");
    }

    private static async Task<HttpStatusCode> ReadyAsync(RunningGateway gateway)
    {
        using var answer = await gateway.Management.GetAsync(new Uri("readyz", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
