using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Greylist;

/// <summary>
/// Who was asked to come back, and who did: a table in memory, and behind it a journal of its changed rows, the last one of a key valid.
/// A crash may forget the last second, which asks somebody once more.
/// </summary>
public sealed class Greylist : IAsyncDisposable
{
    private const int RecordSize = 48;

    // Some 20 MB of memory; a flood of strangers pushes out strangers, not those who came back.
    private const int UsualCapacity = 200_000;

    // Usual among peers: a day to come back, and 36 days so that a monthly newsletter is known the next time.
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);
    private static readonly TimeSpan Memory = TimeSpan.FromDays(36);

    // When somebody came last need not be known better; a journal line for each of his mails would be.
    private static readonly TimeSpan Precision = TimeSpan.FromHours(6);

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly string _path;
    private readonly int _capacity;
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Row> _table = [];
    private readonly LazyWriter<UInt128> _writer;
    private RecordFile _journal;

    private Greylist(StoreOptions options, string path, RecordFile journal, int capacity, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _path = path;
        _journal = journal;
        _capacity = capacity;
        _timeProvider = timeProvider;
        journal.Read(Take);
        _writer = new LazyWriter<UInt128>("greylist", Write, timeProvider, logger);
    }

    public static Greylist Open(StoreOptions options, TimeProvider timeProvider, ILogger logger, int capacity = UsualCapacity)
    {
        var folder = Path.Combine(options.DataFolder, "greylist");
        options.Files.CreateFolder(folder);
        var path = Path.Combine(folder, "known");
        return new Greylist(options, path, RecordFile.Open(options.Files, path, RecordSize), capacity, timeProvider, logger);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
            }
        }
    }

    /// <param name="wait">How long a stranger has to stay away.</param>
    /// <returns>Null to let him pass; otherwise how long he still has to wait.</returns>
    public TimeSpan? Ask(UInt128 key, TimeSpan wait)
    {
        var now = _timeProvider.GetUtcNow();
        lock (_lock)
        {
            var row = _table.GetValueOrDefault(key);
            var age = now - row.Since;
            if (row.IsKnown && age <= Memory)
            {
                if (age >= Precision)
                {
                    Put(key, row with { Since = now });
                }

                return null;
            }

            if (row.IsNone || row.IsKnown || age > Window || age < TimeSpan.Zero)
            {
                Put(key, new Row(now, IsKnown: false));
                return wait;
            }

            if (age < wait)
            {
                return wait - age;
            }

            Put(key, new Row(now, IsKnown: true));
            return null;
        }
    }

    /// <summary>Writes what changed until now.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _journal.Dispose();
    }

    /// <summary>Under the lock.</summary>
    private void Put(UInt128 key, Row row)
    {
        _table[key] = row;
        if (_table.Count > _capacity)
        {
            ForgetSome();
        }

        _writer.Add(key);
    }

    /// <summary>What is out of date, then a tenth at once, strangers and the oldest first. Under the lock.</summary>
    private void ForgetSome()
    {
        var now = _timeProvider.GetUtcNow();
        var forgotten = _table.Where(e => now - e.Value.Since > (e.Value.IsKnown ? Memory : Window)).Select(e => e.Key).ToList();
        if (forgotten.Count < _capacity / 10)
        {
            forgotten = [.. _table.OrderBy(e => e.Value.IsKnown).ThenBy(e => e.Value.Since).Take(Math.Max(1, _capacity / 10)).Select(e => e.Key)];
        }

        foreach (var key in forgotten)
        {
            _table.Remove(key);
            _writer.Add(key);
        }
    }

    private void Write(IReadOnlyList<UInt128> changed)
    {
        byte[] bytes;
        bool isOutdated;
        lock (_lock)
        {
            isOutdated = _journal.Count + changed.Count > Math.Max(10_000, 4L * _table.Count);
            bytes = Encode([.. isOutdated ? _table.Keys : changed.Distinct()]);
        }

        if (!isOutdated)
        {
            _journal.Append(bytes);
            return;
        }

        // The journal becomes the table again.
        DurableFile.Write(_options.Files, _path, bytes);
        _journal.Dispose();
        _journal = RecordFile.Open(_options.Files, _path, RecordSize);
    }

    /// <summary>Under the lock. A row that is gone is written as none.</summary>
    private byte[] Encode(List<UInt128> keys)
    {
        var bytes = new byte[keys.Count * RecordSize];
        for (var i = 0; i < keys.Count; i++)
        {
            var record = bytes.AsSpan(i * RecordSize, RecordSize);
            var row = _table.GetValueOrDefault(keys[i]);
            BinaryPrimitives.WriteUInt128LittleEndian(record, keys[i]);
            BinaryPrimitives.WriteInt64LittleEndian(record[16..], row.Since.UtcTicks);
            record[24] = row.IsKnown ? (byte)1 : (byte)0;
            RecordFile.Seal(record);
        }

        return bytes;
    }

    private void Take(ReadOnlySpan<byte> record)
    {
        var key = BinaryPrimitives.ReadUInt128LittleEndian(record);
        var row = new Row(new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(record[16..]), TimeSpan.Zero), record[24] == 1);
        if (row.IsNone)
        {
            _table.Remove(key);
        }
        else
        {
            _table[key] = row;
        }
    }

    /// <param name="Since">When he came first; of those known, when he came last.</param>
    private readonly record struct Row(DateTimeOffset Since, bool IsKnown)
    {
        public bool IsNone => Since == default;
    }
}
