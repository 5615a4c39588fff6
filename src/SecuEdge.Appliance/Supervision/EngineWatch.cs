using SecuEdge.Filter.Scanners;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Keeps the state of each engine fresh: whether it answers, with which signatures; and notices when these change.</summary>
internal sealed class EngineWatch(IReadOnlyList<IScanner> scanners, EngineChanges changes, TimeProvider timeProvider) : BackgroundService
{
    // Reading a status costs nothing, and held mail should know new signatures at once.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(scanners.Select(s => s.RunStatusAsync(stoppingToken)).Append(LookAsync(stoppingToken)));

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            changes.Look();
        }
    }
}
