using System.Text.Json;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Files;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>
/// The webhooks, what waits for each, and its latest deliveries: in memory, and in a journal of what has changed. Webhooks are on disk before
/// a change is answered; what waits is written within a second, so that a crash may lose the events of its last second and a stop loses none.
/// </summary>
internal sealed partial class WebhookStore(JournalFolder journals, IStateFiles files, WebhookOptions options, ILogger<WebhookStore> logger) : IDisposable
{
    private const string Name = "webhooks";
    private const string FormerQueues = "webhook-queue";

    // A file four times as large as what is in it, plus some minutes of a busy appliance.
    private const int OvertakenFactor = 4;
    private const long OvertakenFloor = 4 << 20;

    // A disk that takes nothing for long: the whole is written anew when it does again, instead of all that has changed since.
    private const int MaxUnwritten = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, WebhookQueue> _queues = [];
    private readonly List<byte[]> _unwritten = [];
    private LineJournal? _journal;
    private Webhook[]? _all;
    private long _startBytes;
    private bool _isToRewrite;

    /// <summary>By key.</summary>
    public IReadOnlyList<Webhook> All
    {
        get
        {
            lock (_lock)
            {
                return _all ??= [.. _queues.Values.Select(e => e.Hook).OrderBy(h => h.Key, StringComparer.Ordinal)];
            }
        }
    }

    public void Load()
    {
        lock (_lock)
        {
            _journal = journals.Open(Name, json =>
            {
                if (WebhookLine.Parse(json) is not { } line)
                {
                    return false;
                }

                Apply(line);
                return true;
            });
            if (_journal.DamagedLines > 0)
            {
                LogDamaged(_journal.DamagedLines);
            }

            TakeOver();
            _startBytes = _journal.Bytes;
        }
    }

    public void Dispose() => _journal?.Dispose();

    public Webhook? Find(string key)
    {
        lock (_lock)
        {
            return _queues.GetValueOrDefault(key)?.Hook;
        }
    }

    /// <summary>Adds or replaces; durable when it returns.</summary>
    /// <exception cref="IOException">The disk cannot take it; nothing has changed then.</exception>
    public void Put(Webhook hook)
    {
        lock (_lock)
        {
            ApplyNow(new WebhookLine(hook.Key) { Hook = hook });
        }
    }

    /// <summary>Changes it as it is now, and not as somebody read it before he waited; durable when it returns.</summary>
    /// <returns>Null when there is none any more: it is not made again.</returns>
    /// <exception cref="IOException">The disk cannot take it; nothing has changed then.</exception>
    public Webhook? Change(string key, Func<Webhook, Webhook> change)
    {
        lock (_lock)
        {
            if (!_queues.TryGetValue(key, out var queue))
            {
                return null;
            }

            ApplyNow(new WebhookLine(key) { Hook = change(queue.Hook) });
            return queue.Hook;
        }
    }

    /// <exception cref="IOException">The disk cannot take it; nothing has changed then.</exception>
    public bool Remove(string key)
    {
        lock (_lock)
        {
            if (!_queues.ContainsKey(key))
            {
                return false;
            }

            ApplyNow(new WebhookLine(key) { IsGone = true });
            return true;
        }
    }

    /// <summary>What is too much for the webhook, or for its share of what its tenant may have waiting, pushes out its own oldest.</summary>
    public void Enqueue(string key, WaitingCall call)
    {
        lock (_lock)
        {
            if (!_queues.TryGetValue(key, out var queue))
            {
                return;
            }

            ApplyLater(new WebhookLine(key) { Wait = call });
            var share = options.MaxWaitingBytes / _queues.Values.Count(q => q.Hook.Tenant == queue.Hook.Tenant);
            while (queue.Waiting.Count > options.MaxWaiting || (queue.WaitingBytes > share && queue.Waiting.Count > 1))
            {
                ApplyLater(new WebhookLine(key) { Dropped = queue.Waiting[0].Id });
            }
        }
    }

