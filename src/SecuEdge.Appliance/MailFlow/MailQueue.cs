using System.Collections.Concurrent;
using System.Threading.Channels;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// The messages on the gateway, and when each is due:
/// <code>
/// Enqueue ──► Ready ──► QueueRunner ──► Remove
///               ▲            │
///               └─ schedule ◄┘ (deferred, or the store had trouble)
/// </code>
/// A waiting message costs an identity and a time; its record stays in the spool.
/// </summary>
internal sealed partial class MailQueue : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<MailQueue> _logger;
    private readonly ConcurrentDictionary<string, QueuedMessage> _messages = new(StringComparer.Ordinal);
    private readonly Channel<QueuedMessage> _ready = Channel.CreateUnbounded<QueuedMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly PriorityQueue<QueuedMessage, DateTimeOffset> _schedule = new();
    private readonly Dictionary<string, Queue<QueuedMessage>> _namesakes = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private int _count;
    private int _scheduled;

    public MailQueue(TimeProvider timeProvider, ILogger<MailQueue> logger)
    {
        _timeProvider = timeProvider;
        _logger = logger;
        _timer = timeProvider.CreateTimer(_ => WakeDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts for metrics; looks at every message, so not for every mail.</summary>
    public QueueFigures Figures
    {
        get
        {
            var oldest = _messages.Values.Where(m => m.HeldUntil is null).Select(m => (DateTimeOffset?)m.ReceivedAt).Min();
            var held = Held;
            int waiting;
            int heldAndWaiting;
            lock (_lock)
            {
                waiting = _scheduled;
                heldAndWaiting = held.Count(m => m.IsScheduled);
            }

            var now = _timeProvider.GetUtcNow();
            return new QueueFigures(
                Math.Max(0, Count - waiting), Math.Max(0, waiting - heldAndWaiting), held.Count,
                oldest is { } at ? now - at : TimeSpan.Zero, held.Count > 0 ? now - held[0].ReceivedAt : TimeSpan.Zero);
        }
    }

    /// <summary>Held messages, oldest first.</summary>
    public IReadOnlyList<QueuedMessage> Held =>
        [.. _messages.Values.Where(m => m.HeldUntil is not null).OrderBy(m => m.ReceivedAt).ThenBy(m => m.Reference, StringComparer.Ordinal)];

    /// <summary>Messages whose turn has come.</summary>
    internal ChannelReader<QueuedMessage> Ready => _ready.Reader;

    /// <summary>A message that the spool has: fresh after its commit, or found at start. Returns at once.</summary>
    /// <returns>False when another message of this reference is in the queue: this one follows when that one has left.</returns>
    public bool Enqueue(ISpoolEntry entry, MessageRecord record)
    {
        var message = new QueuedMessage(entry, record.ReceivedAt, record.Tenant) { Record = record, HeldUntil = record.HeldUntil() };
        if (!_messages.TryAdd(entry.Reference, message) && StandsBehind(message))
        {
            LogNamesake(entry.Reference);
            return false;
        }

        Interlocked.Increment(ref _count);
        Begin(message, record);
        return true;
    }

    /// <summary>Whether this message is on the gateway and not finished.</summary>
    public bool Contains(string reference) => _messages.ContainsKey(reference);

    /// <summary>Waits until a message has left: its story tells the end of it a moment before the bytes are gone. Not for one that waits for a time of its own.</summary>
    public async Task WaitUntilLeftAsync(string reference, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_messages.TryGetValue(reference, out var message) && !IsWaiting(message))
        {
            try
            {
                await message.Left.WaitAsync(limit, _timeProvider, cancellationToken);
            }
            catch (TimeoutException)
            {
                // It is still here, as whoever asks sees.
            }
        }
    }

    /// <summary>The record of a message on the gateway; null when there is none.</summary>
    public MessageRecord? Find(string reference) => _messages.TryGetValue(reference, out var message) ? TryRead(message) : null;

    /// <summary>Whose it is; empty when it is not on the gateway.</summary>
    public string TenantOf(string reference) => _messages.TryGetValue(reference, out var message) ? message.Tenant : "";

    /// <summary>Oldest first, by keyset: references sort by time.</summary>
    /// <param name="limit">1-200.</param>
    /// <param name="isHeld">Only messages that are held, or that are not; null lists all.</param>
    /// <param name="tenants">Whose; null = everybody's.</param>
    public Task<QueuePage> ListAsync(bool? isHeld, int limit, string? cursor, CancellationToken cancellationToken, IReadOnlySet<string>? tenants = null)
    {
        var references = _messages.Values
            .Where(m => tenants?.Contains(m.Tenant) != false)
            .Where(m => isHeld is null || isHeld == m.HeldUntil is not null)
            .Select(m => m.Reference)
            .Where(r => cursor is null || string.CompareOrdinal(r, cursor) > 0)
            .Order(StringComparer.Ordinal)
            .Take(Math.Clamp(limit, 1, 200) + 1)
            .ToList();
        var next = references.Count > limit ? references[limit - 1] : null;
        var items = new List<QueueItem>();
        foreach (var reference in references.Take(limit))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_messages.TryGetValue(reference, out var message) && TryRead(message) is { } record)
            {
                items.Add(new QueueItem(record, IsWaiting(message) ? message.DueAt : null));
            }
        }

        return Task.FromResult(new QueuePage(items, next));
    }

    /// <summary>Whether it waits in the schedule, with the timer set for it.</summary>
    internal bool IsWaiting(QueuedMessage message)
    {
        lock (_lock)
        {
            return message.IsScheduled;
        }
    }

    /// <summary>Makes a waiting message due now and lets it try next hops that were down a moment ago. While an attempt runs, the next one follows it at once.</summary>
    public Task<QueueOutcome> RetryAsync(string reference, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_messages.TryGetValue(reference, out var message))
        {
            return Task.FromResult(QueueOutcome.NotFound);
        }

        if (message.HeldUntil is not null)
        {
            return Task.FromResult(QueueOutcome.Held);
        }

        message.IsForced = true;
        return Task.FromResult(TryTake(message) ? QueueOutcome.Done : QueueOutcome.InProgress);
    }

    /// <summary>Ends a message for all recipients that are not finished. What is being sent at this moment is finished first.</summary>
    public Task<QueueOutcome> DropAsync(string reference, string reason, string actor, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_messages.TryGetValue(reference, out var message))
        {
            return Task.FromResult(QueueOutcome.NotFound);
        }

        message.Drop = new DropRequest(reason, actor);
        return Task.FromResult(TryTake(message) ? QueueOutcome.Done : QueueOutcome.InProgress);
    }

    /// <summary>An engine knows more: every held message is judged again, oldest first. Asked twice before its turn, a message is judged once.</summary>
    /// <returns>How many are held.</returns>
    public int AskReview()
    {
        var held = Held;
        foreach (var message in held)
        {
            message.IsReviewAsked = true;
            TryTake(message);
        }

        return held.Count;
    }

    /// <summary>Carries out what a person decided about a held message; <see cref="HoldDecision.CarriedOut"/> says when.</summary>
    public QueueOutcome Decide(string reference, HoldDecision decision)
    {
        if (!_messages.TryGetValue(reference, out var message) || message.HeldUntil is null)
        {
            return QueueOutcome.NotFound;
        }

        if (!message.TryDecide(decision))
        {
            return QueueOutcome.Decided;
        }

        return TryTake(message) ? QueueOutcome.Done : QueueOutcome.InProgress;
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Puts a message away until a time. What was asked of it meanwhile makes it due at once.</summary>
    internal void Schedule(QueuedMessage message, DateTimeOffset dueAt) => Put(message, dueAt, isPostponed: false);

    /// <summary>Puts a message away after trouble of ours: whatever is asked of it, trying again at once would only burn the processor.</summary>
    internal void Postpone(QueuedMessage message, TimeSpan delay) => Put(message, _timeProvider.GetUtcNow() + delay, isPostponed: true);

    internal void MakeReady(QueuedMessage message) => _ready.Writer.TryWrite(message);

    internal void Remove(QueuedMessage message)
    {
        if (!_messages.TryRemove(new KeyValuePair<string, QueuedMessage>(message.Reference, message)))
        {
            return;
        }

        Interlocked.Decrement(ref _count);
        message.Decision?.Complete(null);
        message.Leave();
        QueuedMessage? next = null;
        lock (_lock)
        {
            if (_namesakes.TryGetValue(message.Reference, out var waiting))
            {
                next = waiting.Dequeue();
                if (waiting.Count == 0)
                {
                    _namesakes.Remove(message.Reference);
                }
            }
        }

        if (next?.Record is { } record)
        {
            Enqueue(next.Entry, record);
        }
    }

    /// <summary>Its reference is taken: puts the message behind the one that has it. False when that one has just left, and this one took its place.</summary>
    private bool StandsBehind(QueuedMessage message)
    {
        lock (_lock)
        {
            if (_messages.TryAdd(message.Reference, message))
            {
                return false;
            }

            if (_messages.TryGetValue(message.Reference, out var first) && first.Entry == message.Entry)
            {
                // Not another message, but the same one told twice.
                return true;
            }

            if (!_namesakes.TryGetValue(message.Reference, out var waiting))
            {
                _namesakes.Add(message.Reference, waiting = new Queue<QueuedMessage>());
            }

            waiting.Enqueue(message);
            return true;
        }
    }

    private void Put(QueuedMessage message, DateTimeOffset dueAt, bool isPostponed)
    {
        message.Record = null;
        lock (_lock)
        {
            message.IsScheduled = true;
            message.DueAt = !isPostponed && message.IsWanted ? _timeProvider.GetUtcNow() : dueAt;
            _schedule.Enqueue(message, message.DueAt);
            _scheduled++;
            Arm();
        }
    }

    private void Begin(QueuedMessage message, MessageRecord record)
    {
        var dueAt = record.NextDueAt();
        if (dueAt > _timeProvider.GetUtcNow())
        {
            Schedule(message, dueAt);
        }
        else
        {
            MakeReady(message);
        }
    }

    private bool TryTake(QueuedMessage message)
    {
        lock (_lock)
        {
            if (!message.IsScheduled)
            {
                return false;
            }

            // Its place in the schedule is recognised as stale later.
            message.IsScheduled = false;
            _scheduled--;
        }

        MakeReady(message);
        return true;
    }

    private void WakeDue()
    {
        lock (_lock)
        {
            var now = _timeProvider.GetUtcNow();
            while (_schedule.TryPeek(out var message, out var dueAt) && dueAt <= now)
            {
                _schedule.Dequeue();
                if (message.IsScheduled && message.DueAt == dueAt)
                {
                    message.IsScheduled = false;
                    _scheduled--;
                    MakeReady(message);
                }
            }

            Arm();
        }
    }

    /// <summary>Under the lock.</summary>
    private void Arm()
    {
        if (_schedule.TryPeek(out _, out var dueAt))
        {
            var wait = dueAt - _timeProvider.GetUtcNow();
            // A timer takes 49 days at most; waking once a day for nothing costs nothing.
            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : wait;
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private MessageRecord? TryRead(QueuedMessage message)
    {
        try
        {
            return message.Unsettled?.Record ?? message.Record ?? message.Entry.ReadRecord();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            // Finished between the look at the list and now.
            LogUnreadable(message.Reference, e.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Two messages have the reference {Reference}; the second is delivered when the first has left the queue")]
    private partial void LogNamesake(string reference);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The record of message {Reference} cannot be read for the list: {Trouble}")]
    private partial void LogUnreadable(string reference, string trouble);
}

/// <param name="NextAttemptAt">Null while it is being worked on.</param>
internal sealed record QueueItem(MessageRecord Record, DateTimeOffset? NextAttemptAt);

/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record QueuePage(IReadOnlyList<QueueItem> Items, string? Next);

/// <param name="Active">Being sent, or waiting for a connection.</param>
/// <param name="Deferred">Waiting for their next attempt.</param>
/// <param name="Held">Waiting for what engines will know.</param>
/// <param name="OldestAge">Of the oldest message that is not held: those wait on purpose.</param>
/// <param name="OldestHeldAge">Of the oldest held message.</param>
internal sealed record QueueFigures(int Active, int Deferred, int Held, TimeSpan OldestAge, TimeSpan OldestHeldAge);
