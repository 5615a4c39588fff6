using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Webhooks;
using SecuEdge.Store;
using SecuEdge.Store.State;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Webhooks against a receiver of our own, and the parts that keep them safe.</summary>
public sealed class WebhookTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Mail = "From: Me <me@sender.example>\nTo: info@acme.example\nSubject: hello\n\nHello.\n";

    [Fact]
    public async Task An_event_is_told_signed_and_tried_again_until_it_is_taken()
    {
        await using var receiver = await Receiver.StartAsync(call => call == 1 ? 500 : 200);
        var secret = await CreateAsync("signed", receiver.Address, "message.delivered");
        var reference = RunningGateway.Reference(await fixture.Gateway.SendAsync(Mail));
        await RunningGateway.EventuallyAsync(() => Task.FromResult(receiver.Calls.Count(c => c.Body.Contains(reference, StringComparison.Ordinal)) >= 2));

        var calls = receiver.Calls.Where(c => c.Body.Contains(reference, StringComparison.Ordinal)).ToList();
        Assert.Equal(calls[0].Id, calls[1].Id);
        Assert.All(calls, c => Assert.Equal(WebhookCaller.Sign(secret, c.Id, c.Timestamp, c.Body), c.Signature));
        Assert.StartsWith("application/cloudevents+json", calls[0].Type, StringComparison.Ordinal);
        var told = JsonNode.Parse(calls[0].Body)!;
        Assert.Equal("message.delivered", (string?)told["type"]);
        Assert.Equal(reference, (string?)told["subject"]);
        Assert.Equal("delivered", (string?)told["data"]!["message"]!["state"]);

        await RunningGateway.EventuallyAsync(async () => (await DeliveriesAsync("signed")).Any(d => (bool)d!["succeeded"]!));
        var deliveries = await DeliveriesAsync("signed");
        Assert.Equal([200, 500], deliveries.Take(2).Select(d => (int)d!["status"]!));
        Assert.Equal("thanks", (string?)deliveries[0]!["reply"]);
    }

    [Fact]
    public async Task An_event_that_cannot_be_told_does_not_end_the_others()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        await CreateAsync("faulty", receiver.Address, "engine.degraded");
        var hub = fixture.Gateway.Service<EventHub>();
        foreach (var data in (object[])[new Faulty("a fault of ours"), new WebhookHappening("sound", "")])
        {
            hub.Publish(new GatewayEvent(EventNames.EngineDegraded, TimeProvider.System.GetUtcNow(), "acme", "clamav", data));
        }

        await RunningGateway.EventuallyAsync(() => Task.FromResult(receiver.Calls.Any(c => c.Body.Contains("sound", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_tenant_that_an_import_leaves_out_takes_its_webhooks_with_it()
    {
        const string Parent = """{"tenants":[{"name":"landlord","kind":"reseller"}]}""";
        const string Both = """{"tenants":[{"name":"landlord","kind":"reseller"},{"name":"lodger","parent":"landlord"}]}""";
        foreach (var (query, file) in (IReadOnlyList<(string, string)>)[("part=true", Both), ("", ""), ("tenant=landlord&confirm=1", Parent), ("tenant=landlord", Both)])
        {
            var (status, body) = file.Length > 0
                ? await fixture.Gateway.CallAsync(HttpMethod.Post, $"api/v1/config:apply?{query}", file)
                : await fixture.Gateway.CallAsync(HttpMethod.Post, "api/v1/webhooks", """{"name":"lodgers","tenant":"lodger","url":"https://example.com/","events":["*"]}""");
            Assert.True((int)status < 300, body);
        }

        await RunningGateway.EventuallyAsync(async () => (await fixture.Gateway.CallAsync(HttpMethod.Get, "api/v1/webhooks/lodgers")).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_test_button_shows_what_the_receiver_answers()
    {
        await using var receiver = await Receiver.StartAsync(_ => 418);
        await CreateAsync("button", receiver.Address, "engine.degraded");
        var (status, body) = await fixture.Gateway.CallAsync(HttpMethod.Post, "api/v1/webhooks/button:test");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(418, (int)JsonNode.Parse(body)!["status"]!);
        Assert.Equal("webhook.test", (string?)JsonNode.Parse(receiver.Calls.Single().Body)!["type"]);
    }

    [Fact]
    public async Task What_ends_sets_no_webhook_and_learns_no_secret()
    {
        await CreateAsync("lasting", new Uri("https://example.com/"), "*");
        var end = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        var (_, token) = await fixture.Gateway.CallAsync(
            HttpMethod.Post, "api/v1/tokens", $$"""{"name":"bound","node":"provider","permissions":["events"],"expiresAt":"{{end}}"}""");
        using var client = fixture.Gateway.ClientOf((string)JsonNode.Parse(token)!["secret"]!);
        foreach (var (method, path) in (IReadOnlyList<(HttpMethod, string)>)[(HttpMethod.Post, "webhooks"), (HttpMethod.Put, "webhooks/lasting"), (HttpMethod.Post, "webhooks/lasting:rotate-secret")])
        {
            using var content = new StringContent($$"""{{{(method == HttpMethod.Post ? "\"name\":\"fresh\"," : "")}}"url":"https://his.example/","events":["*"]}""", System.Text.Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(method, "api/v1/" + path) { Content = path.EndsWith("secret", StringComparison.Ordinal) ? null : content };
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, answer.StatusCode));
        }

        Assert.Equal("https://example.com/", (await fixture.Gateway.GetAsync("api/v1/webhooks/lasting")).GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_secret_is_shown_once_and_can_be_changed()
    {
        var secret = await CreateAsync("secret", new Uri("https://example.com/"), "*");
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await fixture.Gateway.GetAsync("api/v1/webhooks/secret")).ToString(), StringComparison.Ordinal);
        var (_, body) = await fixture.Gateway.CallAsync(HttpMethod.Post, "api/v1/webhooks/secret:rotate-secret");
        Assert.NotEqual(secret, (string?)JsonNode.Parse(body)!["secret"]);
    }

    [Fact]
    public async Task A_webhook_is_changed_and_deleted_and_then_missing()
    {
        await CreateAsync("gone", new Uri("https://example.com/"), "*");
        var (changed, body) = await fixture.Gateway.CallAsync(HttpMethod.Put, "api/v1/webhooks/gone", """{"url":"https://example.org/","events":["engine.*"],"enabled":false}""");
        Assert.True(changed == HttpStatusCode.OK, body);
        Assert.False((await fixture.Gateway.GetAsync("api/v1/webhooks/gone")).GetProperty("enabled").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await fixture.Gateway.CallAsync(HttpMethod.Delete, "api/v1/webhooks/gone")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.Gateway.CallAsync(HttpMethod.Get, "api/v1/webhooks/gone")).Status);
    }

    [Theory]
    [InlineData("http://example.com/", "must begin with https://")]
    [InlineData("https://127.0.0.1/", "is not an address of the Internet")]
    [InlineData("https://[::1]/", "is not an address of the Internet")]
    [InlineData("https://[::ffff:10.0.0.1]/", "is not an address of the Internet")]
    [InlineData("https://169.254.169.254/latest/meta-data", "is not an address of the Internet")]
    [InlineData("https://localhost/", "is not an address of the Internet")]
    [InlineData("https://2130706433/", "is not an address of the Internet")]
    [InlineData("https://user:password@example.com/", "must not contain a password; the signature says who calls")]
    [InlineData("/hook", "is not a whole URL such as https://example.com/hook")]
    [InlineData("https://example.com/hook", null)]
    public void Only_addresses_of_the_Internet_are_called(string url, string? refusal) =>
        Assert.Equal(refusal, WebhookCaller.Refuse(new Uri(url, UriKind.RelativeOrAbsolute), allowPrivate: false));

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    public void Addresses_of_the_house_are_known(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Fact]
    public async Task A_name_that_leads_into_the_house_is_not_called()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        using var caller = new WebhookCaller(new WebhookOptions(), TimeProvider.System);
        var hook = Hook(new UriBuilder("https", "localhost", receiver.Address.Port).Uri);
        var delivery = await caller.CallAsync(hook, new WaitingCall("1", "x", DateTimeOffset.UnixEpoch, "{}"), TestContext.Current.CancellationToken);
        Assert.False(delivery.Succeeded);
        Assert.Equal("the name leads to an address that is not of the Internet", delivery.Reply);
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_a_long_answer_not_read()
    {
        await using var receiver = await Receiver.StartAsync(call => call == 1 ? 302 : 200, answer: new string('x', 5_000_000));
        using var caller = new WebhookCaller(new WebhookOptions { AllowPrivate = true }, TimeProvider.System);
        var call = new WaitingCall("1", "x", DateTimeOffset.UnixEpoch, "{}");
        var redirected = await caller.CallAsync(Hook(receiver.Address), call, TestContext.Current.CancellationToken);
        Assert.False(redirected.Succeeded);
        Assert.Equal(302, redirected.Status);
        Assert.Single(receiver.Calls);
        var answered = await caller.CallAsync(Hook(receiver.Address), call, TestContext.Current.CancellationToken);
        Assert.True(answered.Succeeded);
        Assert.Equal(512, answered.Reply.Length);
    }

    [Fact]
    public void What_waits_survives_a_restart_and_is_bounded()
    {
        using var folder = new TempFolder(inMemory: true);
        var options = new WebhookOptions { MaxWaiting = 10 };
        using var store = Open(folder, options);
        var hook = Hook(new Uri("https://example.com/"));
        store.Put(hook);
        for (var i = 0; i < 13; i++)
        {
            store.Enqueue(hook.Key, new WaitingCall($"{i}", "x", DateTimeOffset.UnixEpoch, "{}"));
        }

        store.Flush();
        using var later = Open(folder, options);
        Assert.Equal(10, later.Waiting(hook.Key));
        Assert.Equal(3, later.Find(hook.Key)!.Dropped);
        Assert.Equal("3", later.NextDue(hook.Key, DateTimeOffset.UnixEpoch)!.Id);
    }

    [Fact]
    public void What_is_written_is_what_has_changed()
    {
        using var folder = new TempFolder(inMemory: true);
        using var store = Open(folder, new WebhookOptions { MaxWaiting = 100_000 });
        var (busy, quiet) = (Hook(new Uri("https://example.com/")), Hook(new Uri("https://example.com/")) with { Name = "quiet" });
        store.Put(busy);
        store.Put(quiet);
        for (var i = 0; i < 2000; i++)
        {
            store.Enqueue(busy.Key, new WaitingCall($"b{i}", "x", DateTimeOffset.UnixEpoch, new string('x', 500)));
        }

        store.Flush();
        var file = new FileInfo(Path.Combine(folder.Path, "state", "webhooks.journal"));
        var before = file.Length;
        store.Enqueue(quiet.Key, new WaitingCall("q", "x", DateTimeOffset.UnixEpoch, "{}"));
        store.Flush();
        file.Refresh();
        Assert.InRange(file.Length - before, 1, 500);
    }

    [Fact]
    public void The_file_does_not_grow_without_end_and_forgets_who_is_deleted()
    {
        using var folder = new TempFolder(inMemory: true);
        using var store = Open(folder, new WebhookOptions());
        var hook = Hook(new Uri("https://example.com/"));
        store.Put(hook);
        var file = new FileInfo(Path.Combine(folder.Path, "state", "webhooks.journal"));
        for (var i = 0; i < 20_000; i++)
        {
            store.Enqueue(hook.Key, new WaitingCall($"{i}", "x", DateTimeOffset.UnixEpoch, new string('x', 500)));
            store.Settle(hook.Key, new WebhookDelivery { Id = $"{i}", Event = "x", At = DateTimeOffset.UnixEpoch, Try = 1, Succeeded = true, Milliseconds = 1, Reply = "jane" }, null, h => h);
            if (i % 100 == 0)
            {
                store.Flush();
            }
        }

        file.Refresh();
        Assert.InRange(file.Length, 1, 6_000_000);
        Assert.True(store.Remove(hook.Key));
        store.Compact();
        Assert.DoesNotContain("jane", File.ReadAllText(file.FullName), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tenant_has_so_many_bytes_waiting_and_takes_them_from_nobody_else()
    {
        using var folder = new TempFolder(inMemory: true);
        using var store = Open(folder, new WebhookOptions { MaxWaitingBytes = 100_000 });
        var hooks = new[] { Hook(new Uri("https://example.com/")), Hook(new Uri("https://example.com/")) with { Name = "second" }, Hook(new Uri("https://example.com/")) with { Tenant = "shop" } };
        Array.ForEach(hooks, store.Put);
        store.Enqueue(hooks[2].Key, new WaitingCall("first", "x", DateTimeOffset.UnixEpoch, new string('x', 90_000)));
        store.Enqueue(hooks[1].Key, new WaitingCall("first", "x", DateTimeOffset.UnixEpoch, new string('x', 40_000)));
        for (var i = 0; i < 100; i++)
        {
            store.Enqueue(hooks[0].Key, new WaitingCall($"{i}", "x", DateTimeOffset.UnixEpoch, new string('x', 1000)));
        }

        Assert.Equal((50, 1, 1), (store.Waiting(hooks[0].Key), store.Waiting(hooks[1].Key), store.Waiting(hooks[2].Key)));
        Assert.Equal(50, store.Find(hooks[0].Key)!.Dropped);
    }

    [Fact]
    public void What_a_version_before_the_journal_wrote_is_taken_over()
    {
        using var folder = new TempFolder(inMemory: true);
        var files = new MemoryStateFiles();
        var hook = Hook(new Uri("https://example.com/")) with { Enabled = false };
        files.Write("webhooks", JsonSerializer.SerializeToUtf8Bytes(new[] { hook }, SiteJson.Options));
        files.Write("webhook-queue", Encoding.UTF8.GetBytes($$$"""{"{{{hook.Key}}}":{"waiting":[{"id":"1","event":"x","at":"2026-01-01T00:00:00Z","body":"{}","tries":1,"nextTry":"2026-01-01T00:00:00Z"}],"deliveries":[]}}"""));
        for (var i = 0; i < 2; i++)
        {
            using var store = Open(folder, new WebhookOptions(), files);
            Assert.Equal((1, false), (store.Waiting(hook.Key), store.Find(hook.Key)!.Enabled));
            Assert.Null(files.Read("webhooks"));
            Assert.Null(files.Read("webhook-queue"));
        }
    }

    private static WebhookStore Open(TempFolder folder, WebhookOptions options, MemoryStateFiles? files = null)
    {
        var store = new WebhookStore(new JournalFolder(new StoreOptions { DataFolder = folder.Path }), files ?? new MemoryStateFiles(), options, NullLogger<WebhookStore>.Instance);
        store.Load();
        return store;
    }

    private static Webhook Hook(Uri url) =>
        new() { Name = "h", Tenant = "acme", Url = url, Events = ["*"], Secret = WebhookCaller.NewSecret(), CreatedAt = DateTimeOffset.UnixEpoch };

    private async Task<string> CreateAsync(string name, Uri url, string pattern)
    {
        var (status, body) = await fixture.Gateway.CallAsync(
            HttpMethod.Post, "api/v1/webhooks", new JsonObject { ["name"] = name, ["tenant"] = "acme", ["url"] = url.ToString(), ["events"] = new JsonArray(pattern) }.ToJsonString());
        Assert.True(status == HttpStatusCode.Created, body);
        return (string)JsonNode.Parse(body)!["secret"]!;
    }

    private async Task<JsonArray> DeliveriesAsync(string name) =>
        JsonNode.Parse((await fixture.Gateway.GetAsync($"api/v1/webhooks/{name}/deliveries")).GetProperty("items").GetRawText())!.AsArray();

    /// <summary>A program that is called.</summary>
    private sealed class Receiver(WebApplication app, ConcurrentQueue<Call> calls) : IAsyncDisposable
    {
        public IReadOnlyCollection<Call> Calls => calls;

        public Uri Address { get; } = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

        public static async Task<Receiver> StartAsync(Func<int, int> status, string answer = "thanks")
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            ConcurrentQueue<Call> calls = [];
            app.Run(async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                var headers = context.Request.Headers;
                calls.Enqueue(new Call(
                    headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), context.Request.ContentType ?? "",
                    await reader.ReadToEndAsync(context.RequestAborted)));
                context.Response.StatusCode = status(calls.Count);
                context.Response.Headers.Location = "/elsewhere";
                await context.Response.WriteAsync(answer, context.RequestAborted);
            });
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new Receiver(app, calls);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }

    private sealed class Faulty(string fault)
    {
        public string Name => throw new InvalidOperationException(fault);
    }

    private sealed record Call(string Id, string Timestamp, string Signature, string Type, string Body);
}
