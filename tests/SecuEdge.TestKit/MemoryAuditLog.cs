using SecuEdge.Store.Audit;

namespace SecuEdge.TestKit;

/// <summary>An audit log that forgets when the process ends; it fails when told to.</summary>
public sealed class MemoryAuditLog : IAuditLog
{
    private readonly List<AuditEntry> _entries = [];
    private readonly Lock _lock = new();

    /// <summary>The disk takes nothing.</summary>
    public bool IsFull { get; set; }

    public IReadOnlyList<AuditEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    public Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        if (IsFull)
        {
            return Task.FromException<AuditEntry>(new AuditUnavailableException("No space left on device", null));
        }

        lock (_lock)
        {
            var numbered = entry with { Number = _entries.Count + 1 };
            _entries.Add(numbered);
            return Task.FromResult(numbered);
        }
    }

    /// <summary>Filters by tenant and action only.</summary>
    public Task<AuditPage> SearchAsync(AuditQuery query, CancellationToken cancellationToken) => Task.FromResult(new AuditPage(
        [.. Entries.Reverse()
            .Where(e => query.Tenants?.Contains(e.Tenant) != false && (query.Action is null || e.Action.StartsWith(query.Action, StringComparison.Ordinal)))
            .Take(query.Limit)],
        null));
}
