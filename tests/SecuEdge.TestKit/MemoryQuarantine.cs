using System.Collections.Concurrent;
using SecuEdge.Content;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.TestKit;

/// <summary>A quarantine that forgets when the process ends, and fails when a test wants it to.</summary>
public sealed class MemoryQuarantine : IQuarantine
{
    private readonly ConcurrentDictionary<string, (QuarantineEntry Entry, IByteSource Bytes)> _entries = new();

    /// <summary>Asked before each change with the reference; what it returns is thrown.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    public int Count => _entries.Count;

    public long TotalBytes => _entries.Values.Sum(e => e.Bytes.Length);

    public Task AddAsync(QuarantineEntry entry, IByteSource bytes, CancellationToken cancellationToken)
    {
        Fail(entry.Reference);
        _ = bytes.Memory; // As the real one does: bytes that cannot be read are not kept.
        _entries.TryAdd(entry.Reference, (entry, bytes));
        return Task.CompletedTask;
    }

    public Task<bool> UpdateAsync(QuarantineEntry entry, CancellationToken cancellationToken)
    {
        Fail(entry.Reference);
        if (!_entries.TryGetValue(entry.Reference, out var known))
        {
            return Task.FromResult(false);
        }

        _entries[entry.Reference] = (entry, known.Bytes);
        return Task.FromResult(true);
    }

    public Task<QuarantineEntry?> FindAsync(string reference, CancellationToken cancellationToken) =>
        Task.FromResult(_entries.TryGetValue(reference, out var found) ? found.Entry : null);

    /// <summary>Filters by tenants only.</summary>
    public Task<QuarantinePage> ListAsync(QuarantineQuery query, CancellationToken cancellationToken)
    {
        var items = _entries.Values.Select(e => e.Entry)
            .Where(e => query.Tenant is null || e.Message.Tenant == query.Tenant)
            .Where(e => query.Tenants?.Contains(e.Message.Tenant) != false)
            .OrderByDescending(e => e.Reference, StringComparer.Ordinal)
            .Take(query.Limit);
        return Task.FromResult(new QuarantinePage([.. items], null));
    }

    public IByteSource? OpenBytes(string reference) => _entries.TryGetValue(reference, out var found) ? found.Bytes : null;

    public Task<bool> DeleteAsync(string reference, CancellationToken cancellationToken) => Task.FromResult(_entries.TryRemove(reference, out _));

    public Task<IReadOnlyList<string>> ExpireAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        var expired = _entries.Values.Where(e => e.Entry.QuarantinedAt < olderThan).Select(e => e.Entry.Reference).ToList();
        expired.ForEach(r => _entries.TryRemove(r, out _));
        return Task.FromResult<IReadOnlyList<string>>(expired);
    }

    private void Fail(string reference)
    {
        if (Fault(reference) is { } fault)
        {
            throw fault;
        }
    }
}
