namespace SecuEdge.Store.Audit;

/// <summary>The audit log in memory.</summary>
public sealed class AuditLog : IAuditLog
{
    private readonly List<AuditEntry> _entries = [];
    private readonly Lock _lock = new();

    public Task<AuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var numbered = entry with { Number = _entries.Count + 1 };
            _entries.Add(numbered);
            return Task.FromResult(numbered);
        }
    }

    public Task<AuditPage> SearchAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(new AuditPage([.. Enumerable.Reverse(_entries).Where(e => query.Tenants?.Contains(e.Tenant) != false).Take(query.Limit)], null));
        }
    }
}
