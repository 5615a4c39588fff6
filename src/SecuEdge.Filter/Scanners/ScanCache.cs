namespace SecuEdge.Filter.Scanners;

/// <summary>
/// Remembers what an engine said about a part, by content and signature version: the same logo or newsletter attachment is scanned once,
/// not in every mail. Bounded by count (least recently used goes first) and age (signatures of one's own can change without changing the
/// version).
/// </summary>
internal sealed class ScanCache(int capacity, TimeSpan maxAge, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();

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

    public ScanResult? Find(string sha256, string version)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(new Key(sha256, version), out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            if (timeProvider.GetElapsedTime(node.Value.StoredAt) > maxAge)
            {
                _entries.Remove(node.Value.Key);
                return null;
            }

            _byUse.AddFirst(node);
            return node.Value.Result;
        }
    }

    /// <summary>
    /// Failures and heuristics are not remembered: the first say nothing about the file, the second depend on the engine's settings.
    /// </summary>
    public void Remember(string sha256, string version, ScanResult result)
    {
        if (result is not (ScanResult.Clean or ScanResult.Infected))
        {
            return;
        }

        var entry = new Entry(new Key(sha256, version), result, timeProvider.GetTimestamp());
        lock (_lock)
        {
            if (_entries.Remove(entry.Key, out var old))
            {
                _byUse.Remove(old);
            }

            _entries.Add(entry.Key, _byUse.AddFirst(entry));
            if (_entries.Count > capacity)
            {
                _entries.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }
        }
    }

    private readonly record struct Key(string Sha256, string Version);

    private sealed record Entry(Key Key, ScanResult Result, long StoredAt);
}