    /// <summary>The first that is due, oldest event first.</summary>
    public WaitingCall? NextDue(string key, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _queues.GetValueOrDefault(key) is { Hook.Enabled: true } queue ? queue.Waiting.FirstOrDefault(w => w.NextTry <= now) : null;
        }
    }

    /// <summary>After a try: it waits on, or is done with.</summary>
    /// <param name="again">Null when it is done with.</param>
    /// <param name="change">What the try means for the webhook.</param>
    public void Settle(string key, WebhookDelivery delivery, WaitingCall? again, Func<Webhook, Webhook> change)
    {
        lock (_lock)
        {
            if (!_queues.TryGetValue(key, out var queue))
            {
                return;
            }

            var hook = change(queue.Hook);
            var isWaiting = queue.Waiting.Any(w => w.Id == delivery.Id);
            ApplyLater(new WebhookLine(key)
            {
                Hook = hook == queue.Hook ? null : hook,
                Wait = isWaiting ? again : null,
                Done = isWaiting && again is null ? delivery.Id : null,
                Delivery = delivery,
            });
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<WebhookDelivery> Deliveries(string key)
    {
        lock (_lock)
        {
            return _queues.GetValueOrDefault(key) is { } queue ? [.. queue.Deliveries] : [];
        }
    }

    /// <summary>What waits for it, oldest first.</summary>
    public IReadOnlyList<WaitingCall> Calls(string key)
    {
        lock (_lock)
        {
            return _queues.GetValueOrDefault(key) is { } queue ? [.. queue.Waiting] : [];
        }
    }

    public int Waiting(string key)
    {
        lock (_lock)
        {
            return _queues.GetValueOrDefault(key)?.Waiting.Count ?? 0;
        }
    }

    /// <summary>Writes what has changed since the last time, and nothing else.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            try
            {
                if (_isToRewrite)
                {
                    Rewrite();
                }

                if (_unwritten.Count > 0)
                {
                    _journal!.Append(_unwritten, isDurable: true);
                    _unwritten.Clear();
                }

                if (_journal!.Bytes > (OvertakenFactor * _startBytes) + OvertakenFloor)
                {
                    Rewrite();
                }
            }
            catch (IOException e)
            {
                LogNotSaved(e);
            }
        }
    }

    /// <summary>Writes the file anew without what was overtaken or deleted: nothing of it is on disk any more.</summary>
    /// <exception cref="IOException">The disk cannot take it; what is in force is safe in any case.</exception>
    public void Compact()
    {
        lock (_lock)
        {
            Rewrite();
        }
    }

    /// <summary>On disk first. Under the lock.</summary>
    private void ApplyNow(WebhookLine line)
    {
        _journal!.Append([.. _unwritten, line.ToJson()], isDurable: true);
        _unwritten.Clear();
        Apply(line);
    }

    /// <summary>On disk within a second. Under the lock.</summary>
    private void ApplyLater(WebhookLine line)
    {
        Apply(line);
        if (_isToRewrite)
        {
            return;
        }

        _unwritten.Add(line.ToJson());
        if (_unwritten.Count > MaxUnwritten)
        {
            _isToRewrite = true;
            _unwritten.Clear();
        }
    }

    private void Apply(WebhookLine line)
    {
        if (line.IsGone)
        {
            _queues.Remove(line.Key);
            _all = null;
            return;
        }

        if (!_queues.TryGetValue(line.Key, out var queue))
        {
            if (line.Hook is null)
            {
                // Of a webhook whose own line a disk damaged.
                return;
            }

            _queues[line.Key] = queue = new WebhookQueue(line.Hook);
        }

        queue.Apply(line);
        if (line.Hook is not null || line.Dropped is not null)
        {
            _all = null;
        }
    }

    private void Rewrite()
    {
        _journal!.Rewrite(_queues.Values.SelectMany(q => q.Lines()).Select(l => l.ToJson()));
        _unwritten.Clear();
        _isToRewrite = false;
        _startBytes = _journal.Bytes;
    }

    /// <summary>What a version before the journal wrote. Under the lock.</summary>
    private void TakeOver()
    {
        if (_journal!.Bytes > 0 || Read<List<Webhook>>(Name) is not { } hooks)
        {
            return;
        }

        var queues = Read<Dictionary<string, FormerQueue>>(FormerQueues) ?? [];
        foreach (var hook in hooks)
        {
            Apply(new WebhookLine(hook.Key) { Hook = hook });
            var former = queues.GetValueOrDefault(hook.Key) ?? new FormerQueue([], []);
            foreach (var line in former.Waiting.Select(w => new WebhookLine(hook.Key) { Wait = w }).Concat(former.Deliveries.Reverse().Select(d => new WebhookLine(hook.Key) { Delivery = d })))
            {
                Apply(line);
            }
        }

        Rewrite();
        files.Delete(Name);
        files.Delete(FormerQueues);
    }

    private T? Read<T>(string name)
        where T : class
    {
        try
        {
            return files.Read(name) is { } bytes ? JsonSerializer.Deserialize<T>(bytes, SiteJson.Options) : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            LogNotLoaded(e, name);
            return null;
        }
    }

    private sealed record FormerQueue(IReadOnlyList<WaitingCall> Waiting, IReadOnlyList<WebhookDelivery> Deliveries);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} cannot be read; it starts empty")]
    private partial void LogNotLoaded(Exception exception, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} lines of the journal of webhooks are damaged and were passed over; check the webhooks")]
    private partial void LogDamaged(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events that wait for webhooks cannot be stored; a restart would forget them")]
    private partial void LogNotSaved(Exception exception);
}
