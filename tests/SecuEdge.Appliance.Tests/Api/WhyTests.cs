using System.Net;
using System.Text.Json;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>What somebody is told who asks why: reasons of the quarantine, of the story, and what belongs to a message.</summary>
public sealed class WhyTests : IClassFixture<WhyTests.Scene>
{
    private readonly RunningGateway _gateway;

    public WhyTests(Scene scene)
    {
        _gateway = scene.Gateway;
        _gateway.Sink.Script = command => command.Argument.Contains("loop@", StringComparison.Ordinal) ? SinkAnswer.Say("554 5.4.6 mail loop") : null;
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_reads_in_the_quarantine_which_rule_found_what()
    {
        var reference = await SendAsync(File("fake.mp3"), "quarantined");
        var item = await KeptAsync(reference);
        Assert.Equal("Rule 'mp3' of acme: file 'fake.mp3' (text/plain, 3 bytes) is what is asked for", item.GetProperty("reason").GetString());
        var message = await MessageAsync(reference);
        Assert.Contains("decided by mp3: Rule 'mp3' of acme: file 'fake.mp3'", Step(message, "judged"), StringComparison.Ordinal);
        var reason = Assert.Single(message.GetProperty("reasons").EnumerateArray());
        Assert.Equal(("mp3", "acme", true, false), (Text(reason, "rule"), Text(reason, "node"), reason.GetProperty("isDecisive").GetBoolean(), reason.GetProperty("isWatching").GetBoolean()));
    }

    [Fact]
    public async Task What_could_not_be_delivered_says_so_and_not_that_nothing_matched()
    {
        var reference = await SendAsync(Plain("hello"), "quarantined", "loop@acme.example");
        var reason = (await KeptAsync(reference)).GetProperty("reason").GetString()!;
        Assert.StartsWith("It could not be delivered: 554 5.4.6 mail loop", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_person_put_there_says_who_did()
    {
        var reference = await SendAsync(Plain("Do: hold"), "held");
        Assert.Equal(HttpStatusCode.OK, (await _gateway.CallAsync(HttpMethod.Post, $"api/v1/messages/{reference}:quarantine", "{}")).Status);
        await _gateway.WaitForStateAsync(reference, "quarantined");
        Assert.StartsWith("Put from hold into quarantine by ", (await KeptAsync(reference)).GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_words_that_a_rule_found_are_for_those_who_may_read_the_message_and_are_asked_for_on_record()
    {
        var reference = await SendAsync(Plain("please make a virement urgent today"), "quarantined");
        foreach (var told in (string[])[(await MessageAsync(reference)).ToString(), (await KeptAsync(reference)).ToString()])
        {
            Assert.Contains("the text has what a pattern of the rule asks for", told, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("virement", told, StringComparison.Ordinal);
        }

        Assert.Contains("finds 'virement urgent'", (await _gateway.GetAsync($"api/v1/messages/{reference}?content=true&reason=ticket-7")).GetProperty("reasons").ToString(), StringComparison.Ordinal);
        Assert.Contains("finds 'virement urgent'", (await _gateway.GetAsync($"api/v1/quarantine/{reference}")).GetProperty("reasons").ToString(), StringComparison.Ordinal);
        Assert.Contains(await _gateway.AuditAsync(), e => e.Action == "message.content" && e.Target == reference && e.Reason == "ticket-7");

        using var helpdesk = await TokenAsync("messagesRead", "quarantineRead");
        var refused = await helpdesk.GetAsync(new Uri($"api/v1/messages/{reference}?content=true", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var plain = await helpdesk.GetStringAsync(new Uri($"api/v1/messages/{reference}", UriKind.Relative), Cancelled);
        Assert.Contains("a pattern of the rule", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("virement", plain, StringComparison.Ordinal);

        var (_, export) = await _gateway.CallAsync(HttpMethod.Post, "api/v1/privacy:export", """{"tenant":"acme","address":"info@acme.example","reason":"asked"}""");
        Assert.Contains(reference, export, StringComparison.Ordinal);
        Assert.DoesNotContain("virement", export, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_only_watches_leaves_a_line()
    {
        var reference = await SendAsync(Plain("Do: watch"), "delivered");
        var message = await MessageAsync(reference);
        Assert.Equal("Rule 'watch' of acme (only watched) would have kept it in quarantine, told of it", Step(message, "ruleWatched").Replace("told of it, kept it in quarantine", "kept it in quarantine, told of it", StringComparison.Ordinal));
        Assert.True(Assert.Single(message.GetProperty("reasons").EnumerateArray()).GetProperty("isWatching").GetBoolean());
        Assert.Equal("NOTHING_MATCHED", Text(message.GetProperty("message"), "decidedBy"));
    }

    [Fact]
    public async Task What_was_redirected_is_found_by_who_got_it_and_has_a_rule_to_its_name()
    {
        var reference = await SendAsync(Plain("about the offer"), "delivered", "paul@acme.example");
        foreach (var asked in (string[])["paul@acme.example", "eva@acme.example"])
        {
            var found = (await _gateway.GetAsync($"api/v1/messages?recipient={asked}")).GetProperty("items").EnumerateArray().ToList();
            Assert.Contains(found, m => Text(m, "reference") == reference);
        }

        var message = await MessageAsync(reference);
        Assert.Equal("eva@acme.example", Text(message.GetProperty("recipients")[0], "redirectedTo"));
        Assert.Equal("leaver", Text(message.GetProperty("message"), "decidedBy"));
        // Her mail does not: a rule may send copies that its reader is not to know of.
        Assert.Contains("decided-by=NOTHING_MATCHED", System.Text.Encoding.Latin1.GetString(_gateway.Sink.Messages.Single(m => m.Recipients.Contains("eva@acme.example")).Bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("copy", "archive@elsewhere.example", "copy")]
    [InlineData("tell", "admin@acme.example", "notice")]
    public async Task What_was_made_of_a_message_leads_back_to_it(string rule, string to, string kind)
    {
        var reference = await SendAsync(Plain($"Do: {rule}"), "delivered");
        await RunningGateway.EventuallyAsync(async () => (await MadeAsync(reference)).Count == 1);
        var made = Assert.Single(await MadeAsync(reference));
        Assert.Equal((kind, reference, to), (Text(made.GetProperty("origin"), "kind"), Text(made.GetProperty("origin"), "reference"), made.GetProperty("recipients")[0].GetString()));
        var steps = (await MessageAsync(reference)).GetProperty("timeline").EnumerateArray().ToList();
        Assert.Contains(steps, s => Text(s, "related") == Text(made, "reference"));
        if (rule == "tell")
        {
            // It was delivered, and nobody is told otherwise.
            Assert.StartsWith("A rule applied to a message", Text(made, "subject"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_quarantine_shows_what_waits_and_says_the_same_as_the_message_log_about_the_rest()
    {
        var reference = await SendAsync(File("second.mp3"), "quarantined");
        Assert.Equal("waiting", Text(await KeptAsync(reference), "state"));
        foreach (var text in (string[])["A file of SECOND", "sender.exam", "info@acme", reference])
        {
            Assert.Contains(await ListAsync($"text={Uri.EscapeDataString(text)}"), i => Text(i, "reference") == reference);
        }

        Assert.Empty(await ListAsync("text=nowhere-at-all"));
        var (_, bulk) = await _gateway.CallAsync(HttpMethod.Post, "api/v1/quarantine:bulk", """{"action":"release","query":{"queue":"music","text":"second"}}""");
        Assert.Equal(1, JsonDocument.Parse(bulk).RootElement.GetProperty("succeeded").GetInt32());
        await _gateway.WaitForStateAsync(reference, "delivered");

        Assert.DoesNotContain(await ListAsync(""), i => Text(i, "reference") == reference);
        var released = (await ListAsync("state=released")).Single(i => Text(i, "reference") == reference);
        Assert.Equal(("released", "delivered"), (Text(released, "state"), Text(released.GetProperty("message"), "state")));
        Assert.Contains(await ListAsync("state=all"), i => Text(i, "reference") == reference);
        Assert.Equal(HttpStatusCode.BadRequest, (await _gateway.CallAsync(HttpMethod.Get, "api/v1/quarantine?state=gone")).Status);
    }

    [Fact]
    public async Task What_was_let_out_in_spite_of_an_engine_is_no_news_when_that_engine_says_it_again()
    {
        var file = MacroMail.NewFile();
        _gateway.Clamd.Answer = (id, content) => $"{id}: stream: {(content.AsSpan().IndexOf(file) >= 0 ? "Known.Bad FOUND" : "OK")}";
        var first = await SendAsync(MacroMail.Create(file), "quarantined");
        Assert.Equal(HttpStatusCode.OK, (await _gateway.CallAsync(HttpMethod.Post, $"api/v1/quarantine/{first}:release", "{}")).Status);
        await _gateway.WaitForStateAsync(first, "delivered");
        await SendAsync(MacroMail.Create(file), "quarantined");

        // Another file after it: convictions are taken in order, so what was to be said of the first has been said by then.
        var (early, late) = (MacroMail.NewFile(), "Late.Bad");
        var got = await SendAsync(MacroMail.Create(early), "held");
        Assert.Equal(HttpStatusCode.OK, (await _gateway.CallAsync(HttpMethod.Post, $"api/v1/messages/{got}:release", "{}")).Status);
        await _gateway.WaitForStateAsync(got, "delivered");
        var held = await SendAsync(MacroMail.Create(early), "held");
        _gateway.Clamd.Answer = (id, content) => $"{id}: stream: {(content.AsSpan().IndexOf(early) >= 0 ? late + " FOUND" : content.AsSpan().IndexOf(file) >= 0 ? "Known.Bad FOUND" : "OK")}";
        _gateway.Clamd.Version = "ClamAV 1.4.3/27501/Tue Nov 18 10:00:00 2025";
        await _gateway.WaitForStateAsync(held, "quarantined");
        await RunningGateway.EventuallyAsync(async () => (await _gateway.GetAsync("api/v1/retro-verdicts")).GetProperty("items").GetArrayLength() > 0);
        var told = Assert.Single((await _gateway.GetAsync("api/v1/retro-verdicts")).GetProperty("items").EnumerateArray());
        Assert.Equal(late, Text(told, "signature"));
        Assert.DoesNotContain((await MessageAsync(first)).GetProperty("timeline").EnumerateArray(), s => Text(s, "kind") == "retroConvicted");
    }

    private static string Plain(string body) => $"From: a@sender.example\nSubject: a plain one\n\n{body}\n";

    private static string File(string name) =>
        $"From: a@sender.example\nSubject: A file of {name}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\nContent-Type: audio/mpeg; name={name}\n\nID3\n--b--\n";

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Step(JsonElement message, string kind) => message.GetProperty("timeline").EnumerateArray().Single(e => Text(e, "kind") == kind).GetProperty("text").GetString()!;

    private async Task<string> SendAsync(string body, string state, string to = "info@acme.example")
    {
        var reply = await _gateway.SendAsync(body, to);
        Assert.Equal(250, reply.Code);
        var reference = RunningGateway.Reference(reply);
        await _gateway.WaitForStateAsync(reference, state);
        return reference;
    }

    private Task<JsonElement> MessageAsync(string reference) => _gateway.GetAsync($"api/v1/messages/{reference}");

    private async Task<List<JsonElement>> ListAsync(string query) => [.. (await _gateway.GetAsync($"api/v1/quarantine?{query}")).GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> KeptAsync(string reference) => (await ListAsync($"text={reference}")).Single();

    private async Task<List<JsonElement>> MadeAsync(string reference) =>
        [.. (await _gateway.GetAsync($"api/v1/messages?text={reference}")).GetProperty("items").EnumerateArray().Where(m => Text(m, "reference") != reference)];

    private async Task<HttpClient> TokenAsync(params string[] permissions)
    {
        var (status, body) = await _gateway.CallAsync(HttpMethod.Post, "api/v1/tokens", JsonSerializer.Serialize(new { name = $"t{Guid.NewGuid():n}"[..20], node = "acme", permissions }));
        Assert.True(status == HttpStatusCode.Created, body);
        return _gateway.ClientOf(JsonDocument.Parse(body).RootElement.GetProperty("secret").GetString());
    }

    /// <summary>One gateway for all of them.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        private const string Site = """
            {"tenants":[{"name":"acme","domains":[{"name":"acme.example","nextHops":["127.0.0.1:PORT"]}],
              "outbound":{"networks":["127.0.0.1"],"nextHops":["127.0.0.1:PORT"]},
              "service":{"contacts":["admin@acme.example"]},"policy":{"outbreakHold":{"inbound":"01:00:00"}},
              "rules":[
                {"name":"mp3","when":{"type":"attachment","extensions":["mp3"]},"then":[{"type":"quarantine","queue":"music"}]},
                {"name":"words","when":{"type":"pattern","pattern":"virement urgent"},"then":[{"type":"quarantine"}]},
                {"name":"leaver","when":{"type":"recipient","addresses":["paul@acme.example"]},"then":[{"type":"redirect","to":"eva@acme.example"}]},
                {"name":"hold","when":{"type":"pattern","pattern":"Do: hold"},"then":[{"type":"hold","minutes":60}]},
                {"name":"copy","when":{"type":"pattern","pattern":"Do: copy"},"then":[{"type":"copy","to":"archive@elsewhere.example"}]},
                {"name":"tell","when":{"type":"pattern","pattern":"Do: tell"},"then":[{"type":"tag","subject":"[X]"},{"type":"notify","whom":["administrator"]}]},
                {"name":"watch","mode":"monitor","when":{"type":"pattern","pattern":"Do: watch"},"then":[{"type":"notify","whom":["administrator"]},{"type":"quarantine"}]}]}]}
            """;

        public RunningGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Gateway = await RunningGateway.StartAsync(port => Site.Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
