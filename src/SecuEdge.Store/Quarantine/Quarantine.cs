using System.Globalization;
using System.Text.Json;
using LiteDB;
using Microsoft.Extensions.Logging;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Store.Files;
using SecuEdge.Store.LiteDb;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Quarantine;

/// <summary>
/// The quarantine on disk. Body and sidecar are the truth; the index only says which references a query means, and every page is read from
/// the sidecars. So a lost, broken or outdated index costs a comparison at start and never a message.
/// </summary>
public sealed partial class Quarantine : IQuarantine, IAsyncDisposable
{
    private const int MaxLimit = 200;
    private const int ChunkSize = 200;

    private readonly HashedFiles _files;
    private readonly QuarantineIndex _index;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, long> _sizes;
    private long _totalBytes;

    private Quarantine(HashedFiles files, LiteDbWriter index, Dictionary<string, long> sizes, IReadOnlyList<string> notes, ILogger logger)
    {
        _files = files;
        _index = new QuarantineIndex(index, name => IsKnown(name) ? TryReadEntry(name) : null, logger);
        _sizes = sizes;
        _totalBytes = sizes.Values.Sum();
        Notes = notes;
        _logger = logger;
    }

    public static Task<Quarantine> OpenAsync(StoreOptions options, TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken) =>
        Task.Run(() => OpenCoreAsync(options, timeProvider, logger), cancellationToken);

    /// <summary>What opening had to repair, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    public int Count
    {
        get
        {
            lock (_sizes)
            {
                return _sizes.Count;
            }
        }
    }

    public long TotalBytes => Volatile.Read(ref _totalBytes);

    public async Task AddAsync(QuarantineEntry entry, IByteSource bytes, CancellationToken cancellationToken)
    {
        var name = SafeName.Require(entry.Reference);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // What cannot be read is no copy: it is written again, as long as the caller has the bytes.
            var known = IsKnown(name) ? TryReadEntry(name) : null;
            if (known is null)
            {
                Write(name, entry, bytes);
            }
            else if (!IsSameMessage(known.Message, entry.Message))
            {
                throw new IOException($"Another message is in quarantine under the reference {name}; neither may replace the other.");
            }
        }
        finally
        {
            _gate.Release();
        }

