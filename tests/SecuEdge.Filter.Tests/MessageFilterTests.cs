using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Filter.Checks;

namespace SecuEdge.Filter.Tests;

public sealed class MessageFilterTests(ITestOutputHelper output)
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Findings_come_in_the_order_of_the_checks_whatever_finishes_first()
    {
        var slow = new TaskCompletionSource();
        using var filter = Filter(
            new FakeCheck("FIRST", async (_, check) => { await slow.Task; return check.Found("a"); }),
            new FakeCheck("SECOND", (_, check) => { slow.TrySetResult(); return Task.FromResult(check.Found("b")); }));

        var report = await filter.RunAsync(Facts.Of(), Token);

        Assert.Equal(["FIRST_FOUND", "SECOND_FOUND"], report.Findings.Select(finding => finding.Code));
    }

    [Fact]
    public void Checks_without_an_engine_complete_before_the_call_returns()
    {
        using var filter = Filter([new FakeCheck("A", (_, check) => Task.FromResult(check.Found(""))), new GtubeCheck(), new AnatomyCheck()]);

        Assert.True(filter.RunAsync(Facts.Of(), Token).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_check_that_throws_becomes_its_failure_and_disturbs_no_other(bool throwsAtOnce)
    {
        using var filter = Filter(
            new FakeCheck("BROKEN", async (_, _) =>
            {
                await (throwsAtOnce ? Task.CompletedTask : Task.Yield().ToTask());
                throw new InvalidOperationException("bug");
            })
            { OnFailure = VerdictAction.Defer },
            new FakeCheck("OTHER", (_, check) => Task.FromResult(check.Found(""))));

        var report = await filter.RunAsync(Facts.Of(), Token);

        Assert.Equal(["BROKEN_FAILED", "OTHER_FOUND"], report.Findings.Select(finding => finding.Code));
        Assert.Equal(VerdictAction.Defer, report.Findings[0].Action);
        Assert.Equal(MessageClass.Suspicious, report.Findings[0].Class);
        Assert.DoesNotContain("bug", report.Findings[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_throws_before_its_first_await_becomes_its_failure()
    {
        using var filter = Filter(new FakeCheck("BROKEN", (_, _) => throw new InvalidOperationException()));

        Assert.Equal("BROKEN_FAILED", Assert.Single((await filter.RunAsync(Facts.Of(), Token)).Findings).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_late_check_becomes_its_failure_even_when_it_ignores_its_token(bool obeysToken)
    {
        using var filter = Filter(new FakeCheck("LATE", async (token, check) =>
        {
            await Task.Delay(Timeout.Infinite, obeysToken ? token : CancellationToken.None);
            return check.Found("");
        })
        { OnFailure = VerdictAction.Defer, Engine = "late" });

        var running = filter.RunAsync(Facts.Of(), Token);
        _time.Advance(TimeSpan.FromSeconds(69));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        var report = await running;

        var finding = Assert.Single(report.Findings);
        Assert.Equal(("LATE_FAILED", VerdictAction.Defer, "no answer within 70 seconds"), (finding.Code, finding.Action, finding.Detail));
        Assert.Equal(new EngineReport("late", "", "timeout", 0), Assert.Single(report.Engines));
    }

    [Fact]
    public async Task The_callers_cancellation_is_no_finding()
    {
        using var cancelled = new CancellationTokenSource();
        using var filter = Filter(new FakeCheck("SLOW", async (token, check) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return check.Found("");
        }));

        var running = filter.RunAsync(Facts.Of(), cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task No_more_messages_than_allowed_are_judged_at_once()
    {
        var (running, most) = (0, 0);
        var release = new TaskCompletionSource();
        using var filter = Filter(new FakeCheck("COUNT", async (_, check) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await release.Task;
            Interlocked.Decrement(ref running);
            return check.Found("");
        }));

        var all = Enumerable.Range(0, 20).Select(_ => filter.RunAsync(Facts.Of(), Token)).ToArray();
        Assert.Equal(2, running);
        release.SetResult();
        await Task.WhenAll(all);

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task A_message_that_waits_too_long_for_a_place_fails_every_check()
    {
        var release = new TaskCompletionSource();
        using var filter = Filter(new FakeCheck("BUSY", async (_, check) =>
        {
            await release.Task;
            return check.Found("");
        })
        { OnFailure = VerdictAction.Defer, Engine = "busy" });

        // Two are busy; when they time out two more get their places, while for the other four the wait has been too long.
        var running = Enumerable.Range(0, 8).Select(_ => filter.RunAsync(Facts.Of(), Token)).ToArray();
        _time.Advance(TimeSpan.FromSeconds(70));
        List<FilterReport> reports = [];
        await foreach (var ended in Task.WhenEach(running))
        {
            reports.Add(await ended);
            if (reports.Count == 6)
            {
                break;
            }
        }

        release.SetResult();
        await Task.WhenAll(running);
        var crowded = reports.Where(report => report.Findings[0].Detail.StartsWith("no free place", StringComparison.Ordinal)).ToArray();
        Assert.InRange(crowded.Length, 4, 6);
        Assert.All(crowded, report => Assert.Equal(("BUSY_FAILED", VerdictAction.Defer), (report.Findings[0].Code, report.Findings[0].Action)));
        Assert.All(crowded, report => Assert.Equal("timeout", report.Engines[0].Result));
    }

    [Fact]
    public async Task A_place_is_free_again_after_failures()
    {
        using var filter = Filter(new FakeCheck("BROKEN", (_, _) => throw new InvalidOperationException()));

        for (var i = 0; i < 10; i++)
        {
            Assert.Single((await filter.RunAsync(Facts.Of(), Token)).Findings);
        }
    }

    [Fact]
    public void The_catalogue_holds_every_definition_and_the_failure_of_each_check()
    {
        using var filter = Filter(new FakeCheck("A", (_, _) => Task.FromResult(CheckResult.Nothing)) { OnFailure = VerdictAction.Hold }, new GtubeCheck());

        Assert.Equal(["A_FOUND", "A_FAILED", "GTUBE", "GTUBE_FAILED", "RULES_UNDECIDED"], filter.Catalogue.Select(definition => definition.Code));
        Assert.Equal(VerdictAction.Hold, filter.Catalogue[1].Action);
    }

    [Fact]
    public void A_code_declared_twice_is_refused() =>
        Assert.Throws<ArgumentException>(() => Filter(new GtubeCheck(), new GtubeCheck()));

    [Fact]
    public void Everything_in_the_real_catalogue_has_a_code_a_sentence_and_a_name_of_its_check()
    {
        using var filter = Filter([.. AllChecks.Create([])]);

        Assert.All(filter.Catalogue, definition =>
        {
            Assert.Matches("^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$", definition.Code);
            Assert.EndsWith(".", definition.Text, StringComparison.Ordinal);
        });
    }

    /// <summary>A figure for the record, not a test: run with <c>-explicit only</c>.</summary>
    [Fact(Explicit = true)]
    public async Task Microseconds_of_a_plain_message_without_an_engine()
    {
        using var filter = new MessageFilter(AllChecks.Create([]), new FilterOptions(), TimeProvider.System, NullLogger<MessageFilter>.Instance);
        var part = Facts.Part("1", "Hello"u8.ToArray(), kind: Content.PartKind.Body, type: "text/plain");
        var body = string.Concat(Enumerable.Repeat("An ordinary line of an ordinary mail, nothing to see.\r\n", 80));
        var facts = Facts.Of(body, parts: part).WithText(new string('x', 4000));
        for (var round = 0; round < 5; round++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < 20_000; i++)
            {
                await filter.RunAsync(facts, Token);
            }

            output.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalMicroseconds / 20_000:0.0} µs");
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private MessageFilter Filter(params ICheck[] checks) =>
        new(checks, new FilterOptions { MaxParallelMessages = 2 }, _time, NullLogger<MessageFilter>.Instance);

    private sealed class FakeCheck(string name, Func<CancellationToken, FakeCheck, Task<CheckResult>> run) : ICheck
    {
        public string Name => name;

        public string? Engine { get; init; }

        public VerdictAction? OnFailure { get; init; }

        public IReadOnlyList<FindingDefinition> Findings { get; } =
            [new FindingDefinition { Code = name + "_FOUND", Class = MessageClass.Suspicious, Score = 1, Text = "Found." }];

        public CheckResult Found(string detail) => new([Findings[0].On(detail)]);

        public Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken) => run(cancellationToken, this);
    }
}

internal static class YieldTask
{
    public static async Task ToTask(this System.Runtime.CompilerServices.YieldAwaitable yield) => await yield;
}
