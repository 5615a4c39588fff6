using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Events;

/// <summary>
/// Live streams of events (server-sent events, WHATWG HTML §9.2). A stream lives as long as its caller may see it: whether the token is still
/// good is asked with every heartbeat, and each event is shown only to who may see it at that moment.
/// </summary>
internal sealed class EventStreams(EventHub hub, EventIds ids, SiteHolder sites, SmtpServerOptions identity, IHostApplicationLifetime lifetime, TimeProvider timeProvider)
{
    /// <summary>Some windows of a console and a program or two.</summary>
    private const int MaxPerCaller = 8;

    /// <summary>Proxies close what is silent for a minute.</summary>
    internal static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <returns>Why there is no stream; null after it has ended.</returns>
    public async Task<ProblemHttpResult?> RunAsync(HttpContext context, Caller caller, EventFilter filter, string? after, CancellationToken cancellationToken)
    {
        if (_open.AddOrUpdate(caller.Name, 1, (_, n) => n + 1) > MaxPerCaller)
        {
            Leave(caller);
            context.Response.Headers.RetryAfter = "60";
            return Problems.Of(StatusCodes.Status429TooManyRequests, $"{MaxPerCaller} event streams of {caller.Name} are open already; close one");
        }

        try
        {
            // What is no id of ours came from an appliance before this one: the listener is told that he may have missed something.
            using var subscription = hub.Subscribe(after is null ? null : ids.NumberOf(after) ?? 0);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await PumpAsync(context, caller, filter, subscription, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The listener went away, or we do.
        }
        finally
        {
            Leave(caller);
        }

        return null;
    }

    private async Task PumpAsync(HttpContext context, Caller caller, EventFilter filter, EventHub.Subscription subscription, CancellationToken cancellationToken)
    {
        long told = 0;
        var checkedAt = timeProvider.GetTimestamp();
        await WriteAsync(context, subscription.IsFromEarlierRun ? "event: lost\ndata: {\"restarted\":true}\n\n" : ": welcome\n\n", cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (subscription.Lost is var lost && lost > told)
            {
                // How many were lost is counted over all tenants, which is the provider's alone to know.
                var count = caller.May(Permission.Events, Tenant.Root, sites.Current) ? string.Create(CultureInfo.InvariantCulture, $"\"count\":{lost - told}") : "";
                await WriteAsync(context, $"event: lost\ndata: {{{count}}}\n\n", cancellationToken);
                told = lost;
            }

            while (timeProvider.GetElapsedTime(checkedAt) < Heartbeat && subscription.TryRead(out var numbered))
            {
                if (filter.Wants(numbered.Event, caller, sites.Current))
                {
                    await AccessGate.NoteDelegationsAsync(context, caller);
                    await WriteAsync(context, Text(numbered), cancellationToken);
                }
            }

            if (timeProvider.GetElapsedTime(checkedAt) >= Heartbeat)
            {
                if (await AskAgainAsync(context) is not { } still)
                {
                    await WriteAsync(context, "event: end\ndata: {\"reason\":\"the token is no longer good\"}\n\n", cancellationToken);
                    return;
                }

                // One account of what was lent to him for the whole stream, written down at its first use.
                caller = still with { UsedDelegations = caller.UsedDelegations };
                checkedAt = timeProvider.GetTimestamp();
                await WriteAsync(context, ": still here\n\n", cancellationToken);
            }

            await WaitAsync(subscription, Heartbeat - timeProvider.GetElapsedTime(checkedAt), cancellationToken);
        }
    }

    /// <summary>Until there is an event, or it is time for a heartbeat.</summary>
    private async Task WaitAsync(EventHub.Subscription subscription, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (limit <= TimeSpan.Zero)
        {
            return;
        }

        using var time = new CancellationTokenSource(limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            await subscription.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Time for a heartbeat.
        }
    }

    private string Text(NumberedEvent numbered)
    {
        var id = ids.Of(numbered.Number);
        var data = JsonSerializer.Serialize(CloudEvent.Of(numbered.Event, id, identity.Hostname), ApiJson.Options);
        return $"id: {id}\nevent: {numbered.Event.Name}\ndata: {data}\n\n";
    }

    /// <summary>The caller as he is now; null when his token was revoked or has expired. Authentication of a request is remembered, so this is a new one.</summary>
    private static async Task<Caller?> AskAgainAsync(HttpContext context)
    {
        await using var scope = context.RequestServices.CreateAsyncScope();
        var again = new DefaultHttpContext(new FeatureCollection(context.Features)) { RequestServices = scope.ServiceProvider };
        again.Features.Set(new NobodyAtWork());
        var result = await again.AuthenticateAsync();
        return result is { Succeeded: true, Principal: { Identity: CallerIdentity } principal } && principal.ToCaller() is var caller && caller.May(Permission.Events)
            ? caller
            : null;
    }

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken cancellationToken)
    {
        await context.Response.WriteAsync(text, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    private void Leave(Caller caller)
    {
        if (_open.AddOrUpdate(caller.Name, 0, (_, n) => n - 1) <= 0)
        {
            _open.TryRemove(new KeyValuePair<string, int>(caller.Name, 0));
        }
    }
}

/// <summary>What a listener wants of what he may see.</summary>
/// <param name="Patterns">Names or patterns; empty = all.</param>
/// <param name="Tenant">The node and what is below it; null = all.</param>
internal sealed record EventFilter(IReadOnlyCollection<string> Patterns, string? Tenant)
{
    public bool Wants(GatewayEvent happened, Caller caller, SiteDirectory site) =>
        EventNames.Matches(Patterns, happened.Name)
        && (Tenant is null || site.IsWithin(happened.Tenant, Tenant))
        && caller.May(Permission.Events, happened.Tenant, site);
}
