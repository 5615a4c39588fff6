using SecuEdge.Filter.Scanners;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Keeps the state of each engine fresh: whether it answers, with which signatures.</summary>
internal sealed class EngineWatch(IReadOnlyList<IScanner> scanners) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(scanners.Select(s => s.RunStatusAsync(stoppingToken)));
}
