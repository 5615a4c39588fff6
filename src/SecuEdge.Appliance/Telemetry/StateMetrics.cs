using Prometheus;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Yara;
using SecuEdge.Cage.Pool;
using SecuEdge.Filter.Scanners;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.Telemetry;

/// <summary>Gauges of what the rooms hold, read when Prometheus asks.</summary>
internal static class StateMetrics
{
    public static void Register(
        GatewayMetrics metrics, MailQueue queue, ISpool spool, IQuarantine quarantine, IReadOnlyList<IScanner> scanners, CagePool cage, RuleBook rules, RuleUpdates updates,
        ConvictionGuard guard, SiteHolder sites, TimeProvider timeProvider)
    {
        var factory = Metrics.WithCustomRegistry(metrics.Registry);
        var unusable = factory.CreateGauge("secuedge_settings_unusable_tenants", "Tenants whose stored settings cannot be used; their mail is answered 451.");
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
        var workers = factory.CreateGauge("secuedge_cage_workers", "Processes of the cage.", "state");
        var line = factory.CreateGauge("secuedge_cage_queue_length", "Jobs that wait for a process of the cage.");
        var ruleCount = factory.CreateGauge("secuedge_yara_rules", "YARA rules in force.");
        var sourceUp = factory.CreateGauge("secuedge_yara_source_up", "1 while the last look at a source of YARA rules brought what is in force.", "source");
        var held = factory.CreateGauge("secuedge_hold_messages", "Messages held to be judged again.");
        var heldOldest = factory.CreateGauge("secuedge_hold_oldest_seconds", "Age of the oldest held message; 0 when none is held.");
        var advisory = factory.CreateGauge("secuedge_engine_advisory", "Demotions of the engine: 1 and more when it, or signatures of it, only hold mail.", "engine");
        foreach (var scanner in scanners)
        {
            metrics.AddEngine(scanner.Name);
        }

        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            unusable.Set(sites.Current.Unusable.Count);
            ruleCount.Set(rules.Current?.Rules.Count ?? 0);
            foreach (var source in updates.Sources)
            {
                // The names are those of the settings: a closed set.
                sourceUp.WithLabels(source.Name).Set(source.Trouble.Length == 0 && source.LastSuccess is not null ? 1 : 0);
            }

            var state = queue.Figures;
            queued.WithLabels("active").Set(state.Active);
            queued.WithLabels("deferred").Set(state.Deferred);
            oldest.Set(state.OldestAge.TotalSeconds);
            held.Set(state.Held);
            heldOldest.Set(state.OldestHeldAge.TotalSeconds);
            var demotions = guard.Demotions;
            kept.Set(quarantine.Count);
            keptBytes.Set(quarantine.TotalBytes);
            free.Set(spool.Status.FreeBytes);
            accepting.Set(spool.Status.IsAccepting ? 1 : 0);
            var caged = cage.Status;
            workers.WithLabels("idle").Set(Math.Max(0, caged.Ready - caged.Busy));
            workers.WithLabels("busy").Set(caged.Busy);
            line.Set(caged.Waiting);
            foreach (var scanner in scanners)
            {
                var status = scanner.Status;
                advisory.WithLabels(scanner.Name).Set(demotions.Count(d => d.Engine == scanner.Name));
                engineUp.WithLabels(scanner.Name).Set(status.IsReady ? 1 : 0);
                // Rules about structure do not age: no alert about their months.
                if (status is { IsDaily: true, SignaturesAt: { } published })
                {
                    engineAge.WithLabels(scanner.Name).Set((timeProvider.GetUtcNow() - published).TotalSeconds);
                }
            }
        });
    }
}
