using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace SecuEdge.Store.Files;

/// <summary>
/// A table in memory from hashes to small rows, and behind it a journal of its changed rows, the last one of a key valid. When most of the journal
/// is out of date, it becomes the table again. A crash may forget the last second, a full disk what comes until it is mended.
/// </summary>
/// <remarks>Whoever reads and writes holds <see cref="Gate"/>, so that a decision and what is remembered of it are one step.</remarks>
internal sealed class RememberedKeys<TRow> : IAsyncDisposable
    where TRow : struct
{
    private const int KeySize = 16;

    private readonly StoreOptions _options;
    private readonly string _path;
    private readonly RememberedRow<TRow> _row;
    private readonly Dictionary<UInt128, TRow> _table = [];
    private readonly LazyWriter<UInt128> _writer;
    private RecordFile _journal;

    /// <param name="folder">Of the data folder.</param>
    /// <param name="what">For the log: <c>contacts</c>.</param>
    public RememberedKeys(StoreOptions options, string folder, string file, RememberedRow<TRow> row, string what, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _row = row;
        options.Files.CreateFolder(Path.Combine(options.DataFolder, folder));
        _path = Path.Combine(options.DataFolder, folder, file);
        _journal = RecordFile.Open(options.Files, _path, row.RecordSize);
        _journal.Read(Take);
        _writer = new LazyWriter<UInt128>(what, Write, timeProvider, logger);
    }

    /// <summary>Held for every call below.</summary>
    public Lock Gate { get; } = new();

    public int Count => _table.Count;

    public IEnumerable<KeyValuePair<UInt128, TRow>> Rows => _table;

    /// <summary>The row that says nothing where there is none.</summary>
    public TRow Find(UInt128 key) => _table.GetValueOrDefault(key);

    public bool TryFind(UInt128 key, [MaybeNullWhen(false)] out TRow row) => _table.TryGetValue(key, out row);

    public void Put(UInt128 key, TRow row)
    {
        _table[key] = row;
        _writer.Add(key);
    }

    public void Forget(UInt128 key)
    {
        if (_table.Remove(key))
        {
            _writer.Add(key);
        }
    }

    /// <summary>A tenth at once when there are too many, so that the search for what to forget is rare.</summary>
    /// <param name="firstToGo">By this, the smallest.</param>
    public void Limit<TOrder>(int capacity, Func<TRow, TOrder> firstToGo)
    {
        if (_table.Count <= capacity)
        {
            return;
        }

        foreach (var key in _table.OrderBy(e => firstToGo(e.Value)).Take(Math.Max(1, capacity / 10)).Select(e => e.Key).ToList())
        {
            Forget(key);
        }
    }

    /// <summary>Writes what changed until now. Without <see cref="Gate"/>.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _journal.Dispose();
    }

    private void Write(IReadOnlyList<UInt128> changed)
    {
        byte[] bytes;
        bool isOutdated;
        lock (Gate)
        {
            isOutdated = _journal.Count + changed.Count > Math.Max(10_000, 4L * _table.Count);
            bytes = Encode([.. isOutdated ? _table.Keys : changed.Distinct()]);
        }

        if (!isOutdated)
        {
            _journal.Append(bytes);
            return;
        }

        DurableFile.Write(_options.Files, _path, bytes);
        _journal.Dispose();
        _journal = RecordFile.Open(_options.Files, _path, _row.RecordSize);
    }

    /// <summary>What is gone is written as the row that says nothing.</summary>
    private byte[] Encode(List<UInt128> keys)
    {
        var bytes = new byte[keys.Count * _row.RecordSize];
        for (var i = 0; i < keys.Count; i++)
        {
            var record = bytes.AsSpan(i * _row.RecordSize, _row.RecordSize);
            BinaryPrimitives.WriteUInt128LittleEndian(record, keys[i]);
            _row.Write(_table.GetValueOrDefault(keys[i]), record[KeySize..]);
            RecordFile.Seal(record);
        }

        return bytes;
    }

    private void Take(ReadOnlySpan<byte> record)
    {
        var (key, row) = (BinaryPrimitives.ReadUInt128LittleEndian(record), _row.Read(record[KeySize..]));
        if (_row.IsNone(row))
        {
            _table.Remove(key);
        }
        else
        {
            _table[key] = row;
        }
    }
}

/// <summary>How a row stands in the journal, behind its key and before the checksum: four bytes.</summary>
/// <param name="RecordSize">With both.</param>
/// <param name="IsNone">Whether it says nothing, as the default does: the key is forgotten.</param>
internal sealed record RememberedRow<TRow>(int RecordSize, RowWriter<TRow> Write, RowReader<TRow> Read, Func<TRow, bool> IsNone)
    where TRow : struct;

internal delegate void RowWriter<in TRow>(TRow row, Span<byte> place);

internal delegate TRow RowReader<out TRow>(ReadOnlySpan<byte> place);
