using System.Net;
using System.Text.Json;
using MimeKit;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Templates of notices through a whole gateway: written by a reseller, looked at, tried, and sent because of a rule.</summary>
public sealed class NoticesTests
{
    private const string Brand =
        """{"name":"quarantined","replyTo":"help@upper.example","locked":true,"texts":[{"language":"en","subject":"Upper Mail kept {{subject}}","text":"{{tenant}}, {{action}}, {{reason}}, {{attachments}}, {{recipients}}"},{"language":"fr","subject":"Upper Mail garde {{subject}}","text":"{{tenant}} : {{action}}, car {{reason}}. {{attachments}} pour {{recipients}}","html":"<h1>Upper</h1><p>{{subject}}</p>"}]}""";

    private const string Programs =
        "From: a@sender.example\nSubject: <i>Offre</i>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\nContent-Type: application/x-a; name=\"<x>.exe\"\n\nMZ\n--b--\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_resellers_brand_reaches_the_people_of_his_customers()
    {
        await using var gateway = await StartAsync();
        await PutAsync(gateway, "upper", Brand);
        var reply = await gateway.SendAsync(Programs, "eva@acme.example");
        var reference = RunningGateway.Reference(reply);
        await gateway.WaitForStateAsync(reference, "quarantined");
        await gateway.Sink.WaitForMessagesAsync(1, Cancelled);
        using var notice = Load(gateway.Sink.Messages[0]);
        Assert.Equal(["eva@acme.example"], gateway.Sink.Messages[0].Recipients);
        Assert.Equal("", gateway.Sink.Messages[0].ReversePath);
        Assert.Equal("Upper Mail garde <i>Offre</i>", notice.Subject);
        Assert.Equal("help@upper.example", Assert.Single(notice.ReplyTo.Mailboxes).Address);
        Assert.Equal("Acme SA : mis en quarantaine, car pas de programmes. <x>.exe pour eva@acme.example", notice.TextBody!.Trim());
        Assert.Equal("<h1>Upper</h1><p>&lt;i&gt;Offre&lt;/i&gt;</p>", notice.HtmlBody!.Trim());

        var (_, preview) = await gateway.CallAsync(HttpMethod.Post, "api/v1/tenants/acme/notice-templates:preview", $$"""{"name":"quarantined","language":"en","reference":"{{reference}}"}""");
        var seen = JsonDocument.Parse(preview).RootElement;
        Assert.Equal("upper", seen.GetProperty("from").GetString());
        Assert.StartsWith("Acme SA, quarantined, ", seen.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("<x>.exe, eva@acme.example", seen.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Single(gateway.Sink.Messages);
    }

    [Fact]
    public async Task A_look_and_a_test_do_what_they_say_and_no_more()
    {
        await using var gateway = await StartAsync();
        await PutAsync(gateway, "upper", Brand);
        var list = (await gateway.GetAsync("api/v1/policies/acme/notice-templates")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["blocked default", "delivered default", "quarantined upper", "removed default"], list.Select(n => $"{n.GetProperty("name")} {n.GetProperty("from")}"));

        foreach (var (path, body, field) in ((string, string, string)[])
                 [
                     ("preview", "{}", "name"),
                     ("preview", """{"name":"none"}""", "name"),
                     ("preview", """{"name":"blocked","reference":"01AAAAAAAA"}""", "reference"),
                     ("preview", """{"template":{"name":"n","texts":[{"language":"en","subject":"{{x}}","text":"t"}]}}""", "template.texts[0].subject"),
                     ("test", """{"name":"blocked","to":"me@outside.example"}""", "to"),
                     ("test", """{"name":"blocked","to":"me@other.example"}""", "to"),
                     ("test", """{"name":"blocked","to":"nobody@upper.example"}""", "to"),
                     ("test", """{"name":"blocked","to":"me"}""", "to"),
                 ])
        {
            var (status, problem) = await gateway.CallAsync(HttpMethod.Post, $"api/v1/tenants/upper/notice-templates:{path}", body);
            Assert.True(status == HttpStatusCode.BadRequest, problem);
            Assert.Equal(field, JsonDocument.Parse(problem).RootElement.GetProperty("field").GetString());
        }

        var (sent, answer) = await gateway.CallAsync(HttpMethod.Post, "api/v1/tenants/upper/notice-templates:test", """{"name":"quarantined","to":"eva@acme.example","language":"en"}""");
        Assert.True(sent == HttpStatusCode.OK, answer);
        await gateway.Sink.WaitForMessagesAsync(1, Cancelled);
        using var notice = Load(gateway.Sink.Messages[0]);
        Assert.Equal("Upper Mail kept Invoice <2026> & more", notice.Subject);
        Assert.Equal("auto-generated", notice.Headers["Auto-Submitted"]);
        Assert.Contains("notice template 'quarantined' was sent to eva@acme.example", (await gateway.GetAsync("api/v1/audit?limit=5")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_node_above_has_locked_is_not_replaced()
    {
        await using var gateway = await StartAsync();
        await PutAsync(gateway, "upper", Brand);
        var (status, problem) = await gateway.CallAsync(HttpMethod.Put, "api/v1/tenants/acme/notice-templates/quarantined", Brand);
        Assert.True(status == HttpStatusCode.BadRequest, problem);
        Assert.Contains("'quarantined' is a locked template of upper", problem, StringComparison.Ordinal);
    }

    private static Task<RunningGateway> StartAsync() => RunningGateway.StartAsync(port => """
        {"tenants":[
          {"name":"upper","kind":"reseller","service":{"language":"fr"},"domains":[{"name":"upper.example","nextHops":["127.0.0.1:PORT"],"recipients":["help"]}],
           "rules":[{"name":"no-programs","comment":"pas de programmes","locked":true,"direction":"inbound","when":{"type":"attachment","names":["*.exe"]},
            "then":[{"type":"notify","whom":["recipients"],"template":"quarantined"},{"type":"quarantine"}]}]},
          {"name":"acme","displayName":"Acme SA","parent":"upper","domains":[{"name":"acme.example","nextHops":["127.0.0.1:PORT"]}]},
          {"name":"other","domains":[{"name":"other.example","nextHops":["127.0.0.1:PORT"]}]}]}
        """.Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));

    private static async Task PutAsync(RunningGateway gateway, string tenant, string template)
    {
        var name = JsonDocument.Parse(template).RootElement.GetProperty("name").GetString();
        var (status, answer) = await gateway.CallAsync(HttpMethod.Put, $"api/v1/tenants/{tenant}/notice-templates/{name}", template);
        Assert.True(status == HttpStatusCode.OK, answer);
    }

    private static MimeMessage Load(SinkMessage message) => MimeMessage.Load(new MemoryStream(message.Bytes), Cancelled);
}
