using System.Collections.Concurrent;
using SecuEdge.Filter.Outbreak;

namespace SecuEdge.TestKit;

/// <summary>Risky files that are forgotten when the process ends.</summary>
public sealed class MemoryRiskyFiles(TimeProvider timeProvider, TimeSpan window) : IRiskyFiles
{
    private readonly ConcurrentDictionary<UInt128, Sightings> _table = new();

    public Sightings Find(UInt128 key) => _table.GetValueOrDefault(key);

    public void See(UInt128 key) => _table.AddOrUpdate(
        key, _ => default(Sightings).Seen(timeProvider.GetUtcNow(), window), (_, known) => known.Seen(timeProvider.GetUtcNow(), window));

    public void Forget(UInt128 key) => _table.TryRemove(key, out _);
}
