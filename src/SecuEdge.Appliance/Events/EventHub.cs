using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace SecuEdge.Appliance.Events;

/// <summary>
/// Tells whoever listens what just happened: live views and webhooks. Publishing returns at once and cannot fail a mail; a listener that
/// does not keep up loses the oldest events and is told how many. The last events are remembered for a listener that comes back.
/// </summary>
internal sealed class EventHub(TimeProvider? timeProvider = null)
{
    /// <summary>Enough for a burst of a second; at 1 KB an event, 4 MB a listener.</summary>
    private const int Buffered = 4096;

    /// <summary>A browser that reconnects after some seconds of a busy morning misses nothing; 2 MB.</summary>
    private const int Remembered = 2000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = [];
    private readonly Queue<NumberedEvent> _last = [];

    /// <summary>Numbers of a later run are higher, so that one of an earlier run is recognised as gone.</summary>
    private readonly long _first = (timeProvider ?? TimeProvider.System).GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
    private long _published;

    public void Publish(GatewayEvent happened)
    {
        lock (_lock)
        {
            var numbered = new NumberedEvent(_first + ++_published, happened);
            _last.Enqueue(numbered);
            if (_last.Count > Remembered)
            {
                _last.Dequeue();
            }

            foreach (var subscription in _subscriptions.Keys)
            {
                subscription.Offer(numbered);
            }
        }
    }

    /// <param name="after">Number of the last event the listener has; what came since is given to it first. Null = only what comes from now on.</param>
    public Subscription Subscribe(long? after = null)
    {
        lock (_lock)
        {
            var oldest = _last.TryPeek(out var first) ? first.Number : _first + 1;
            // A number of an earlier run says nothing about how many it missed then.
            var isFromEarlierRun = after < _first;
            var lost = after is null ? 0 : Math.Max(0, oldest - 1 - Math.Max(after.Value, _first));
            var subscription = new Subscription(s => _subscriptions.TryRemove(s, out _), lost, isFromEarlierRun);
            if (after is not null)
            {
                foreach (var numbered in _last.Where(e => e.Number > after))
                {
                    subscription.Offer(numbered);
                }
            }

            _subscriptions.TryAdd(subscription, 0);
            return subscription;
        }
    }

    /// <summary>One listener; disposing it ends it.</summary>
    internal sealed class Subscription : IDisposable
    {
        private readonly Channel<NumberedEvent> _events;
        private readonly Action<Subscription> _end;
        private long _lost;

        public Subscription(Action<Subscription> end, long missed, bool isFromEarlierRun)
        {
            _end = end;
            _lost = missed;
            IsFromEarlierRun = isFromEarlierRun;
            _events = Channel.CreateBounded<NumberedEvent>(
                new BoundedChannelOptions(Buffered) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _lost));
        }

        /// <summary>Events this listener will not see: dropped because nobody read them, or forgotten before it came back.</summary>
        public long Lost => Interlocked.Read(ref _lost);

        /// <summary>It came back after a restart of the appliance; how many it missed is not known.</summary>
        public bool IsFromEarlierRun { get; }

        public async IAsyncEnumerable<GatewayEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var numbered in _events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return numbered.Event;
            }
        }

        /// <summary>The same with numbers, without waiting.</summary>
        public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out NumberedEvent? numbered) => _events.Reader.TryRead(out numbered);

        /// <summary>Completes when there is something to read; false when there never will be.</summary>
        public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _events.Reader.WaitToReadAsync(cancellationToken);

        public void Offer(NumberedEvent happened) => _events.Writer.TryWrite(happened);

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

/// <summary>An event in the order of all.</summary>
/// <param name="Number">Rises over all tenants, also over restarts; leaves the appliance only as <see cref="EventIds"/> writes it.</param>
internal sealed record NumberedEvent(long Number, GatewayEvent Event);
