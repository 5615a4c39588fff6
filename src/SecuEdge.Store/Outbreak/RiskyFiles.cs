using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Outbreak;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Outbreak;

/// <summary>Risky files seen here: of each hash when and how often. A crash may forget the last second.</summary>
public sealed class RiskyFiles : IRiskyFiles, IAsyncDisposable
{
    private static readonly RememberedRow<Sightings> Form = new(64, Write, Read, sightings => sightings.IsNever);

    private readonly OutbreakOptions _limits;
    private readonly TimeProvider _timeProvider;
    private readonly RememberedKeys<Sightings> _seen;

    private RiskyFiles(StoreOptions options, OutbreakOptions limits, TimeProvider timeProvider, ILogger logger)
    {
        _limits = limits;
        _timeProvider = timeProvider;
        _seen = new RememberedKeys<Sightings>(options, "outbreak", "risky-files", Form, "known risky files", timeProvider, logger);
    }

    public static RiskyFiles Open(StoreOptions options, OutbreakOptions limits, TimeProvider timeProvider, ILogger logger) => new(options, limits, timeProvider, logger);

    public int Count
    {
        get
        {
            lock (_seen.Gate)
            {
                return _seen.Count;
            }
        }
    }

    public Sightings Find(UInt128 key)
    {
        lock (_seen.Gate)
        {
            return _seen.Find(key);
        }
    }

    public void See(UInt128 key)
    {
        lock (_seen.Gate)
        {
            _seen.Put(key, _seen.Find(key).Seen(_timeProvider.GetUtcNow(), _limits.Window));
            _seen.Limit(_limits.RememberedFiles, sightings => sightings.LastSeen);
        }
    }

    public void Forget(UInt128 key)
    {
        lock (_seen.Gate)
        {
            _seen.Forget(key);
        }
    }

    /// <summary>Writes what was seen until now.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _seen.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _seen.DisposeAsync();

    private static Sightings Read(ReadOnlySpan<byte> place) => new()
    {
        FirstSeen = Time(place),
        LastSeen = Time(place[8..]),
        WindowStart = Time(place[16..]),
        Count = BinaryPrimitives.ReadInt32LittleEndian(place[24..]),
        InWindow = BinaryPrimitives.ReadInt32LittleEndian(place[28..]),
        InWindowBefore = BinaryPrimitives.ReadInt32LittleEndian(place[32..]),
        PeakToday = BinaryPrimitives.ReadInt32LittleEndian(place[36..]),
        PeakEarlier = BinaryPrimitives.ReadInt32LittleEndian(place[40..]),
    };

    private static void Write(Sightings sightings, Span<byte> place)
    {
        BinaryPrimitives.WriteInt64LittleEndian(place, sightings.FirstSeen.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], sightings.LastSeen.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(place[16..], sightings.WindowStart.UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(place[24..], sightings.Count);
        BinaryPrimitives.WriteInt32LittleEndian(place[28..], sightings.InWindow);
        BinaryPrimitives.WriteInt32LittleEndian(place[32..], sightings.InWindowBefore);
        BinaryPrimitives.WriteInt32LittleEndian(place[36..], sightings.PeakToday);
        BinaryPrimitives.WriteInt32LittleEndian(place[40..], sightings.PeakEarlier);
    }

    private static DateTimeOffset Time(ReadOnlySpan<byte> place) => new(BinaryPrimitives.ReadInt64LittleEndian(place), TimeSpan.Zero);
}
