using System.Collections.Concurrent;
using SecuEdge.Content;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.TestKit;

/// <summary>A spool that forgets when the process ends, and fails when a test wants it to.</summary>
public sealed class MemorySpool : ISpool
{
    private readonly ConcurrentDictionary<string, Entry> _live = new();

    /// <summary>Asked before each operation ("Commit", "Save", "Finish") with the reference; what it returns is thrown.</summary>
    public Func<string, string, Exception?> Fault { get; set; } = (_, _) => null;

    public int Count => _live.Count;

    public SpoolStatus Status => new(IsAccepting: true, Trouble: "", FreeBytes: long.MaxValue);

    /// <summary>Records of everything that was finished.</summary>
    public ConcurrentDictionary<string, MessageRecord> Finished { get; } = new();

    /// <summary>What a restart would find, oldest first.</summary>
    public IReadOnlyList<ISpoolEntry> Live => [.. _live.Values.OrderBy(e => e.Reference, StringComparer.Ordinal)];

    public ISpoolDraft OpenDraft() => new Draft();

    public Task<ISpoolEntry> CommitAsync(ISpoolDraft draft, MessageRecord record, CancellationToken cancellationToken)
    {
        Fail("Commit", record.Reference);
        var entry = new Entry(record, draft.Bytes);
        return _live.TryAdd(record.Reference, entry)
            ? Task.FromResult<ISpoolEntry>(entry)
            : throw new InvalidOperationException($"{record.Reference} is in the spool already");
    }

    public Task SaveAsync(ISpoolEntry entry, MessageRecord record, CancellationToken cancellationToken)
    {
        Fail("Save", record.Reference);
        ((Entry)entry).Record = record;
        return Task.CompletedTask;
    }

    public Task FinishAsync(ISpoolEntry entry, MessageRecord record, CancellationToken cancellationToken)
    {
        Fail("Finish", record.Reference);
        Finished[record.Reference] = record;
        _live.TryRemove(record.Reference, out _);
        return Task.CompletedTask;
    }

    private void Fail(string operation, string reference)
    {
        if (Fault(operation, reference) is { } fault)
        {
            throw fault;
        }
    }

    private sealed class Entry(MessageRecord record, IByteSource bytes) : ISpoolEntry
    {
        public MessageRecord Record { get; set; } = record;

        public string Reference => Record.Reference;

        public IByteSource Bytes { get; } = bytes;

        public MessageRecord ReadRecord() => Record;
    }

    private sealed class Draft : ISpoolDraft
    {
        private readonly MemoryStream _bytes = new();

        public IByteSource Bytes => new MemoryBytes(_bytes.ToArray());

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => _bytes.DisposeAsync();
    }
}
