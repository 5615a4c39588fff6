using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

public sealed class BacktestTests
{
    private const string Gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

    private const string FirstContacts = """{"rules":[{"name":"new","when":{"type":"firstContact"},"then":[{"type":"tag","subject":"[new]"}]}]}""";

    [Fact]
    public async Task A_changed_policy_is_tried_on_the_mail_that_came()
    {
        await using var gateway = await RunningGateway.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await gateway.SendAsync(Mail($"plain {i}", "Hello"));
        }

        await gateway.SendAsync(Mail("spam one", Gtube));
        await gateway.SendAsync(Mail("spam two", Gtube), to: "info@acme.example,boss@acme.example");
        await gateway.SendAsync(Mail("of another tenant", Gtube), to: "info@shop.example");
        var result = await BacktestAsync(gateway, "acme", """{"days":1,"policy":{"actions":{"GTUBE":"deliver"},"scores":{"GTUBE":0}}}""");

        Assert.Equal((7, 8), (Int(result, "messages"), Int(result, "decisions")));
        Assert.Equal((3, 5, 0), (Int(result, "changed"), Int(result, "unchanged"), Int(result, "unknown")));
        Assert.Equal(3, Int(result.GetProperty("newlyDelivered"), "count"));
        Assert.Equal("deliver", result.GetProperty("changes")[0].GetProperty("to").GetString());
        Assert.Equal(["spam one", "spam two", "spam two"], result.GetProperty("samples").EnumerateArray().Select(s => s.GetProperty("subject").GetString()).Order());
        Assert.False(result.GetProperty("isPartial").GetBoolean());
    }

    [Fact]
    public async Task A_sender_is_new_until_his_mail_was_delivered()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await gateway.SendAsync(Mail("first", "Hello"));
        await gateway.SendAsync(Mail("second", "Hello"));
        await gateway.SendAsync("From: boss@acme.example\nTo: eva@else.example\nSubject: to eva\n\nHello\n", to: "eva@else.example", from: "boss@acme.example", isOutbound: true);
        await gateway.SendAsync("From: eva@else.example\nTo: info@acme.example\nSubject: answer\n\nHello\n", from: "eva@else.example");
        await gateway.SendAsync(Mail("to another tenant", "Hello"), to: "info@shop.example");
        var result = await BacktestAsync(gateway, "acme", FirstContacts);
        Assert.Equal(1, Int(result.GetProperty("rules")[0], "held"));
        result = await BacktestAsync(gateway, "shop", FirstContacts);
        Assert.Equal(1, Int(result.GetProperty("rules")[0], "held"));
    }

    [Fact]
    public async Task Whoever_asks_for_events_is_told_how_far_it_is_and_gets_the_same_result()
    {
        await using var gateway = await RunningGateway.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await gateway.SendAsync(Mail($"spam {i}", Gtube));
        }

        const string Request = """{"days":1,"policy":{"actions":{"GTUBE":"deliver"},"scores":{"GTUBE":0}}}""";
        var plain = await BacktestAsync(gateway, "acme", Request);
        var events = await EventsAsync(gateway, "acme", Request);
        Assert.Equal("progress", events[0].Name);
        Assert.Equal((0, 3), (Int(events[0].Data, "done"), Int(events[0].Data, "total")));
        Assert.Equal("result", events[^1].Name);
        foreach (var field in new[] { "messages", "decisions", "changed", "samples", "changes" })
        {
            Assert.Equal(plain.GetProperty(field).ToString(), events[^1].Data.GetProperty(field).ToString());
        }
    }

    [Theory]
    [InlineData("acme", """{"days":99}""", 400)]
    [InlineData("acme", """{"rules":[{"name":"x","when":{"type":"object","name":"none"},"then":[{"type":"deliver"}]}]}""", 400)]
    [InlineData("nobody", "{}", 404)]
    public async Task What_is_wrong_is_no_stream(string tenant, string body, int status)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var answer = await AskForEventsAsync(gateway, tenant, body);
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task The_same_policy_changes_nothing()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await gateway.SendAsync(Mail("spam", Gtube));
        var result = await BacktestAsync(gateway, "acme", "{}");
        Assert.Equal((1, 1, 0), (Int(result, "messages"), Int(result, "unchanged"), Int(result, "changed")));
    }

    [Fact]
    public async Task Mail_that_a_person_released_is_counted_as_a_mistake_that_stays()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await KeepSpamAsync(gateway);
        var reference = RunningGateway.Reference(await gateway.SendAsync(Mail("held back", Gtube)));
        await RunningGateway.EventuallyAsync(async () => (await gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{reference}:release")).Status == HttpStatusCode.OK);
        var result = await BacktestAsync(gateway, "acme", """{"policy":{"scores":{"GTUBE":7},"tagScore":4}}""");
        Assert.Equal((1, 1), (Int(result.GetProperty("stillStopped"), "count"), Int(result.GetProperty("stillStopped"), "released")));
    }

    [Fact]
    public async Task Corpus_mail_is_recorded_and_replayed_without_a_difference()
    {
        if (TestData.Find("mime") is not { } folder)
        {
            Assert.Skip("the sample mail is not here");
            return;
        }

        await using var gateway = await RunningGateway.StartAsync();
        var sent = 0;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where(f => new FileInfo(f).Length < 200_000).Take(60))
        {
            var reply = await gateway.SendAsync(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)));
            sent += reply.Code is 250 or 550 && reply.Text.Contains('[', StringComparison.Ordinal) ? 1 : 0;
        }

        var result = await BacktestAsync(gateway, "acme", """{"policy":{"tagScore":5}}""");
        Assert.InRange(sent, 20, 60);
        Assert.Equal((sent, 0, 0), (Int(result, "messages"), Int(result, "changed"), Int(result, "unknown")));
    }

    [Fact]
    public async Task A_rule_says_how_often_it_would_hold_and_one_about_words_that_it_cannot_know()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await gateway.SendAsync(Mail("offer", "win"));
        await gateway.SendAsync(Mail("minutes", "win"));
        var result = await BacktestAsync(gateway, "acme", """
            {"rules":[
              {"name":"offers","when":{"type":"header","name":"Subject","contains":"OFFER"},"then":[{"type":"quarantine"}]},
              {"name":"words","when":{"type":"words","list":"gambling-en"},"then":[{"type":"tag","subject":"[?]"}]}]}
            """);
        var rules = result.GetProperty("rules").EnumerateArray().ToDictionary(r => r.GetProperty("rule").GetString()!);
        Assert.Equal((1, 0), (Int(rules["offers"], "held"), Int(rules["offers"], "unknown")));
        Assert.Equal("words", result.GetProperty("unknowns")[0].GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_rule_on_trial_is_counted_with_the_text_that_only_the_living_message_has()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await ChangeAcmeAsync(gateway, tenant => tenant["rules"] = JsonNode.Parse("""
            [{"name":"games","mode":"monitor","when":{"type":"words","list":"gambling-en","atLeast":4},"then":[{"type":"quarantine"}]}]
            """));
        await gateway.SendAsync(Mail("hello", "Claim your free spins in our online casino"));
        await gateway.SendAsync(Mail("hello", "Minutes of the meeting"));
        var rule = (await gateway.GetAsync("api/v1/policies/acme/monitor")).GetProperty("rules")[0];
        Assert.Equal(("games", "acme", 1, 1, true), (rule.GetProperty("rule").GetString(), rule.GetProperty("node").GetString(), Int(rule, "held"), Int(rule, "delivered"), rule.GetProperty("isOnTrial").GetBoolean()));
    }

    [Fact]
    public async Task Analysis_names_every_rule_that_held_and_that_did_not_and_why()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await ChangeAcmeAsync(gateway, tenant => tenant["rules"] = JsonNode.Parse("""
            [{"name":"games","when":{"type":"words","list":"gambling-en","atLeast":4},"then":[{"type":"tag","subject":"[game]"}]},
             {"name":"boss","when":{"type":"recipient","addresses":["boss@acme.example"]},"then":[{"type":"tag","subject":"[boss]"}]}]
            """));
        var (_, body) = await gateway.CallAsync(HttpMethod.Post, "api/v1/analyze?tenant=acme&recipient=info@acme.example", Mail("hello", "free spins"), "message/rfc822");
        var rules = JsonDocument.Parse(body).RootElement.GetProperty("policyRules").EnumerateArray()
            .Where(r => r.GetProperty("node").GetString() == "acme").ToDictionary(r => r.GetProperty("rule").GetString()!);
        Assert.Equal(("yes", "no"), (rules["games"].GetProperty("holds").GetString(), rules["boss"].GetProperty("holds").GetString()));
        Assert.Contains("free spins", rules["games"].GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_asks_for_a_country_without_a_table_is_reported()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await ChangeAcmeAsync(gateway, tenant => tenant["rules"] = JsonNode.Parse("""
            [{"name":"abroad","when":{"type":"not","of":{"type":"origin","countries":["FR"]}},"then":[{"type":"tag","subject":"[abroad]"}]}]
            """));
        var warnings = (await gateway.GetAsync("api/v1/system/status")).GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!);
        Assert.Contains(warnings, w => w.StartsWith("no table of networks: rule 'abroad' of acme asks", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_question_that_cannot_be_asked_says_why()
    {
        await using var gateway = await RunningGateway.StartAsync();
        foreach (var (tenant, body, status, why) in new[]
                 {
                     ("nobody", "{}", HttpStatusCode.NotFound, "there is no tenant 'nobody'"),
                     ("acme", """{"days":31}""", HttpStatusCode.BadRequest, "days"),
                     ("acme", """{"maxSeconds":0}""", HttpStatusCode.BadRequest, "maxSeconds"),
                     ("acme", """{"policy":{"tagScore":9,"quarantineScore":3}}""", HttpStatusCode.BadRequest, "quarantineScore"),
                     ("acme", """{"rules":[{"name":"x","when":{"type":"pattern","pattern":"a("},"then":[{"type":"deliver"}]}]}""", HttpStatusCode.BadRequest, "rules[0].when.pattern"),
                     ("acme", """{"rules":[{"name":"x","when":{"type":"words","list":"none"},"then":[{"type":"deliver"}]}]}""", HttpStatusCode.BadRequest, "gambling-en"),
                 })
        {
            var (got, answer) = await gateway.CallAsync(HttpMethod.Post, $"api/v1/policies/{tenant}:backtest", body);
            Assert.True(got == status, $"{body}: {got}: {answer}");
            Assert.Contains(why, answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_report_of_rules_on_trial_knows_how_much_mail_it_looked_at()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await gateway.SendAsync(Mail("plain", "Hello"));
        var report = await gateway.GetAsync("api/v1/policies/acme/monitor?days=1");
        Assert.Equal((1, 0), (Int(report, "messages"), report.GetProperty("rules").GetArrayLength()));
    }

    [Fact]
    public async Task A_message_is_analyzed_for_a_recipient_under_a_tenants_policy()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (status, body) = await gateway.CallAsync(
            HttpMethod.Post,
            "api/v1/analyze?tenant=acme&recipient=info@acme.example&sender=me@sender.example&client=192.0.2.1",
            Mail("Bonjour", "Vous trouverez la facture dans ce message, merci de nous répondre."),
            "message/rfc822");
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.Equal("fr", JsonDocument.Parse(body).RootElement.GetProperty("language").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.CallAsync(HttpMethod.Post, "api/v1/analyze?tenant=acme&client=here", "Subject: x\n\nx", "message/rfc822")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.CallAsync(HttpMethod.Post, "api/v1/analyze?tenant=acme&recipient=@@", "Subject: x\n\nx", "message/rfc822")).Status);
    }

    private static async Task<JsonElement> BacktestAsync(RunningGateway gateway, string tenant, string json)
    {
        var (status, body) = await gateway.CallAsync(HttpMethod.Post, $"api/v1/policies/{tenant}:backtest", json);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static async Task<List<(string Name, JsonElement Data)>> EventsAsync(RunningGateway gateway, string tenant, string body)
    {
        using var answer = await AskForEventsAsync(gateway, tenant, body);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return
        [
            .. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => e.StartsWith("event: ", StringComparison.Ordinal)).Select(e => e.Split('\n'))
                .Select(e => (e[0]["event: ".Length..], JsonDocument.Parse(e[1]["data: ".Length..]).RootElement)),
        ];
    }

    private static async Task<HttpResponseMessage> AskForEventsAsync(RunningGateway gateway, string tenant, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"api/v1/policies/{tenant}:backtest", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await gateway.Api.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Mail(string subject, string body) => $"From: me@sender.example\nTo: info@acme.example\nSubject: {subject}\n\n{body}\n";

    /// <summary>The test line is worth a quarantine instead of a refusal.</summary>
    private static Task KeepSpamAsync(RunningGateway gateway) =>
        ChangeAcmeAsync(gateway, tenant => tenant["policy"] = JsonNode.Parse("""{"scores":{"GTUBE":7}}"""));

    private static async Task ChangeAcmeAsync(RunningGateway gateway, Action<JsonNode> change)
    {
        var site = JsonNode.Parse((await gateway.CallAsync(HttpMethod.Get, "api/v1/site")).Body)!;
        change(site["tenants"]!.AsArray().Single(t => (string?)t!["name"] == "acme")!);
        var (status, body) = await gateway.CallAsync(HttpMethod.Put, "api/v1/site", site.ToJsonString());
        Assert.True(status == HttpStatusCode.OK, body);
    }
}
