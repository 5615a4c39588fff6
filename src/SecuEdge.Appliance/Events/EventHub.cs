using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace SecuEdge.Appliance.Events;

/// <summary>
/// Tells whoever listens what just happened: live views and webhooks. Publishing returns at once and cannot fail a mail; a listener that
/// does not keep up loses the oldest events and is told how many.
/// </summary>
internal sealed class EventHub
{
    /// <summary>Enough for a burst of a second; at 1 KB an event, 4 MB a listener.</summary>
    private const int Buffered = 4096;

    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = [];

    public void Publish(GatewayEvent happened)
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Offer(happened);
        }
    }

    public Subscription Subscribe()
    {
        var subscription = new Subscription(s => _subscriptions.TryRemove(s, out _));
        _subscriptions.TryAdd(subscription, 0);
        return subscription;
    }

    /// <summary>One listener; disposing it ends it.</summary>
    internal sealed class Subscription : IDisposable
    {
        private readonly Channel<GatewayEvent> _events;
        private readonly Action<Subscription> _end;
        private long _lost;

        public Subscription(Action<Subscription> end)
        {
            _end = end;
            _events = Channel.CreateBounded<GatewayEvent>(
                new BoundedChannelOptions(Buffered) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _lost));
        }

        /// <summary>Events dropped since the start, because nobody read them.</summary>
        public long Lost => Interlocked.Read(ref _lost);

        public IAsyncEnumerable<GatewayEvent> ReadAsync(CancellationToken cancellationToken) => _events.Reader.ReadAllAsync(cancellationToken);

        /// <summary>What is there already; false when nothing is.</summary>
        public bool TryRead([NotNullWhen(true)] out GatewayEvent? happened) => _events.Reader.TryRead(out happened);

        public void Offer(GatewayEvent happened) => _events.Writer.TryWrite(happened);

        public void Dispose()
        {
            _events.Writer.TryComplete();
            _end(this);
        }
    }
}

/// <summary>Something that happened, for machines: the content of a webhook call and of a live event.</summary>
/// <param name="Name"><c>message.accepted</c>, <c>message.quarantined</c>, <c>engine.degraded</c>, <c>trial.ending</c> …</param>
/// <param name="Tenant">Node of the tree whose event it is; the root for the appliance.</param>
/// <param name="Subject">What it is about: a reference, an engine.</param>
/// <param name="Data">Body, as the API would show it.</param>
internal sealed record GatewayEvent(string Name, DateTimeOffset At, string Tenant, string Subject, object Data);
