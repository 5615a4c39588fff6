using System.Text.Json;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Webhooks;

/// <summary>
/// The webhooks, what waits for each, and its latest deliveries. Webhooks are on disk before a change is answered; what waits is written
/// within a second, so that a crash may lose the events of its last second and a stop loses none.
/// </summary>
internal sealed partial class WebhookStore(IStateFiles files, WebhookOptions options, ILogger<WebhookStore> logger)
{
    private const string HooksName = "webhooks";
    private const string WaitingName = "webhook-queue";

    /// <summary>What a person looks through.</summary>
    private const int MaxDeliveries = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private bool _isDirty;

    public IReadOnlyList<Webhook> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Values.Select(e => e.Hook).OrderBy(h => h.Key, StringComparer.Ordinal)];
            }
        }
    }

    public void Load()
    {
        foreach (var hook in Read<List<Webhook>>(HooksName) ?? [])
        {
            _entries[hook.Key] = new Entry(hook);
        }

        foreach (var (key, saved) in Read<Dictionary<string, SavedQueue>>(WaitingName) ?? [])
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                entry.Waiting.AddRange(saved.Waiting);
                entry.Deliveries.AddRange(saved.Deliveries);
            }
        }
    }

    public Webhook? Find(string key)
    {
        lock (_lock)
        {
            return _entries.GetValueOrDefault(key)?.Hook;
        }
    }

    /// <summary>Adds or replaces; durable when it returns.</summary>
    /// <exception cref="IOException">The disk cannot take it; nothing has changed then.</exception>
    public void Put(Webhook hook)
    {
        lock (_lock)
        {
            var before = _entries.GetValueOrDefault(hook.Key);
            WriteHooks([.. _entries.Values.Select(e => e.Hook).Where(h => h.Key != hook.Key), hook]);
            if (before is null)
            {
                _entries[hook.Key] = new Entry(hook);
            }
            else
            {
                before.Hook = hook;
            }
        }
    }

    /// <exception cref="IOException">The disk cannot take it; nothing has changed then.</exception>
    public bool Remove(string key)
    {
        lock (_lock)
        {
            if (!_entries.ContainsKey(key))
            {
                return false;
            }

            WriteHooks([.. _entries.Values.Select(e => e.Hook).Where(h => h.Key != key)]);
            _entries.Remove(key);
            _isDirty = true;
            return true;
        }
    }

    public void Enqueue(string key, WaitingCall call)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                return;
            }

            entry.Waiting.Add(call);
            if (entry.Waiting.Count > options.MaxWaiting)
            {
                entry.Waiting.RemoveAt(0);
                entry.Hook = entry.Hook with { Dropped = entry.Hook.Dropped + 1 };
            }

            _isDirty = true;
        }
    }

    /// <summary>The first that is due, oldest event first.</summary>
    public WaitingCall? NextDue(string key, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _entries.GetValueOrDefault(key) is { Hook.Enabled: true } entry ? entry.Waiting.Find(w => w.NextTry <= now) : null;
        }
    }

    /// <summary>After a try: it waits on, or is done with.</summary>
    /// <param name="again">Null when it is done with.</param>
    /// <param name="change">What the try means for the webhook.</param>
    public void Settle(string key, WebhookDelivery delivery, WaitingCall? again, Func<Webhook, Webhook> change)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                return;
            }

            var at = entry.Waiting.FindIndex(w => w.Id == delivery.Id);
            if (at >= 0 && again is not null)
            {
                entry.Waiting[at] = again;
            }
            else if (at >= 0)
            {
                entry.Waiting.RemoveAt(at);
            }

            entry.Deliveries.Insert(0, delivery);
            if (entry.Deliveries.Count > MaxDeliveries)
            {
                entry.Deliveries.RemoveAt(MaxDeliveries);
            }

            entry.Hook = change(entry.Hook);
            _isDirty = true;
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<WebhookDelivery> Deliveries(string key)
    {
        lock (_lock)
        {
            return _entries.GetValueOrDefault(key) is { } entry ? [.. entry.Deliveries] : [];
        }
    }

    public int Waiting(string key)
    {
        lock (_lock)
        {
            return _entries.GetValueOrDefault(key)?.Waiting.Count ?? 0;
        }
    }

    /// <summary>Writes what has changed since the last time.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_isDirty)
            {
                return;
            }

            try
            {
                WriteHooks([.. _entries.Values.Select(e => e.Hook)]);
                files.Write(WaitingName, JsonSerializer.SerializeToUtf8Bytes(_entries.ToDictionary(e => e.Key, e => new SavedQueue(e.Value.Waiting, e.Value.Deliveries)), SiteJson.Options));
                _isDirty = false;
            }
            catch (IOException e)
            {
                LogNotSaved(e);
            }
        }
    }

    private void WriteHooks(List<Webhook> hooks) => files.Write(HooksName, JsonSerializer.SerializeToUtf8Bytes(hooks, SiteJson.Options));

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

    private sealed class Entry(Webhook hook)
    {
        public Webhook Hook { get; set; } = hook;

        public List<WaitingCall> Waiting { get; } = [];

        public List<WebhookDelivery> Deliveries { get; } = [];
    }

    private sealed record SavedQueue(IReadOnlyList<WaitingCall> Waiting, IReadOnlyList<WebhookDelivery> Deliveries);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} cannot be read; it starts empty")]
    private partial void LogNotLoaded(Exception exception, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events that wait for webhooks cannot be stored; a restart would forget them")]
    private partial void LogNotSaved(Exception exception);
}
