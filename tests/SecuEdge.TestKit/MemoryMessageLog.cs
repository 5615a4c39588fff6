using SecuEdge.Store.MessageLog;

namespace SecuEdge.TestKit;

/// <summary>A message log that forgets when the process ends, and tells a test when a message has come so far.</summary>
public sealed class MemoryMessageLog : IMessageLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MessageRecord> _records = [];
    private readonly List<(string Reference, Func<MessageRecord, bool> Condition, TaskCompletionSource<MessageRecord> Reached)> _waiters = [];

    /// <summary>How often somebody looked for a message.</summary>
    public int Lookups { get; private set; }

    public IReadOnlyList<MessageRecord> Records
    {
        get
        {
            lock (_lock)
            {
                return [.. _records.Values.OrderBy(r => r.Reference, StringComparer.Ordinal)];
            }
        }
    }

    public void Save(MessageRecord record)
    {
        lock (_lock)
        {
            _records[record.Reference] = record;
            foreach (var waiter in _waiters.Where(w => w.Reference == record.Reference && w.Condition(record)))
            {
                waiter.Reached.TrySetResult(record);
            }

            _waiters.RemoveAll(w => w.Reached.Task.IsCompleted);
        }
    }

    /// <summary>The record once it fulfils the condition.</summary>
    public Task<MessageRecord> WaitForAsync(string reference, Func<MessageRecord, bool> condition, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_records.TryGetValue(reference, out var record) && condition(record))
            {
                return Task.FromResult(record);
            }

            var reached = new TaskCompletionSource<MessageRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((reference, condition, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<MessageRecord?> FindAsync(string reference, CancellationToken cancellationToken, Func<MessageRecord, bool>? isWanted = null)
    {
        lock (_lock)
        {
            Lookups++;
            return Task.FromResult(_records.GetValueOrDefault(reference) is { } record && isWanted?.Invoke(record) != false ? record : null);
        }
    }

    /// <summary>Filters by tenants and state only.</summary>
    public Task<MessagePage> SearchAsync(MessageQuery query, CancellationToken cancellationToken) => Task.FromResult(new MessagePage(
        [.. Records.Where(r => query.Tenants?.Contains(r.Tenant) != false && (query.Tenant is null || r.Tenant == query.Tenant) && (query.State is null || r.State == query.State)).Reverse().Take(query.Limit)],
        null));
}
