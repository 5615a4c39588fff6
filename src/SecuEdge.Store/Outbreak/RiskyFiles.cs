using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Outbreak;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Outbreak;

/// <summary>
/// Risky files seen here: a table in memory, and behind it a journal of its changed rows, the last one of a key valid. The journal is
/// written anew at start when most of it is out of date.
/// </summary>
public sealed class RiskyFiles : IRiskyFiles, IAsyncDisposable
{
    private const int RecordSize = 64;

    private readonly StoreOptions _options;
    private readonly OutbreakOptions _limits;
    private readonly TimeProvider _timeProvider;
    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Sightings> _table = [];
    private readonly LazyWriter<UInt128> _writer;
    private RecordFile _journal;

    private RiskyFiles(StoreOptions options, OutbreakOptions limits, string path, RecordFile journal, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _limits = limits;
        _path = path;
        _journal = journal;
        _timeProvider = timeProvider;
        journal.Read(Take);
        _writer = new LazyWriter<UInt128>("known risky files", Write, timeProvider, logger);
    }

    public static RiskyFiles Open(StoreOptions options, OutbreakOptions limits, TimeProvider timeProvider, ILogger logger)
    {
        var folder = Path.Combine(options.DataFolder, "outbreak");
        options.Files.CreateFolder(folder);
        var path = Path.Combine(folder, "risky-files");
        return new RiskyFiles(options, limits, path, RecordFile.Open(options.Files, path, RecordSize), timeProvider, logger);
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

    public Sightings Find(UInt128 key)
    {
        lock (_lock)
        {
            return _table.GetValueOrDefault(key);
        }
    }

    public void See(UInt128 key)
    {
        lock (_lock)
        {
            _table[key] = _table.GetValueOrDefault(key).Seen(_timeProvider.GetUtcNow(), _limits.Window);
            if (_table.Count > _limits.RememberedFiles)
            {
                ForgetOldest();
            }
        }

        _writer.Add(key);
    }

    public void Forget(UInt128 key)
    {
        lock (_lock)
        {
            _table.Remove(key);
        }

        _writer.Add(key);
    }

    /// <summary>Writes what was seen until now.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _journal.Dispose();
    }

    /// <summary>A tenth at once, so that the search for the oldest is rare. Under the lock.</summary>
    private void ForgetOldest()
    {
        foreach (var key in _table.OrderBy(entry => entry.Value.LastSeen).Take(_limits.RememberedFiles / 10).Select(entry => entry.Key).ToList())
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
            bytes = Encode(isOutdated ? _table.Keys : changed.Distinct());
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

    /// <summary>Under the lock.</summary>
    private byte[] Encode(IEnumerable<UInt128> keys)
    {
        List<UInt128> all = [.. keys];
        var bytes = new byte[all.Count * RecordSize];
        for (var i = 0; i < all.Count; i++)
        {
            Encode(all[i], _table.GetValueOrDefault(all[i]), bytes.AsSpan(i * RecordSize, RecordSize));
        }

        return bytes;
    }

    private void Take(ReadOnlySpan<byte> record)
    {
        var key = BinaryPrimitives.ReadUInt128LittleEndian(record);
        var sightings = new Sightings
        {
            FirstSeen = Time(record[16..]),
            LastSeen = Time(record[24..]),
            WindowStart = Time(record[32..]),
            Count = BinaryPrimitives.ReadInt32LittleEndian(record[40..]),
            InWindow = BinaryPrimitives.ReadInt32LittleEndian(record[44..]),
            InWindowBefore = BinaryPrimitives.ReadInt32LittleEndian(record[48..]),
            PeakToday = BinaryPrimitives.ReadInt32LittleEndian(record[52..]),
            PeakEarlier = BinaryPrimitives.ReadInt32LittleEndian(record[56..]),
        };
        if (sightings.IsNever)
        {
            _table.Remove(key);
        }
        else
        {
            _table[key] = sightings;
        }
    }

    private static void Encode(UInt128 key, Sightings sightings, Span<byte> record)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(record, key);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], sightings.FirstSeen.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], sightings.LastSeen.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], sightings.WindowStart.UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(record[40..], sightings.Count);
        BinaryPrimitives.WriteInt32LittleEndian(record[44..], sightings.InWindow);
        BinaryPrimitives.WriteInt32LittleEndian(record[48..], sightings.InWindowBefore);
        BinaryPrimitives.WriteInt32LittleEndian(record[52..], sightings.PeakToday);
        BinaryPrimitives.WriteInt32LittleEndian(record[56..], sightings.PeakEarlier);
        RecordFile.Seal(record);
    }

    private static DateTimeOffset Time(ReadOnlySpan<byte> record) => new(BinaryPrimitives.ReadInt64LittleEndian(record), TimeSpan.Zero);
}
