using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>The gateway from outside: SMTP in, SMTP out, API. One instance for all: every test uses messages of its own.</summary>
public sealed class GatewayTests(GatewayTests.Fixture fixture) : IClassFixture<GatewayTests.Fixture>
{
    private const string Clean = "From: Me <me@sender.example>\nTo: info@acme.example\nSubject: Caf=?utf-8?Q?=C3=A9?=\nMessage-ID: <1@sender.example>\n\nHello.\n.leading dot\n";

    private RunningGateway Gateway => fixture.Gateway;

    private static string Eicar => $"From: worm@sender.example\nSubject: invoice\n\n{Encoding.ASCII.GetString(FakeClamd.Eicar)}\n";

    private static string Gtube => "Subject: buy\n\nXJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n";

    [Fact]
    public async Task A_clean_message_arrives_unchanged_with_our_headers_in_front()
    {
        var reply = await Gateway.SendAsync(Clean, "clean@acme.example");
        Assert.Equal(250, reply.Code);
        var reference = RunningGateway.Reference(reply);
        await Gateway.WaitForStateAsync(reference, "delivered");
        var text = Encoding.Latin1.GetString(Gateway.Sink.Messages.Single(m => Encoding.Latin1.GetString(m.Bytes).Contains(reference, StringComparison.Ordinal)).Bytes);
        Assert.StartsWith("Received: from client.example ([127.0.0.1])", text, StringComparison.Ordinal);
        Assert.EndsWith(Clean.ReplaceLineEndings("\r\n"), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeline_tells_the_whole_story()
    {
        var reference = RunningGateway.Reference(await Gateway.SendAsync(Clean));
        await Gateway.WaitForStateAsync(reference, "delivered");
        var detail = await Gateway.GetAsync($"api/v1/messages/{reference}");
        var kinds = detail.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString());
        Assert.Equal(["received", "judged", "accepted", "delivered"], kinds);
        Assert.Equal("clamav", detail.GetProperty("engines")[0].GetProperty("name").GetString());
        Assert.Equal("Café", detail.GetProperty("message").GetProperty("subject").GetString());
    }

    [Fact]
    public async Task An_infected_message_is_quarantined_read_released_and_deleted()
    {
        var reply = await Gateway.SendAsync(Eicar);
        Assert.Equal(250, reply.Code);
        var reference = RunningGateway.Reference(reply);
        await Gateway.WaitForStateAsync(reference, "quarantined");
        Assert.DoesNotContain(Gateway.Sink.Messages, m => Encoding.Latin1.GetString(m.Bytes).Contains(reference, StringComparison.Ordinal));

        var listed = (await Gateway.GetAsync("api/v1/quarantine?class=infected")).GetProperty("items").EnumerateArray()
            .Single(i => i.GetProperty("reference").GetString() == reference);
        Assert.Equal("infected", listed.GetProperty("message").GetProperty("class").GetString());
        var preview = await Gateway.GetAsync($"api/v1/quarantine/{reference}");
        Assert.Equal("invoice", preview.GetProperty("headers").EnumerateArray().Single(h => h.GetProperty("name").GetString() == "Subject").GetProperty("value").GetString());
        var raw = await Gateway.CallAsync(HttpMethod.Get, $"api/v1/quarantine/{reference}/raw");
        Assert.Equal(Eicar.ReplaceLineEndings("\r\n"), raw.Body);

        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{reference}:release", """{"recipients":["x@y.example"]}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{reference}:release")).Status);
        await Gateway.WaitForStateAsync(reference, "delivered");
        Assert.Equal(HttpStatusCode.Conflict, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{reference}:release")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.CallAsync(HttpMethod.Delete, $"api/v1/quarantine/{reference}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.CallAsync(HttpMethod.Get, $"api/v1/quarantine/{reference}")).Status);
    }

