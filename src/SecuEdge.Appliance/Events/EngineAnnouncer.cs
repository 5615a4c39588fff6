using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Appliance.Events;

/// <summary>Tells when an engine stops answering, and when it answers again.</summary>
internal sealed class EngineAnnouncer(IReadOnlyList<IScanner> scanners, EventHub hub, TimeProvider timeProvider) : BackgroundService
{
    /// <summary>Statuses are kept fresh by others; reading them costs nothing.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, bool> _ready = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    internal void Look()
    {
        foreach (var scanner in scanners)
        {
            var status = scanner.Status;
            // An engine that is not ready yet after the start has not got worse.
            if (_ready.TryGetValue(scanner.Name, out var was) && was != status.IsReady)
            {
                hub.Publish(new GatewayEvent(
                    status.IsReady ? EventNames.EngineRecovered : EventNames.EngineDegraded,
                    timeProvider.GetUtcNow(),
                    Tenant.Root,
                    scanner.Name,
                    new EngineHappening(scanner.Name, status.IsReady, status.Trouble)));
            }

            _ready[scanner.Name] = status.IsReady;
        }
    }
}

/// <summary>How an engine is now.</summary>
/// <param name="Name">Name of the engine.</param>
/// <param name="IsReady">Whether it answers.</param>
/// <param name="Trouble">What is wrong; empty when nothing is.</param>
public sealed record EngineHappening(string Name, bool IsReady, string Trouble);
