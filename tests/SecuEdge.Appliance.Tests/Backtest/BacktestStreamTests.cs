using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Tests.Backtest;

/// <summary>A long back-test and its listener, with a work that only waits.</summary>
public sealed class BacktestStreamTests
{
    private static readonly BacktestProgress Begun = new(0, 10, 0, DateTimeOffset.UnixEpoch);

    private readonly CountingTime _time = new();
    private readonly Pipe _pipe = new();
    private readonly List<DateTimeOffset> _writes = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_work_ends_when_its_listener_goes()
    {
        using var listener = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        var run = StreamAsync(
            async (tell, ending) =>
            {
                tell(Begun);
                try
                {
                    // As long as somebody listens.
                    await Task.Delay(Timeout.Infinite, ending);
                    throw new InvalidOperationException("never comes here");
                }
                finally
                {
                    ended.SetResult();
                }
            },
            listener.Token);
        using var reader = new StreamReader(_pipe.Reader.AsStream());
        Assert.Equal("event: progress", await reader.ReadLineAsync(Cancelled));
        Assert.False(ended.Task.IsCompleted);
        await listener.CancelAsync();
        Assert.Null(await run);
        Assert.True(ended.Task.IsCompleted);
    }

    [Fact]
    public async Task Waiting_for_a_work_that_ends_late_costs_nothing()
    {
        using var listener = new CancellationTokenSource();
        var end = new TaskCompletionSource();
        var run = StreamAsync(
            async (tell, _) =>
            {
                tell(Begun);
                await end.Task;
                throw new OperationCanceledException();
            },
            listener.Token);
        using var reader = new StreamReader(_pipe.Reader.AsStream());
        Assert.Equal("event: progress", await reader.ReadLineAsync(Cancelled));
        await listener.CancelAsync();
        var before = _time.Readings;
        // A loop would read the clock millions of times.
        await Task.Delay(100, Cancelled);
        Assert.InRange(_time.Readings - before, 0, 10);
        Assert.False(run.IsCompleted);
        end.SetResult();
        Assert.Null(await run);
    }

    [Fact]
    public async Task Progress_is_told_at_a_pace_and_silence_is_broken()
    {
        using var listener = new CancellationTokenSource();
        var told = new TaskCompletionSource<Action<BacktestProgress>>();
        var run = StreamAsync(
            async (tell, ending) =>
            {
                tell(Begun);
                told.SetResult(tell);
                // As long as somebody listens.
                await Task.Delay(Timeout.Infinite, ending);
                throw new InvalidOperationException("never comes here");
            },
            listener.Token);
        using var reader = new StreamReader(_pipe.Reader.AsStream());
        Assert.Contains("\"total\":10", await DataAsync(reader), StringComparison.Ordinal);
        var tell = await told.Task;
        for (var i = 1; i <= 9; i++)
        {
            tell(Begun with { Done = i, Changed = 1 });
        }

        Assert.Contains("\"done\":9,\"total\":10,\"changed\":1", await DataAsync(reader), StringComparison.Ordinal);
        Assert.Equal(": still here", await LineAsync(reader));
        Assert.InRange(_writes[^1] - _writes[^2], TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(2));
        await listener.CancelAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_refusal_is_no_stream()
    {
        var refusal = new OperationProblem(OperationFailure.Unavailable, "not now");
        Assert.Same(refusal, await StreamAsync((_, _) => Task.FromResult<Outcome<BacktestResult>>(refusal), Cancelled));
    }

    private async Task<OperationProblem?> StreamAsync(
        Func<Action<BacktestProgress>, CancellationToken, Task<Outcome<BacktestResult>>> run, CancellationToken listener)
    {
        using var host = new HostBuilder().Build();
        var lifetime = (IHostApplicationLifetime)host.Services.GetService(typeof(IHostApplicationLifetime))!;
        var context = new DefaultHttpContext { Response = { Body = new Stamped(_pipe.Writer, () => _writes.Add(_time.GetUtcNow())) } };
        return await new BacktestStream(lifetime, _time).RunAsync(context, run, listener);
    }

    private async Task<string> DataAsync(StreamReader reader)
    {
        for (string? line; (line = await LineAsync(reader)) is not null;)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                await LineAsync(reader);
                return line;
            }
        }

        return "";
    }

    /// <summary>The next line, however long it takes.</summary>
    private async Task<string?> LineAsync(StreamReader reader)
    {
        var line = reader.ReadLineAsync(Cancelled).AsTask();
        while (!line.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            // The stream wakes up on another thread.
            await Task.WhenAny(line, Task.Delay(1, Cancelled));
        }

        return await line;
    }

    private sealed class CountingTime : FakeTimeProvider
    {
        private int _readings;

        public int Readings => Volatile.Read(ref _readings);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _readings);
            return base.GetTimestamp();
        }
    }

    /// <summary>Notes each write: the clock runs on while a line is on its way to its reader.</summary>
    private sealed class Stamped(PipeWriter writer, Action note) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            note();
            await writer.WriteAsync(buffer, cancellationToken);
        }
    }
}