    [Fact]
    public async Task A_quarantined_message_can_be_forwarded_to_somebody_else()
    {
        var reference = RunningGateway.Reference(await Gateway.SendAsync(Eicar, "forward@acme.example"));
        await Gateway.WaitForStateAsync(reference, "quarantined");
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{reference}:forward", """{"to":"nobody"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{reference}:forward", """{"to":"lab@outside.example"}""")).Status);
        await RunningGateway.EventuallyAsync(() => Task.FromResult(Gateway.Sink.Messages.Any(m => m.Recipients.Any(r => r.Contains("lab@outside.example", StringComparison.Ordinal)))));
        Assert.Equal(HttpStatusCode.OK, (await Gateway.CallAsync(HttpMethod.Get, $"api/v1/quarantine/{reference}")).Status);
    }

    [Fact]
    public async Task Spam_beyond_doubt_is_refused_while_the_sender_listens()
    {
        var reply = await Gateway.SendAsync(Gtube);
        Assert.Equal("550 5.7.1", $"{reply.Code} {reply.EnhancedCode}");
        var message = (await Gateway.GetAsync($"api/v1/messages/{RunningGateway.Reference(reply)}")).GetProperty("message");
        Assert.Equal("rejected", message.GetProperty("state").GetString());
        Assert.Equal("spam", message.GetProperty("class").GetString());
    }

    [Theory]
    [InlineData("a@elsewhere.example", "554 5.7.1")]
    [InlineData("nobody@shop.example", "550 5.1.1")]
    [InlineData("info@acme.example,info@shop.example", "451 4.5.3")]
    public async Task Recipients_that_are_not_ours_are_refused_at_once(string to, string expected)
    {
        var reply = await Gateway.SendAsync(Clean, to);
        Assert.Equal(expected, $"{reply.Code} {reply.EnhancedCode}");
    }

    [Fact]
    public async Task Outbound_mail_goes_through_the_smarthost()
    {
        var reply = await Gateway.SendAsync(Clean, "out@elsewhere.example", "boss@acme.example", isOutbound: true);
        Assert.Equal(250, reply.Code);
        await Gateway.WaitForStateAsync(RunningGateway.Reference(reply), "delivered");
    }

    [Fact]
    public async Task Analyze_answers_the_full_verdict_and_delivers_nothing()
    {
        var before = Gateway.Sink.Messages.Count;
        var (status, body) = await Gateway.CallAsync(HttpMethod.Post, "api/v1/analyze?file=x.eml", Eicar, "message/rfc822");
        Assert.Equal(HttpStatusCode.OK, status);
        var analysis = JsonDocument.Parse(body).RootElement;
        Assert.Equal("x.eml", analysis.GetProperty("file").GetString());
        Assert.Equal("quarantine", analysis.GetProperty("action").GetString());
        Assert.Equal("infected", analysis.GetProperty("class").GetString());
        Assert.Equal("CLAMAV_INFECTED", analysis.GetProperty("findings")[0].GetProperty("code").GetString());
        Assert.Equal("hit", analysis.GetProperty("engines")[0].GetProperty("result").GetString());
        Assert.Equal(before, Gateway.Sink.Messages.Count);
    }

    [Theory]
    [InlineData("api/v1/messages?limit=0", "limit")]
    [InlineData("api/v1/messages?direction=sideways", "direction")]
    [InlineData("api/v1/messages?since=yesterday", "since")]
    [InlineData("api/v1/quarantine?limit=1000", "limit")]
    [InlineData("api/v1/queue?limit=-1", "limit")]
    [InlineData("api/v1/messages?cursor=nonsense", "cursor")]
    [InlineData("api/v1/quarantine?cursor=nonsense", "cursor")]
    public async Task Bad_input_names_the_field(string path, string field)
    {
        var (status, body) = await Gateway.CallAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tenants":[{"name":"Bad Name"}]}""", "tenants[0].name")]
    [InlineData("""{"tenant":[]}""", "tenant")]
    public async Task A_wrong_site_is_refused_and_changes_nothing(string site, string field)
    {
        var before = (await Gateway.CallAsync(HttpMethod.Get, "api/v1/site")).Body;
        var (status, body) = await Gateway.CallAsync(HttpMethod.Put, "api/v1/site", site);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, body, StringComparison.Ordinal);
        Assert.Equal(before, (await Gateway.CallAsync(HttpMethod.Get, "api/v1/site")).Body);
    }

    [Fact]
    public async Task Importing_what_was_exported_changes_nothing()
    {
        var (_, site) = await Gateway.CallAsync(HttpMethod.Get, "api/v1/site");
        var (status, body) = await Gateway.CallAsync(HttpMethod.Put, "api/v1/site", site);
        Assert.Equal(HttpStatusCode.OK, status);
        var import = JsonDocument.Parse(body).RootElement;
        Assert.Empty(import.GetProperty("changes").EnumerateArray());
        Assert.False(import.GetProperty("applied").GetBoolean());
    }

    [Fact]
    public async Task Every_endpoint_of_the_document_refuses_a_stranger()
    {
        using var document = JsonDocument.Parse((await Gateway.CallAsync(HttpMethod.Get, "api/v1/openapi.json")).Body);
        Assert.StartsWith("3.1", document.RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var count = 0;
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            // Signing in is for strangers; AccessApiTests and OidcLoginTests look at what it tells them.
            foreach (var method in path.Value.EnumerateObject().Where(_ => !path.Name.StartsWith("/api/v1/login", StringComparison.Ordinal)))
            {
                count++;
                using var request = new HttpRequestMessage(new HttpMethod(method.Name.ToUpperInvariant()), new Uri(path.Name.Replace("{reference}", "AAAA-BBBB", StringComparison.Ordinal).Replace("{name}", "clamav", StringComparison.Ordinal), UriKind.Relative));
                using var answer = await Gateway.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{method.Name} {path.Name}: {answer.StatusCode}");
                Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            }
        }

        Assert.True(count >= 25, $"only {count} operations in the document");
    }

    [Fact]
    public async Task Probes_and_metrics_are_on_the_management_listener_only()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Gateway.Management, "livez"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Gateway.Management, "readyz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Gateway.Management, "metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Gateway.Management, "api/v1/messages"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Gateway.Api, "metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Gateway.Anonymous, "Metrics/"));
    }

    [Fact]
    public async Task Metrics_count_messages_by_direction_action_and_class()
    {
        await Gateway.SendAsync(Gtube);
        var text = await Gateway.Management.GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("secuedge_messages_total{direction=\"inbound\",action=\"reject\",class=\"spam\"}", text, StringComparison.Ordinal);
        Assert.Contains("secuedge_engine_up{engine=\"clamav\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("secuedge_queue_messages{state=\"deferred\"} 0", text, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public RunningGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await RunningGateway.StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
