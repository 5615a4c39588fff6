using Prometheus;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Filter.Scanners;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.Telemetry;

/// <summary>Gauges of what the rooms hold, read when Prometheus asks.</summary>
internal static class StateMetrics
{
    public static void Register(
        GatewayMetrics metrics, MailQueue queue, ISpool spool, IQuarantine quarantine, IReadOnlyList<IScanner> scanners, TimeProvider timeProvider)
    {
        var factory = Metrics.WithCustomRegistry(metrics.Registry);
        var build = factory.CreateGauge("secuedge_build_info", "Always 1; the version is the label.", "version");
        build.WithLabels(typeof(StateMetrics).Assembly.GetName().Version!.ToString(3)).Set(1);
        var queued = factory.CreateGauge("secuedge_queue_messages", "Messages on the gateway that are not finished.", "state");
        var oldest = factory.CreateGauge("secuedge_queue_oldest_age_seconds", "Age of the oldest message in the queue; 0 when empty.");
        var kept = factory.CreateGauge("secuedge_quarantine_messages", "Messages in quarantine.");
        var keptBytes = factory.CreateGauge("secuedge_quarantine_bytes", "Bytes in quarantine.");
        var free = factory.CreateGauge("secuedge_store_free_bytes", "Free space of the data folder.");
        var accepting = factory.CreateGauge("secuedge_store_accepting", "1 while the spool accepts mail.");
        var engineUp = factory.CreateGauge("secuedge_engine_up", "1 while the engine can scan.", "engine");
        var engineAge = factory.CreateGauge("secuedge_engine_signature_age_seconds", "Age of the engine's signatures; absent when unknown.", "engine");
        foreach (var scanner in scanners)
        {
            metrics.AddEngine(scanner.Name);
        }

        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            var state = queue.Figures;
            queued.WithLabels("active").Set(state.Active);
            queued.WithLabels("deferred").Set(state.Deferred);
            oldest.Set(state.OldestAge.TotalSeconds);
            kept.Set(quarantine.Count);
            keptBytes.Set(quarantine.TotalBytes);
            free.Set(spool.Status.FreeBytes);
            accepting.Set(spool.Status.IsAccepting ? 1 : 0);
            foreach (var scanner in scanners)
            {
                var status = scanner.Status;
                engineUp.WithLabels(scanner.Name).Set(status.IsReady ? 1 : 0);
                if (status.SignaturesAt is { } published)
                {
                    engineAge.WithLabels(scanner.Name).Set((timeProvider.GetUtcNow() - published).TotalSeconds);
                }
            }
        });
    }
}
