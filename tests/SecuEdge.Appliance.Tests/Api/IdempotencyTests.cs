using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store;
using SecuEdge.Store.State;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>The same POST sent twice.</summary>
public sealed class IdempotencyTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_repeated_request_is_done_once_and_answered_twice()
    {
        const string body = """{"name":"once","tenant":"acme","url":"https://example.com/","events":["*"]}""";
        var first = await SendAsync("k-1", body);
        var second = await SendAsync("k-1", body);
        Assert.Equal(201, (int)first.Answer.StatusCode);
        Assert.Equal(201, (int)second.Answer.StatusCode);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Answer.Headers.Location, second.Answer.Headers.Location);
        Assert.Equal("true", second.Answer.Headers.GetValues("Idempotent-Replayed").Single());
        var list = await fixture.Gateway.GetAsync("api/v1/webhooks");
        Assert.Single(list.GetProperty("items").EnumerateArray(), h => h.GetProperty("name").GetString() == "once");
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused()
    {
        Assert.Equal(201, (int)(await SendAsync("k-2", """{"name":"key-2","tenant":"acme","url":"https://example.com/","events":["*"]}""")).Answer.StatusCode);
        Assert.Equal(422, (int)(await SendAsync("k-2", """{"name":"key-3","tenant":"acme","url":"https://example.com/","events":["*"]}""")).Answer.StatusCode);
    }

    [Fact]
    public async Task A_failed_request_may_be_corrected_under_the_same_key()
    {
        Assert.Equal(400, (int)(await SendAsync("k-4", """{"name":"key-4"}""")).Answer.StatusCode);
        Assert.Equal(201, (int)(await SendAsync("k-4", """{"name":"key-4","tenant":"acme","url":"https://example.com/","events":["*"]}""")).Answer.StatusCode);
    }

    [Fact]
    public async Task A_restart_does_not_do_it_again()
    {
        using var folder = new TempFolder(inMemory: true);
        var done = 0;
        Assert.Equal(200, await RunAsync(folder, "k", _ => { done++; return Task.CompletedTask; }));
        Assert.Equal(409, await RunAsync(folder, "k", _ => { done++; return Task.CompletedTask; }));
        Assert.Equal(1, done);
    }

    [Fact]
    public async Task Two_at_the_same_time_are_done_once()
    {
        using var folder = new TempFolder(inMemory: true);
        using var idempotency = Open(folder);
        var entered = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var first = Context("k");
        var running = idempotency.InvokeAsync(first, async _ =>
        {
            entered.SetResult();
            await go.Task;
        });
        await entered.Task;
        var second = Context("k");
        await idempotency.InvokeAsync(second, _ => throw new InvalidOperationException("done twice"));
        Assert.Equal(409, second.Response.StatusCode);
        go.SetResult();
        await running;
        Assert.Equal(200, first.Response.StatusCode);
    }

    [Fact]
    public async Task The_file_grows_by_what_was_done_and_not_by_all_of_it()
    {
        using var folder = new TempFolder(inMemory: true);
        using var idempotency = Open(folder);
        var path = Path.Combine(folder.Path, "state", "idempotency.journal");
        List<long> lengths = [];
        for (var i = 0; i < 50; i++)
        {
            await idempotency.InvokeAsync(Context($"k{i}"), _ => Task.CompletedTask);
            lengths.Add(new FileInfo(path).Length);
        }

        Assert.All(lengths.Zip(lengths.Skip(1)), l => Assert.InRange(l.Second - l.First, 1, 400));
    }

    [Fact]
    public async Task What_is_out_of_date_is_off_the_disk_at_the_next_start()
    {
        using var folder = new TempFolder(inMemory: true);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        for (var run = 0; run < 2; run++)
        {
            using (var idempotency = Open(folder, time))
            {
                await idempotency.InvokeAsync(Context($"k{run}"), context =>
                {
                    context.Response.Headers.Location = $"/api/v1/tenants/of-run-{run}";
                    return Task.CompletedTask;
                });
            }

            time.Advance(TimeSpan.FromHours(20));
        }

        time.Advance(TimeSpan.FromHours(2));
        using var again = Open(folder, time);
        var text = await File.ReadAllTextAsync(Path.Combine(folder.Path, "state", "idempotency.journal"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("of-run-0", text, StringComparison.Ordinal);
        Assert.Contains("of-run-1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_sends_much_pushes_out_his_own_answers_and_nobody_elses()
    {
        var now = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var done = new DoneRequests(maxRequests: 100, maxAnswerBytes: 10_000, TimeSpan.FromHours(24));
        done.Add(Done("quiet", 0, 2000, now), now);
        for (var i = 0; i < 1000; i++)
        {
            done.Add(Done("loud", i, 1000, now.AddSeconds(i)), now.AddSeconds(i));
            Assert.InRange(done.AnswerBytes, 0, 10_000);
            Assert.InRange(done.Count, 0, 100);
        }

        Assert.Equal(2000, done.Find("quiet0", now)!.Body!.Length);
        Assert.NotNull(done.Find("loud999", now)!.Body);
        Assert.Null(done.Find("loud950", now)!.Body);
        Assert.Null(done.Find("loud0", now));

        // A day later his is out of date, too, and room for others.
        Assert.Null(done.Find("quiet0", now.AddDays(1)));
        Assert.Equal(8000, done.All.Sum(d => d.Body?.Length ?? 0) - 2000);
    }

    private static DoneRequest Done(string caller, int number, int bytes, DateTimeOffset at) => new($"{caller}{number}", "p", at, 201, "", caller) { Body = new byte[bytes] };

    private static Idempotency Open(TempFolder folder, TimeProvider? time = null)
    {
        var idempotency = new Idempotency(new JournalFolder(new StoreOptions { DataFolder = folder.Path }), new MemoryStateFiles(), time ?? TimeProvider.System, NullLogger<Idempotency>.Instance);
        idempotency.Load();
        return idempotency;
    }

    private static async Task<int> RunAsync(TempFolder folder, string key, RequestDelegate next)
    {
        using var idempotency = Open(folder);
        var context = Context(key);
        await idempotency.InvokeAsync(context, next);
        return context.Response.StatusCode;
    }

    private static DefaultHttpContext Context(string key)
    {
        var context = new DefaultHttpContext
        {
            User = new System.Security.Claims.ClaimsPrincipal(new CallerIdentity(Caller.Local)),
            RequestServices = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider(),
        };
        context.Request.Method = "POST";
        context.Request.Path = "/api/v1/x";
        context.Request.Body = new MemoryStream("{}"u8.ToArray());
        context.Request.Headers["Idempotency-Key"] = key;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private async Task<(HttpResponseMessage Answer, string Body)> SendAsync(string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/v1/webhooks", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        var answer = await fixture.Gateway.Api.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
