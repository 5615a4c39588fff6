using Prometheus;
using SecuEdge.Appliance.Telemetry;

namespace SecuEdge.Appliance.Directories;

/// <summary>Gauges of directories. Names are the tenants' and no closed set, so all are counted together.</summary>
internal static class DirectoryMetrics
{
    public static void Register(GatewayMetrics metrics, DirectoryShelf shelf, DirectoryStates states, TimeProvider timeProvider)
    {
        var factory = Metrics.WithCustomRegistry(metrics.Registry);
        var directories = factory.CreateGauge("secuedge_directories", "Directories that were tried since the start.", "state");
        var age = factory.CreateGauge("secuedge_directory_oldest_success_age_seconds", "Age of the oldest of the snapshots in force; 0 when there is none.");
        var entries = factory.CreateGauge("secuedge_directory_entries", "Entries with addresses, of all directories.");
        var groups = factory.CreateGauge("secuedge_directory_groups", "Groups of all directories.");
        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            var failing = states.All.Count(s => s.Value.FailingSince is not null);
            directories.WithLabels("ok").Set(states.All.Count() - failing);
            directories.WithLabels("failing").Set(failing);
            var read = shelf.Keys.Select(k => (Key: k, Snapshot: shelf.Find(k))).Where(s => s.Snapshot is not null).ToList();
            entries.Set(read.Sum(s => s.Snapshot!.EntryCount));
            groups.Set(read.Sum(s => s.Snapshot!.Groups.Count));
            age.Set(read.Count == 0 ? 0 : read.Max(s => (timeProvider.GetUtcNow() - (states[s.Key].LastSuccess ?? s.Snapshot!.ReadAt)).TotalSeconds));
        });
    }
}
