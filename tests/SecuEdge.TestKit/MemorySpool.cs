using System.Collections.Concurrent;
using SecuEdge.Content;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.TestKit;

/// <summary>A spool that forgets when the process ends, and fails when a test wants it to.</summary>
public sealed class MemorySpool : ISpool
{
    private readonly ConcurrentDictionary<Entry, byte> _live = new();

    /// <summary>Asked before each operation ("Commit", "Save", "Finish", "Read" for bytes, "Record") with the reference; what it returns is thrown.</summary>
    public Func<string, string, Exception?> Fault { get; set; } = (_, _) => null;

    public int Count => _live.Count;

    public SpoolStatus Status => new(IsAccepting: true, Trouble: "", FreeBytes: long.MaxValue);

    /// <summary>Records of everything that was finished.</summary>
    public ConcurrentDictionary<string, MessageRecord> Finished { get; } = new();

    /// <summary>What a restart would find, oldest first.</summary>
    public IReadOnlyList<ISpoolEntry> Live => [.. _live.Keys.OrderBy(e => e.Reference, StringComparer.Ordinal)];

    public ISpoolDraft OpenDraft() => new Draft();

    public Task<ISpoolEntry> CommitAsync(ISpoolDraft draft, MessageRecord record, CancellationToken cancellationToken)
    {
        Fail("Commit", record.Reference);
        var entry = new Entry(this, record, draft.Bytes);
        _live.TryAdd(entry, 0);
        return Task.FromResult<ISpoolEntry>(entry);
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
        _live.TryRemove((Entry)entry, out _);
        Finished[record.Reference] = record;
        return Task.CompletedTask;
    }

    private void Fail(string operation, string reference)
    {
        if (Fault(operation, reference) is { } fault)
        {
            throw fault;
        }
    }

    private sealed class Entry(MemorySpool spool, MessageRecord record, IByteSource bytes) : ISpoolEntry
    {
        public MessageRecord Record { get; set; } = record;

        public string Reference => Record.Reference;

        public IByteSource Bytes => new FaultyBytes(spool, Reference, bytes);

        public MessageRecord ReadRecord()
        {
            spool.Fail("Record", Reference);
            return Record;
        }
    }

    /// <summary>Fails when they are read, not when they are asked for, as those of the real spool do.</summary>
    private sealed class FaultyBytes(MemorySpool spool, string reference, IByteSource bytes) : IByteSource
    {
        public long Length => bytes.Length;

        public string? FilePath => null;

        public ReadOnlyMemory<byte>? Memory
        {
            get
            {
                spool.Fail("Read", reference);
                return bytes.Memory;
            }
        }

        public Stream OpenRead()
        {
            spool.Fail("Read", reference);
            return bytes.OpenRead();
        }
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
