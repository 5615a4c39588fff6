using System.Collections.Concurrent;
using System.Text.Json;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>
/// Takes events from the hub into the queue of each webhook that wants them, and tells them one after the other, each webhook for itself:
/// a receiver that is slow or gone delays nobody else.
/// </summary>
internal sealed partial class WebhookRunner(
    WebhookStore store, WebhookCaller caller, EventHub hub, EventIds ids, SiteHolder sites, WebhookOptions options, SmtpServerOptions identity, TimeProvider timeProvider,
    ILogger<WebhookRunner> logger) : BackgroundService
{
    /// <summary>How often one looks for retries that are due, and writes what waits.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    private readonly ConcurrentDictionary<string, Task> _running = [];

    /// <summary>The event as it will be told.</summary>
    public WaitingCall CallOf(GatewayEvent happened, string id) =>
        new(id, happened.Name, happened.At, JsonSerializer.Serialize(CloudEvent.Of(happened, id, identity.Hostname), ApiJson.Options));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values);
        store.Flush();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var events = hub.Subscribe();
        long told = 0;
        var flushedAt = timeProvider.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            while (events.TryRead(out var happened))
            {
                TryTake(happened);
            }

            if (events.Lost > told)
            {
                LogLost(events.Lost - told);
                told = events.Lost;
            }

            foreach (var hook in store.All.Where(h => h.Enabled))
            {
                Wake(hook.Key, stoppingToken);
            }

            if (timeProvider.GetElapsedTime(flushedAt) >= Beat)
            {
                TryFlush();
                flushedAt = timeProvider.GetTimestamp();
            }

            await WaitAsync(events, stoppingToken);
        }
    }

    /// <summary>Until the next event or beat. Events of a burst are taken together.</summary>
    private async Task WaitAsync(EventHub.Subscription events, CancellationToken cancellationToken)
    {
        using var beat = new CancellationTokenSource(Beat, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(beat.Token, cancellationToken);
        try
        {
            await events.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The next beat.
        }
    }

    private void TryTake(NumberedEvent happened)
    {
        try
        {
            Take(happened);
        }
        catch (Exception e)
        {
            // A fault of this event: the others are told.
            LogNotTaken(e, happened.Event.Name);
        }
    }

    private void TryFlush()
    {
        try
        {
            store.Flush();
        }
        catch (Exception e)
        {
            // A disk that fails otherwise than the store expects: tried again with the next beat.
            LogNotFlushed(e);
        }
    }

    private void Take(NumberedEvent happened)
    {
        WaitingCall? call = null;
        foreach (var hook in store.All.Where(h => h.Enabled && EventNames.Matches(h.Events, happened.Event.Name) && sites.Current.IsWithin(happened.Event.Tenant, h.Tenant)))
        {
            call ??= CallOf(happened.Event, ids.Of(happened.Number));
            store.Enqueue(hook.Key, call);
        }
    }

    private void Wake(string key, CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(key, out var running) && !running.IsCompleted)
        {
            return;
        }

        if (store.NextDue(key, timeProvider.GetUtcNow()) is not null)
        {
            _running[key] = TellAsync(key, cancellationToken);
        }
        else
        {
            _running.TryRemove(key, out _);
        }
    }

    private async Task TellAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested && store.Find(key) is { Enabled: true } hook && store.NextDue(key, timeProvider.GetUtcNow()) is { } call)
            {
                Settle(hook, call, await caller.CallAsync(hook, call, cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It waits on, and is told after the restart.
        }
        catch (Exception e)
        {
            // A fault of ours must not end the calls of all; this webhook is tried again with the next beat.
            LogFailed(e, key);
        }
    }

    private void Settle(Webhook hook, WaitingCall call, WebhookDelivery delivery)
    {
        var now = timeProvider.GetUtcNow();
        var next = now + Backoff(call.Tries);
        var isAgain = !delivery.Succeeded && next - call.At < options.GiveUpAfter;
        var failingSince = delivery.Succeeded ? (DateTimeOffset?)null : hook.FailingSince ?? now;
        var isEnd = failingSince is { } since && now - since >= options.DisableAfter;
        store.Settle(
            hook.Key,
            delivery with { NextTry = isAgain ? next : null },
            isAgain ? call with { Tries = call.Tries + 1, NextTry = next } : null,
            h => h with
            {
                FailingSince = failingSince,
                Enabled = h.Enabled && !isEnd,
                DisabledReason = isEnd ? $"no call succeeded since {failingSince:yyyy-MM-dd HH:mm} UTC; the last answer was: {delivery.Reply}" : h.DisabledReason,
            });
        if (isEnd)
        {
            LogDisabled(hook.Key);
            hub.Publish(new GatewayEvent(EventNames.WebhookDisabled, now, hook.Tenant, hook.Name, new WebhookHappening(hook.Name, delivery.Reply)));
        }
    }

    private TimeSpan Backoff(int tries)
    {
        var wait = options.FirstRetry * Math.Pow(4, Math.Min(tries, 16));
        return wait < LongestWait ? wait : LongestWait;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} events came too fast to be given to webhooks")]
    private partial void LogLost(long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Key} is switched off: nobody answered for days")]
    private partial void LogDisabled(string key);

    [LoggerMessage(Level = LogLevel.Error, Message = "An event {Name} could not be given to webhooks")]
    private partial void LogNotTaken(Exception exception, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "What waits for webhooks could not be written; it is tried again")]
    private partial void LogNotFlushed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook {Key} could not be called")]
    private partial void LogFailed(Exception exception, string key);
}

/// <summary>What happened to a webhook.</summary>
/// <param name="Name">Name of the webhook.</param>
/// <param name="Reply">The last answer of its receiver.</param>
public sealed record WebhookHappening(string Name, string Reply);
