using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Attachments;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Once an hour: deletes quarantined mail and hashes of attachments past their retention.</summary>
internal sealed partial class Housekeeping(
    QuarantineOperations quarantine, IAttachmentLog attachments, ApplianceOptions options, TimeProvider timeProvider, ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        do
        {
            try
            {
                var deleted = await quarantine.ExpireAsync(TimeSpan.FromDays(options.QuarantineDays), stoppingToken);
                attachments.Expire();
                if (deleted > 0)
                {
                    LogExpired(logger, deleted, options.QuarantineDays);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was (disk, damaged index): tried again in an hour; the quarantine only stays longer than it should.
                LogFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted {Count} quarantined messages older than {Days} days")]
    private static partial void LogExpired(ILogger logger, int count, int days);

    [LoggerMessage(Level = LogLevel.Error, Message = "Quarantined mail past its retention could not be deleted")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
