namespace SecuEdge.Store.MessageLog;

/// <summary>
/// The newest state of each record that is not on disk yet. A message that comes and goes within half a second is written once, whatever
/// happened to it meanwhile. Bounded: when the disk takes nothing, the oldest give way.
/// </summary>
internal sealed class DirtyRecords(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _order = new();
    private Dictionary<string, Dirty> _records = new(StringComparer.Ordinal);
    private Dictionary<string, Dirty> _flushing = new(StringComparer.Ordinal);
    private long _dropped;

    /// <summary>How many gave way since the start.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <returns>How many wait now.</returns>
    public int Save(MessageRecord record, long timestamp)
    {
        lock (_gate)
        {
            if (_records.TryGetValue(record.Reference, out var known))
            {
                _records[record.Reference] = known with { Record = record };
                return _records.Count;
            }

            _records[record.Reference] = new Dirty(record, timestamp);
            _order.Enqueue(record.Reference);
            while (_records.Count > capacity && _order.TryDequeue(out var oldest))
            {
                _dropped += _records.Remove(oldest) ? 1 : 0;
            }

            return _records.Count;
        }
    }

    /// <summary>Takes what is to be written: everything, or what is finished or has waited long enough. Until <see cref="Written"/> or <see cref="NotWritten"/> readers still see it.</summary>
    public IReadOnlyCollection<MessageRecord> Take(bool everything, Func<long, bool> hasWaited)
    {
        lock (_gate)
        {
            if (everything)
            {
                (_flushing, _records) = (_records, _flushing);
                _records.Clear();
                _order.Clear();
            }
            else
            {
                foreach (var (reference, dirty) in _records)
                {
                    if (hasWaited(dirty.Since) || dirty.Record.State is not (MessageState.Queued or MessageState.Deferred))
                    {
                        _flushing[reference] = dirty;
                    }
                }

                foreach (var reference in _flushing.Keys)
                {
                    _records.Remove(reference);
                }

                Compact();
            }

            return [.. _flushing.Values.Select(d => d.Record)];
        }
    }

    public void Written()
    {
        lock (_gate)
        {
            _flushing.Clear();
        }
    }

    /// <summary>Back among the dirty, unless there is a newer state.</summary>
    public void NotWritten()
    {
        lock (_gate)
        {
            foreach (var (reference, dirty) in _flushing)
            {
                if (_records.Count < capacity && _records.TryAdd(reference, dirty))
                {
                    _order.Enqueue(reference);
                }
                else if (!_records.ContainsKey(reference))
                {
                    _dropped++;
                }
            }

            _flushing.Clear();
        }
    }

    public MessageRecord? Find(string reference)
    {
        lock (_gate)
        {
            return _records.TryGetValue(reference, out var dirty) || _flushing.TryGetValue(reference, out dirty) ? dirty.Record : null;
        }
    }

    /// <summary>All of them, each once in its newest state.</summary>
    public Dictionary<string, MessageRecord> All()
    {
        lock (_gate)
        {
            var all = new Dictionary<string, MessageRecord>(_records.Count + _flushing.Count, StringComparer.Ordinal);
            foreach (var (reference, dirty) in _flushing)
            {
                all[reference] = dirty.Record;
            }

            foreach (var (reference, dirty) in _records)
            {
                all[reference] = dirty.Record;
            }

            return all;
        }
    }

    /// <summary>The queue also holds references that were written meanwhile.</summary>
    private void Compact()
    {
        if (_order.Count <= (_records.Count * 2) + 1000)
        {
            return;
        }

        _order.Clear();
        foreach (var reference in _records.Keys)
        {
            _order.Enqueue(reference);
        }
    }

    private readonly record struct Dirty(MessageRecord Record, long Since);
}