        await _index.PutAsync(entry);
    }

    public async Task<bool> UpdateAsync(QuarantineEntry entry, CancellationToken cancellationToken)
    {
        var name = SafeName.Require(entry.Reference);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!IsKnown(name))
            {
                return false;
            }

            WriteSidecar(entry);
        }
        finally
        {
            _gate.Release();
        }

        await _index.PutAsync(entry);
        return true;
    }

    public Task<QuarantineEntry?> FindAsync(string reference, CancellationToken cancellationToken) =>
        Task.FromResult(SafeName.IsSafe(reference) && IsKnown(reference) ? TryReadEntry(reference) : null);

    public async Task<QuarantinePage> ListAsync(QuarantineQuery query, CancellationToken cancellationToken)
    {
        await _index.RepairAsync();
        var limit = Math.Clamp(query.Limit, 1, MaxLimit);
        var ranges = QuarantineIndex.RangesOf(query);
        var from = query.Since is { } since ? RecordTable.First(since) : 0;
        var before = query.Until is { } until ? RecordTable.First(until) : long.MaxValue;
        if (query.Cursor is { } cursor)
        {
            before = Math.Min(before, ParseCursor(cursor));
        }

        var found = new List<QuarantineEntry>();
        var lastOrder = before;
        while (true)
        {
            var upTo = before;
            var rows = await _index.PageAsync(ranges, from, upTo, ChunkSize, cancellationToken);
            foreach (var row in rows)
            {
                // Entries of one order stay on one page, or the cursor between them would lose one.
                if (found.Count >= limit && row.Order != lastOrder)
                {
                    return new QuarantinePage(found, lastOrder.ToString("x", CultureInfo.InvariantCulture));
                }

                if (IsKnown(row.Id) && TryReadEntry(row.Id) is { } entry && QuarantineFilter.Matches(entry, query))
                {
                    found.Add(entry);
                    lastOrder = row.Order;
                }

                before = row.Order;
            }

            if (rows.Count < ChunkSize)
            {
                return new QuarantinePage(found, null);
            }
        }
    }

    public IByteSource? OpenBytes(string reference) =>
        SafeName.IsSafe(reference) && IsKnown(reference) && File.Exists(_files.BodyPath(reference)) ? new FileBytes(_files.BodyPath(reference)) : null;

    public async Task<bool> DeleteAsync(string reference, CancellationToken cancellationToken)
    {
        if (!SafeName.IsSafe(reference))
        {
            return false;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!IsKnown(reference))
            {
                return false;
            }

            _files.Delete(reference);
            _files.SyncFolderOf(reference);
            Forget(reference);
        }
        finally
        {
            _gate.Release();
        }

        await _index.DeleteAsync(reference);
        return true;
    }

    public async Task<IReadOnlyList<string>> ExpireAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        await _index.RepairAsync();
        var expired = new List<string>();
        var before = RecordTable.First(olderThan);
        while (true)
        {
            var upTo = before;
            var rows = await _index.PageAsync([new RecordRange(RecordKey.All, "")], 0, upTo, ChunkSize, cancellationToken);
            foreach (var row in rows)
            {
                before = row.Order;
                if (await DeleteAsync(row.Id, cancellationToken))
                {
                    expired.Add(row.Id);
                }
            }

            if (rows.Count < ChunkSize)
            {
                return expired;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        _gate.Dispose();
    }

    private static async Task<Quarantine> OpenCoreAsync(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        var root = Path.Combine(options.DataFolder, "quarantine");
        options.Files.CreateFolder(options.DataFolder);
        var files = new HashedFiles(options.Files, root);
        files.Prepare();
        var notes = new List<string>();
        var sizes = ReadSizes(files, notes);

        var path = Path.Combine(options.DataFolder, "quarantine.db");
        var index = LiteDbWriter.Open(path, RecordTable.Prepare, options.Files, timeProvider, logger);
        notes.AddRange(index.Notes);
        foreach (var alternate in index.IsAlternate ? [] : LiteDbFile.Alternates(path).ToList())
        {
            LiteDbFile.Delete(alternate);
        }

        var quarantine = new Quarantine(files, index, sizes, notes, logger);
        await quarantine._index.CompareAsync(sizes.Keys, notes);
        return quarantine;
    }

    private static Dictionary<string, long> ReadSizes(HashedFiles files, List<string> notes)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var file in files.List())
        {
            if (file is { HasBody: true, HasSidecar: true })
            {
                sizes[file.Name] = new FileInfo(files.BodyPath(file.Name)).Length;
            }
            else if (file.HasBody)
            {
                // Added halfway: whoever added it still has the message and adds it again.
                files.Delete(file.Name);
            }
            else
            {
                notes.Add($"Quarantine: the bytes of {file.Name} are missing; it is not listed.");
            }
        }

        return sizes;
    }

    private static long ParseCursor(string cursor) =>
        long.TryParse(cursor, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var order) && order >= 0
            ? order
            : throw new ArgumentException("The cursor is not one of a page before.", nameof(cursor));

    /// <summary>A record changes on its way through the gateway; when it came, and by which connection, does not.</summary>
    private static bool IsSameMessage(MessageRecord one, MessageRecord other) =>
        one.ReceivedAt == other.ReceivedAt && one.ConnectionId == other.ConnectionId;

    /// <summary>Body first: a sidecar means that the body is complete.</summary>
    private void Write(string name, QuarantineEntry entry, IByteSource bytes)
    {
        if (bytes.Memory is { } memory)
        {
            _files.WriteBody(name, memory.Span);
        }
        else
        {
            using var source = bytes.OpenRead();
            _files.CopyBody(name, source);
        }

        WriteSidecar(entry);
        Forget(name);
        Remember(name, bytes.Length);
    }

    private void WriteSidecar(QuarantineEntry entry)
    {
        using var json = new PooledBuffer(8 << 10);
        StoreJson.Write(json, entry, StoreJson.Default.QuarantineEntry);
        _files.WriteSidecar(entry.Reference, json.Written.Span);
        _files.SyncFolderOf(entry.Reference);
    }

    private QuarantineEntry? TryReadEntry(string reference)
    {
        try
        {
            return StoreJson.ReadEntry(_files.ReadSidecar(reference));
        }
        catch (Exception e) when (e is JsonException || DurableFile.IsDiskTrouble(e))
        {
            LogSidecarFailed(e, reference);
            return null;
        }
    }

    private bool IsKnown(string reference)
    {
        lock (_sizes)
        {
            return _sizes.ContainsKey(reference);
        }
    }

    private void Remember(string reference, long size)
    {
        lock (_sizes)
        {
            _sizes[reference] = size;
            _totalBytes += size;
        }
    }

    private void Forget(string reference)
    {
        lock (_sizes)
        {
            if (_sizes.Remove(reference, out var size))
            {
                _totalBytes -= size;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The sidecar of the quarantined message {Reference} cannot be read")]
    private partial void LogSidecarFailed(Exception exception, string reference);
}
