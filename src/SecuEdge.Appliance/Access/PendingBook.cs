namespace SecuEdge.Appliance.Access;

/// <summary>
/// What strangers begin and may finish once, within a time: logins on their way through a provider, challenges for passkeys. In memory; after
/// a restart people press the button again.
/// </summary>
/// <param name="capacity">Kept at once; beyond, the oldest goes.</param>
/// <param name="maxPerClient">A flood from one address pushes out its own.</param>
internal sealed class PendingBook<T>(int capacity, int maxPerClient, TimeSpan lifetime, TimeProvider timeProvider)
    where T : class
{
    private readonly OrderedDictionary<string, Entry> _entries = [];
    private readonly Lock _lock = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    public void Add(string key, string client, T value)
    {
        lock (_lock)
        {
            MakeRoom(client);
            _entries.Add(key, new Entry(client, value, timeProvider.GetUtcNow() + lifetime));
        }
    }

    /// <summary>Whatever comes of it, the key is spent.</summary>
    public T? Take(string key)
    {
        lock (_lock)
        {
            return _entries.Remove(key, out var entry) && entry.ExpiresAt > timeProvider.GetUtcNow() ? entry.Value : null;
        }
    }

    private void MakeRoom(string client)
    {
        var now = timeProvider.GetUtcNow();
        while (_entries.Count > 0 && (_entries.Count >= capacity || _entries.GetAt(0).Value.ExpiresAt <= now))
        {
            _entries.RemoveAt(0);
        }

        var own = _entries.Where(e => e.Value.Client == client).Select(e => e.Key).ToList();
        if (own.Count >= maxPerClient)
        {
            _entries.Remove(own[0]);
        }
    }

    private sealed record Entry(string Client, T Value, DateTimeOffset ExpiresAt);
}
