using SecuEdge.Store.Audit;

namespace SecuEdge.TestKit;

/// <summary>An audit log that forgets when the process ends; it fails when told to.</summary>
public sealed class MemoryAuditLog : IAuditLog
{
    private readonly List<AuditEntry> _entries = [];
    private readonly Lock _lock = new();

    /// <summary>The disk takes nothing.</summary>
    public bool IsFull { get; set; }

    /// <summary>What happens, once, while the disk takes its time with the next entry.</summary>
    public Func<Task>? Meanwhile { get; set; }

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

    public async Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        if (Meanwhile is { } meanwhile)
        {
            Meanwhile = null;
            await meanwhile();
        }

        if (IsFull)
        {
            throw new AuditUnavailableException("No space left on device", null);
        }

        lock (_lock)
        {
            var numbered = entry with { Number = _entries.Count + 1 };
            _entries.Add(numbered);
            return numbered;
        }
    }

    /// <summary>Filters by tenant and action only.</summary>
    public Task<AuditPage> SearchAsync(AuditQuery query, CancellationToken cancellationToken) => Task.FromResult(new AuditPage(
        [.. Entries.Reverse()
            .Where(e => query.Tenants?.Contains(e.Tenant) != false && (query.Action is null || e.Action.StartsWith(query.Action, StringComparison.Ordinal)))
            .Take(query.Limit)],
        null));
}
