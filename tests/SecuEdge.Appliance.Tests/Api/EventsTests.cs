using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Live events, from outside and in the hub.</summary>
public sealed class EventsTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Mail = "From: Me <me@sender.example>\nTo: info@acme.example\nSubject: hello\n\nHello.\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_is_seen_as_it_goes_by_and_again_after_coming_back()
    {
        using var stream = await OpenAsync("api/v1/events?name=message.*&tenant=acme");
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancelled));
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        Assert.Equal(": welcome", await reader.ReadLineAsync(Cancelled));
        var reference = RunningGateway.Reference(await fixture.Gateway.SendAsync(Mail));

        var accepted = await NextAsync(reader, "message.accepted", reference);
        Assert.Equal("1.0", (string?)accepted["specversion"]);
        Assert.Equal("acme", (string?)accepted["tenant"]);
        Assert.Equal("//mx.test.example", (string?)accepted["source"]);
        Assert.Equal("hello", (string?)accepted["data"]!["message"]!["subject"]);
        await NextAsync(reader, "message.delivered", reference);

        using var again = await OpenAsync($"api/v1/events?after={accepted["id"]}");
        using var rest = new StreamReader(await again.Content.ReadAsStreamAsync(Cancelled));
        await NextAsync(rest, "message.delivered", reference);
    }

    [Fact]
    public async Task A_listener_of_another_name_hears_nothing_of_it()
    {
        using var stream = await OpenAsync("api/v1/events?name=engine.*,message.bounced&after=0");
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancelled));
        Assert.Equal("event: lost", await reader.ReadLineAsync(Cancelled));
        Assert.Equal("""data: {"restarted":true}""", await reader.ReadLineAsync(Cancelled));
    }

    [Fact]
    public async Task One_caller_cannot_open_streams_without_end()
    {
        // One of its own: the other tests need streams, too.
        var (_, token) = await fixture.Gateway.CallAsync(HttpMethod.Post, "api/v1/tokens", """{"name":"greedy","node":"provider","permissions":["events"]}""");
        using var greedy = fixture.Gateway.ClientOf((string)JsonNode.Parse(token)!["secret"]!);
        List<HttpResponseMessage> open = [];
        try
        {
            for (var i = 0; i < 30 && (open.Count == 0 || (int)open[^1].StatusCode == 200); i++)
            {
                open.Add(await OpenAsync("api/v1/events", greedy));
            }

            Assert.Equal(429, (int)open[^1].StatusCode);
            Assert.True(open[^1].Headers.Contains("Retry-After"));
        }
        finally
        {
            open.ForEach(o => o.Dispose());
        }
    }

    [Fact]
    public void The_hub_tells_who_comes_back_what_he_missed_and_how_much_is_gone()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        var hub = new EventHub(time);
        using var first = hub.Subscribe();
        hub.Publish(Event("a"));
        hub.Publish(Event("b"));
        Assert.True(first.TryRead(out var a));
        using (var back = hub.Subscribe(a.Number))
        {
            Assert.True(back.TryRead(out var b));
            Assert.Equal("b", b.Event.Name);
            Assert.False(back.TryRead(out _));
            Assert.Equal(0, back.Lost);
        }

        for (var i = 0; i < 2500; i++)
        {
            hub.Publish(Event("c"));
        }

        using (var late = hub.Subscribe(a.Number))
        {
            // b and 2500 c came since; the last 2000 are remembered.
            Assert.Equal(501, late.Lost);
        }

        using var stranger = hub.Subscribe(5);
        Assert.True(stranger.IsFromEarlierRun);
    }

    [Theory]
    [InlineData("message.*", "message.delivered", true)]
    [InlineData("message.delivered", "message.delivered", true)]
    [InlineData("message.*", "messages.x", false)]
    [InlineData("*", "engine.degraded", true)]
    [InlineData("engine.degraded", "engine.recovered", false)]
    public void Patterns_choose_names(string pattern, string name, bool matches) => Assert.Equal(matches, EventNames.Matches(pattern, name));

    [Fact]
    public void A_listener_sees_only_what_his_node_may_see()
    {
        var site = new SiteDirectory(new Site
        {
            Tenants = [new Tenant { Name = "reseller", Kind = TenantKind.Reseller }, new Tenant { Name = "shop", Parent = "reseller" }, new Tenant { Name = "other" }],
        });
        var caller = new Caller("r") { Grants = [new Grant("reseller", Grant.All)] };
        var all = new EventFilter([], null);
        Assert.True(all.Wants(Event("x", "shop"), caller, site));
        Assert.False(all.Wants(Event("x", "other"), caller, site));
        Assert.False(all.Wants(Event("x", Tenant.Root), caller, site));
        Assert.False(new EventFilter([], "other").Wants(Event("x", "shop"), caller, site));
    }

    private static GatewayEvent Event(string name, string tenant = "acme") => new(name, DateTimeOffset.UnixEpoch, tenant, "s", new EngineHappening("x", true, ""));

    private Task<HttpResponseMessage> OpenAsync(string path, HttpClient? client = null) =>
        (client ?? fixture.Gateway.Api).GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancelled);

    private static async Task<JsonNode> NextAsync(StreamReader reader, string name, string reference)
    {
        string? last = null;
        while (await reader.ReadLineAsync(Cancelled) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                last = line[7..];
            }
            else if (last == name && line.StartsWith("data: ", StringComparison.Ordinal) && JsonNode.Parse(line[6..]) is { } data && (string?)data["subject"] == reference)
            {
                return data;
            }
        }

        throw new InvalidOperationException($"the stream ended before {name}");
    }
}
