using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Backtest;

/// <summary>
/// A back-test as server-sent events: how far it is, and at the end the result. What is wrong with the request is answered as everywhere else,
/// before the stream begins. The work ends with its listener.
/// </summary>
internal sealed class BacktestStream(IHostApplicationLifetime lifetime, TimeProvider timeProvider)
{
    /// <summary>As often as somebody can read a number.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    /// <summary>Proxies close what is silent for a minute.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <param name="run">The work, told whom to tell.</param>
    /// <returns>Why there is no stream; null after it has ended.</returns>
    public async Task<OperationProblem?> RunAsync(
        HttpContext context, Func<Action<BacktestProgress>, CancellationToken, Task<Outcome<BacktestResult>>> run, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        BacktestProgress? latest = null;
        var work = run(
            progress =>
            {
                Volatile.Write(ref latest, progress);
                begun.TrySetResult();
            },
            ending.Token);
        try
        {
            await Task.WhenAny(work, begun.Task);
            if (work.IsCompletedSuccessfully && (await work).Problem is { } problem)
            {
                return problem;
            }

            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await TellAsync(context, work, () => Volatile.Read(ref latest), ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The listener went away, or we do.
        }
        finally
        {
            await ending.CancelAsync();
            await work.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return null;
    }

    private async Task TellAsync(HttpContext context, Task<Outcome<BacktestResult>> work, Func<BacktestProgress?> latest, CancellationToken cancellationToken)
    {
        BacktestProgress? told = null;
        var toldAt = timeProvider.GetTimestamp();
        while (true)
        {
            if (latest() is { } now && !ReferenceEquals(now, told))
            {
                await WriteAsync(context, "progress", JsonSerializer.Serialize(now, ApiJson.Options), cancellationToken);
                (told, toldAt) = (now, timeProvider.GetTimestamp());
            }
            else if (timeProvider.GetElapsedTime(toldAt) >= Heartbeat)
            {
                await context.Response.WriteAsync(": still here\n\n", cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
                toldAt = timeProvider.GetTimestamp();
            }

            // Asked behind the telling: even the shortest work is told of once.
            if (work.IsCompleted)
            {
                break;
            }

            await Task.WhenAny(work, Task.Delay(Pace, timeProvider, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        // A bug ends the connection without a result, and is logged as any other.
        var outcome = await work;
        if (outcome.Problem is { } problem)
        {
            await WriteAsync(context, "problem", JsonSerializer.Serialize(new { detail = problem.Detail }, ApiJson.Options), cancellationToken);
            return;
        }

        await WriteAsync(context, "result", JsonSerializer.Serialize(outcome.Value, ApiJson.Options), cancellationToken);
    }

    private static async Task WriteAsync(HttpContext context, string name, string data, CancellationToken cancellationToken)
    {
        await context.Response.WriteAsync($"event: {name}\ndata: {data}\n\n", cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
