using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Store.Attachments;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Once an hour: deletes or pseudonymises what is past its retention, tenant by tenant, and hashes of attachments, exports of deleted tenants.</summary>
internal sealed partial class Housekeeping(
    RetentionRound retention, DeletedTenantOperations deletedTenants, IAttachmentLog attachments, TimeProvider timeProvider, ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        do
        {
            try
            {
                attachments.Expire();
                await deletedTenants.ExpireAsync();
                await retention.RunAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was (disk, damaged index): tried again in an hour; things only stay longer than they should.
                LogFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is past its retention could not all be deleted")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
