using SecuEdge.Store.Origin;

namespace SecuEdge.Appliance.Backtest;

/// <summary>Looks once a minute whether the administrator brought another table of networks.</summary>
internal sealed partial class OriginWatch(OriginFolder origin, TimeProvider timeProvider, ILogger<OriginWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Half a million lines take a second: not on the way of the start.
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, timeProvider);
        do
        {
            var before = origin.Trouble;
            if (origin.Refresh())
            {
                LogLoaded(logger, origin.Table?.Count ?? 0);
            }
            else if (origin.Trouble != before)
            {
                LogTrouble(logger, origin.Trouble);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The table of networks has {Count} networks")]
    private static partial void LogLoaded(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Where addresses come from is not up to date: {Trouble}")]
    private static partial void LogTrouble(ILogger logger, string trouble);
}
