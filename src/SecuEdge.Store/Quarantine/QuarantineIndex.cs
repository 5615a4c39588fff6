using LiteDB;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter;
using SecuEdge.Store.LiteDb;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Quarantine;

/// <summary>
/// Which references a query means. Nothing but an index: compared with the files at start, and repaired where it could not take something, each
/// time before it is asked.
/// </summary>
/// <param name="read">The entry on disk; null when there is none of that reference.</param>
internal sealed partial class QuarantineIndex(LiteDbWriter database, Func<string, QuarantineEntry?> read, ILogger logger) : IAsyncDisposable
{
    private const int ChunkSize = 200;

    private readonly HashSet<string> _notIndexed = new(StringComparer.Ordinal);

    /// <summary>Makes the index hold exactly the references on disk.</summary>
    public async Task CompareAsync(IReadOnlyCollection<string> onDisk, List<string> notes)
    {
        List<string> indexed;
        try
        {
            indexed = database.Read(RecordTable.Ids);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogIndexFailed(e, "all");
            indexed = [];
        }

        var surplus = indexed.Except(onDisk, StringComparer.Ordinal).ToList();
        var missing = onDisk.Except(indexed, StringComparer.Ordinal).ToList();
        if (surplus.Count + missing.Count == 0)
        {
            return;
        }

        foreach (var reference in surplus)
        {
            await TryWriteAsync(d => RecordTable.Delete(d, reference), null);
        }

        foreach (var chunk in missing.Chunk(ChunkSize))
        {
            var entries = chunk.Select(read).OfType<QuarantineEntry>().ToList();
            await Task.WhenAll(entries.Select(PutAsync));
        }

        notes.Add($"Quarantine: the index was repaired from the files ({missing.Count} added, {surplus.Count} removed).");
    }

    /// <summary>Trouble with the index does not make the addition fail: the message is durable, and the next look repairs the index.</summary>
    public Task PutAsync(QuarantineEntry entry)
    {
        var order = RecordTable.Order(entry.QuarantinedAt, entry.Reference);
        var keys = KeysOf(entry, order);
        return TryWriteAsync(d => RecordTable.Put(d, entry.Reference, order, keys, []), entry.Reference);
    }

    public Task DeleteAsync(string reference) => TryWriteAsync(d => RecordTable.Delete(d, reference), reference);

    /// <summary>Takes in what it could not take before.</summary>
    public async Task RepairAsync()
    {
        List<string> forgotten;
        lock (_notIndexed)
        {
            if (_notIndexed.Count == 0)
            {
                return;
            }

            forgotten = [.. _notIndexed];
            _notIndexed.Clear();
        }

        foreach (var reference in forgotten)
        {
            await (read(reference) is { } entry ? PutAsync(entry) : DeleteAsync(reference));
        }
    }

    /// <summary>The narrowest keys under which everything that the query means is found.</summary>
    public static IReadOnlyList<RecordRange> RangesOf(QuarantineQuery query) =>
        SeenRanges.Of(query.Tenant, query.Tenants, query.Mailboxes, query.Recipient ?? SenderWord.Key(query.Sender)) ?? [ChooseKey(query)];

    /// <summary>Newest first.</summary>
    public Task<List<RecordTable.Row>> PageAsync(IReadOnlyList<RecordRange> ranges, long from, long before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(d => SeenRanges.Page(d, ranges, from, before, limit), cancellationToken);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private async Task TryWriteAsync(Action<LiteDatabase> operation, string? reference)
    {
        try
        {
            await database.WriteAsync(operation);
        }
        catch (IOException e)
        {
            LogIndexFailed(e, reference ?? "an old reference");
            lock (_notIndexed)
            {
                if (reference is not null)
                {
                    _notIndexed.Add(reference);
                }
            }
        }
    }

    private static BsonArray KeysOf(QuarantineEntry entry, long order)
    {
        var keys = new BsonArray
        {
            RecordTable.Key(RecordKey.All, "", order),
            RecordTable.Key(RecordKey.Tenant, entry.Message.Tenant, order),
            RecordTable.Key(RecordKey.Class, entry.Message.Class.ToString(), order),
            RecordTable.Key(RecordKey.Sender, entry.Message.ReversePath, order),
            RecordTable.Key(RecordRange.TenantAddress(entry.Message.Tenant, entry.Message.ReversePath), order),
        };
        foreach (var recipient in entry.Recipients)
        {
            keys.Add(RecordTable.Key(RecordKey.Recipient, recipient, order));
            keys.Add(RecordTable.Key(RecordRange.TenantAddress(entry.Message.Tenant, recipient), order));
        }

        foreach (var queue in entry.Queues)
        {
            keys.Add(RecordTable.Key(RecordKey.Queue, queue, order));
        }

        return keys;
    }

    private static RecordRange ChooseKey(QuarantineQuery query) => query switch
    {
        { Recipient: { } recipient } => new(RecordKey.Recipient, recipient),
        { Sender: { } sender } when SenderWord.Key(sender) is { } key => new(RecordKey.Sender, key),
        { Queue: { } queue } => new(RecordKey.Queue, queue),
        { Tenant: { } tenant } => new(RecordKey.Tenant, tenant),
        { Class: MessageClass @class } => new(RecordKey.Class, @class.ToString()),
        _ => new(RecordKey.All, ""),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The quarantine index could not take {Reference}; it is tried again when the quarantine is listed")]
    private partial void LogIndexFailed(Exception exception, string reference);
}
