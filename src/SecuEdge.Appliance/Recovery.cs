using SecuEdge.Appliance.Convictions;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance;

/// <summary>Takes up what an earlier run left: its references, what it knew of engines and convictions, and its mail.</summary>
internal static partial class Recovery
{
    public static async Task RunAsync(IServiceProvider services, Stores stores, ILogger logger)
    {
        var sites = services.GetRequiredService<SiteHolder>();
        if (sites.Current.Unusable.Count == 0)
        {
            // Whose domains those are that cannot be read nobody knows now.
            await stores.Usage.SettleAsync(CancellationToken.None);
        }

        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var days = services.GetRequiredService<ApplianceOptions>().QuarantineDays;
        await stores.RestoreAsync(r => IsKept(r, sites.Current, days, now), CancellationToken.None);
        await ContinueReferencesAsync(services.GetRequiredService<References>(), stores, now);
        LoadMemories(services);
        await RequeueAsync(services.GetRequiredService<MailQueue>(), stores, logger);
    }

    /// <summary>Stories of deleted tenants must not come back, nor those that their tenant does not keep so long.</summary>
    internal static bool IsKept(MessageRecord record, SiteDirectory site, int quarantineDays, DateTimeOffset now) =>
        record.Tenant.Length == 0
        || ((site.FindTenant(record.Tenant) is not null || site.Unusable.Any(u => u.Name == record.Tenant))
            && (Retentions.Of(site, record.Tenant, quarantineDays).Log is not { } kept || record.ReceivedAt >= now - kept));

    /// <summary>
    /// A reference that came again would let two messages write over each other. Looks at the newest stories twice: those of all, and those
    /// up to now, because after a clock was set back the latest message is not the one with the latest time.
    /// </summary>
    private static async Task ContinueReferencesAsync(References references, Stores stores, DateTimeOffset now)
    {
        const int Enough = 200;
        foreach (var entry in stores.Live)
        {
            references.StartAfter(entry.Reference);
        }

        foreach (var until in (DateTimeOffset?[])[null, now])
        {
            foreach (var record in (await stores.MessageLog.SearchAsync(new MessageQuery { Until = until, Limit = Enough }, CancellationToken.None)).Items)
            {
                references.StartAfter(record.Reference);
            }

            foreach (var entry in (await stores.Quarantine.ListAsync(new QuarantineQuery { Until = until, Limit = Enough }, CancellationToken.None)).Items)
            {
                references.StartAfter(entry.Reference);
            }
        }
    }

    /// <summary>What was known of engines and convictions before the stop.</summary>
    private static void LoadMemories(IServiceProvider services)
    {
        services.GetRequiredService<ConvictionWatch>().Load();
        services.GetRequiredService<RetroVerdicts>().Load();
        services.GetRequiredService<EngineChanges>().Load();
        var (review, recollection) = (services.GetRequiredService<HoldReview>(), services.GetRequiredService<Recollection>());
        review.Convicted = recollection.ConvictedLater;
        review.Released = recollection.Released;
    }

    private static async Task RequeueAsync(MailQueue queue, Stores stores, ILogger logger)
    {
        foreach (var entry in stores.Live)
        {
            try
            {
                var record = entry.ReadRecord();
                // A crash may have taken the last second of the log; the spool is the truth of what is still here.
                stores.MessageLog.Save(record);
                queue.Enqueue(entry, record);
            }
            catch (DamagedMessageException e)
            {
                // With its story from the log the queue ends it properly.
                if (await stores.MessageLog.FindAsync(entry.Reference, CancellationToken.None) is { } story)
                {
                    queue.Enqueue(entry, story);
                }
                else
                {
                    LogUnreadable(logger, entry.Reference, e);
                }
            }
            catch (Exception e) when (e is IOException or System.Text.Json.JsonException)
            {
                // It stays in the spool for somebody who can repair the disk; the others go on.
                LogUnreadable(logger, entry.Reference, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} of an earlier run cannot be read; it stays in the spool")]
    private static partial void LogUnreadable(ILogger logger, string reference, Exception exception);
}
