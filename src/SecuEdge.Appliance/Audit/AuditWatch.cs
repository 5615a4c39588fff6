using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Audit;

/// <summary>
/// Writes the head of the audit log into the log of the appliance, at start and once a day: whoever keeps those lines elsewhere can prove
/// later with <c>audit verify --head</c> that nothing before was taken away or made anew.
/// </summary>
internal sealed partial class AuditWatch(AuditLog log, TimeProvider timeProvider, ILogger<AuditWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        do
        {
            LogHead(log.Head);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Head of the audit log: {Head}")]
    private partial void LogHead(AuditHead head);
}
