using System.Net;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>One rule tried on one message, described or recorded.</summary>
public sealed class RuleTrialTests
{
    private const string Address = "api/v1/tenants/acme/rules:test";

    [Fact]
    public async Task Each_condition_says_whether_it_holds_and_why()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var result = await TryAsync(gateway, """
            {"rule":{"name":"x","then":[{"type":"quarantine"}],"when":{"type":"all","of":[
               {"type":"size","atLeast":1000},
               {"type":"any","of":[{"type":"attachment","extensions":["docm"]},{"type":"words","list":"gambling-en","atLeast":4}]},
               {"type":"not","of":{"type":"recipient","addresses":["boss@acme.example"]}},
               {"type":"firstContact"}]}},
             "recipient":"info@acme.example",
             "facts":{"sizeBytes":2000,"body":"Claim your free spins in our online casino","attachments":[{"name":"a.pdf","kind":"document"}]}}
            """);
        Assert.Equal(
            ["when all unknown", "when.of[0] size yes", "when.of[1] any yes", "when.of[1].of[0] attachment no", "when.of[1].of[1] words yes", "when.of[2] not yes", "when.of[2].of recipient no", "when.of[3] firstContact unknown"],
            result.GetProperty("conditions").EnumerateArray().Select(c => $"{c.GetProperty("place").GetString()} {c.GetProperty("type").GetString()} {c.GetProperty("holds").GetString()}"));
        Assert.Equal("Size 2 KB is at least 1 KB.", result.GetProperty("conditions")[1].GetProperty("why").GetString());
        Assert.Equal(("unknown", 0), (result.GetProperty("holds").GetString(), result.GetProperty("then").GetArrayLength()));
    }

    [Fact]
    public async Task What_would_be_done_is_nothing_when_the_rule_is_not_asked_or_only_watches()
    {
        await using var gateway = await RunningGateway.StartAsync();
        foreach (var (more, isAsked, actions) in new[]
                 {
                     ("", true, 1), (""","mode":"monitor" """, true, 0), (""","enabled":false""", false, 0), (""","direction":"outbound" """, false, 0), (""","direction":"inbound" """, true, 1),
                 })
        {
            var result = await TryAsync(gateway, $$$"""{"rule":{"name":"x","then":[{"type":"deliver"}]{{{more}}}},"facts":{} }""");
            Assert.Equal((isAsked, "yes", actions), (result.GetProperty("isAsked").GetBoolean(), result.GetProperty("holds").GetString(), result.GetProperty("then").GetArrayLength()));
        }
    }

    [Fact]
    public async Task A_message_that_came_is_asked_with_what_was_recorded_of_it()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var reference = RunningGateway.Reference(await gateway.SendAsync("From: me@sender.example\nTo: info@acme.example\nSubject: free spins\n\ncasino\n"));
        const string Rule = """{"name":"x","then":[{"type":"deliver"}],"when":{"type":"any","of":[{"type":"header","name":"Subject","contains":"SPINS"},{"type":"words","list":"gambling-en"}]}}""";
        var result = await TryAsync(gateway, $$"""{"rule":{{Rule}},"reference":"{{reference}}"}""");
        Assert.Equal(["yes", "yes", "unknown"], result.GetProperty("conditions").EnumerateArray().Select(c => c.GetProperty("holds").GetString()));
        Assert.Equal("info@acme.example", result.GetProperty("recipient").GetString());

        // It is nothing of another tenant's.
        var (status, body) = await gateway.CallAsync(HttpMethod.Post, "api/v1/tenants/shop/rules:test", $$"""{"rule":{{Rule}},"reference":"{{reference}}"}""");
        Assert.True(status == HttpStatusCode.NotFound, body);
    }

    [Fact]
    public async Task A_question_that_cannot_be_asked_names_the_field()
    {
        await using var gateway = await RunningGateway.StartAsync();
        const string Right = """{"name":"x","then":[{"type":"deliver"}]}""";
        foreach (var (body, status, field) in new[]
                 {
                     ($$"""{"rule":{{Right}}}""", HttpStatusCode.BadRequest, "facts"),
                     ($$"""{"rule":{{Right}},"facts":{},"reference":"X"}""", HttpStatusCode.BadRequest, "facts"),
                     ($$"""{"rule":{{Right}},"facts":{},"recipient":"@@"}""", HttpStatusCode.BadRequest, "recipient"),
                     ("""{"rule":{"name":"x","then":[{"type":"deliver"}],"when":{"type":"size","atLeast":5,"atMost":1}},"facts":{}}""", HttpStatusCode.BadRequest, "rule.when.atMost"),
                     ("""{"rule":{"name":"x","then":[{"type":"deliver"}],"when":{"type":"object","name":"none"}},"facts":{}}""", HttpStatusCode.BadRequest, "rule.when.name"),
                     ($$"""{"rule":{{Right}},"reference":"7K2F-9QXM"}""", HttpStatusCode.NotFound, "reference"),
                 })
        {
            var (got, answer) = await gateway.CallAsync(HttpMethod.Post, Address, body);
            Assert.True(got == status, $"{body}: {got}: {answer}");
            Assert.Equal(field, JsonDocument.Parse(answer).RootElement.GetProperty("field").GetString());
        }

        Assert.Equal(HttpStatusCode.NotFound, (await gateway.CallAsync(HttpMethod.Post, "api/v1/tenants/nobody/rules:test", $$$"""{"rule":{{{Right}}},"facts":{}}""")).Status);
    }

    private static async Task<JsonElement> TryAsync(RunningGateway gateway, string json)
    {
        var (status, body) = await gateway.CallAsync(HttpMethod.Post, Address, json);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }
}
