using System.Text.Json;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Privacy;

/// <summary>
/// One round over all tenants: what is past its retention goes, what is past its time in clear words becomes pseudonyms. Each step is bounded,
/// and what a round does not manage the next one does; where pseudonymising stands is on disk.
/// </summary>
internal sealed partial class RetentionRound(
    IQuarantine quarantine, IMessageLog messageLog, IMessageUpkeep upkeep, IFactsLog facts, RefusalLog refusals, AuditLog audit, Pseudonyms pseudonyms, SiteHolder sites, IStateFiles state,
    ApplianceOptions options, TimeProvider timeProvider, ILogger<RetentionRound> logger)
{
    private const string StateName = "pseudonymised";

    // Some minutes of work with mail flowing beside it.
    private const int MaxStories = 200_000;
    private const int StepSize = 500;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var site = sites.Current;
        var now = timeProvider.GetUtcNow();
        var places = LoadPlaces();
        foreach (var gone in places.Keys.Where(t => site.FindTenant(t) is null).ToList())
        {
            places.Remove(gone);
        }

        var left = MaxStories;
        var (longestQuarantine, longestAudit) = (TimeSpan.Zero, TimeSpan.Zero);
        var factsBefore = new Dictionary<string, DateTimeOffset>(StringComparer.OrdinalIgnoreCase);
        var refusalsBefore = new Dictionary<string, DateTimeOffset>(StringComparer.OrdinalIgnoreCase);
        foreach (var tenant in site.Tenants.Select(t => t.Tenant.Name))
        {
            var retention = Retentions.Of(site, tenant, options.QuarantineDays);
            longestQuarantine = Longer(longestQuarantine, retention.Quarantine);
            longestAudit = Longer(longestAudit, retention.Audit);
            await ExpireQuarantineAsync(tenant, now - retention.Quarantine, retention.Quarantine, cancellationToken);
            factsBefore[tenant] = now - retention.Facts;
            refusalsBefore[tenant] = now - retention.Refusals;
            left -= await ExpireStoriesAsync(tenant, retention, now, left, cancellationToken);
            left -= await PseudonymiseAsync(tenant, retention, now, places, left, cancellationToken);
        }

        await facts.ExpireAsync(factsBefore, factsBefore.Count > 0 ? factsBefore.Values.Min() : now, cancellationToken);
        await refusals.ExpireAsync(refusalsBefore, refusalsBefore.Count > 0 ? refusalsBefore.Values.Min() : now, cancellationToken);

        // Mail of tenants that are gone is nobody's; the entries of all tenants are one chain, so the longest time decides.
        await ExpireQuarantineAsync(null, now - longestQuarantine, longestQuarantine, cancellationToken);
        await audit.ExpireAsync(now - longestAudit, cancellationToken);
    }

    private async Task ExpireQuarantineAsync(string? tenant, DateTimeOffset before, TimeSpan retention, CancellationToken cancellationToken)
    {
        var deleted = 0;
        string? cursor = null;
        do
        {
            var page = await quarantine.ListAsync(new QuarantineQuery { Tenant = tenant, Until = before, Limit = 200, Cursor = cursor }, cancellationToken);
            foreach (var entry in page.Items)
            {
                if (await quarantine.DeleteAsync(entry.Reference, cancellationToken))
                {
                    await TellTimelineAsync(entry.Reference, retention, cancellationToken);
                    deleted++;
                }
            }

            cursor = page.Next;
        }
        while (cursor is not null);

        if (deleted > 0)
        {
            LogExpired(deleted, retention.TotalDays);
        }
    }

    private async Task TellTimelineAsync(string reference, TimeSpan retention, CancellationToken cancellationToken)
    {
        if (await messageLog.FindAsync(reference, cancellationToken) is { } record)
        {
            messageLog.Save(record with
            {
                Recipients = [.. record.Recipients.Select(r => r.State == MessageState.Quarantined ? r with { State = MessageState.Dropped } : r)],
                Events =
                [
                    .. record.Events,
                    new MessageEvent { At = timeProvider.GetUtcNow(), Kind = MessageEventKind.Dropped, Text = $"Deleted from quarantine after {retention.TotalDays:0} days" },
                ],
            });
        }
    }

    private async Task<int> ExpireStoriesAsync(string tenant, EffectiveRetention retention, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        if (retention.Log is not { } kept)
        {
            return 0;
        }

        for (var deleted = 0; ;)
        {
            var step = await upkeep.ExpireAsync(tenant, now - kept, Math.Min(StepSize, limit - deleted), cancellationToken);
            deleted += step;
            if (step < StepSize || deleted >= limit)
            {
                return deleted;
            }
        }
    }

    private async Task<int> PseudonymiseAsync(
        string tenant, EffectiveRetention retention, DateTimeOffset now, Dictionary<string, long> places, int limit, CancellationToken cancellationToken)
    {
        if (limit <= 0)
        {
            return 0;
        }

        var (looked, rewritten, hide) = (0, 0, pseudonyms.Of(tenant));
        while (true)
        {
            var step = await upkeep.RewriteAsync(tenant, places.GetValueOrDefault(tenant), now - retention.PseudonymiseAfter, hide.Hide, Math.Min(StepSize, limit - looked), cancellationToken);
            looked += step.Looked;
            rewritten += step.Rewritten;
            if (step.Looked > 0)
            {
                places[tenant] = step.Next;
                state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(places));
            }

            if (step.Looked < StepSize || looked >= limit)
            {
                break;
            }
        }

        if (rewritten > 0)
        {
            LogPseudonymised(rewritten, tenant);
        }

        return looked;
    }

    private Dictionary<string, long> LoadPlaces()
    {
        try
        {
            return state.Read(StateName) is { } bytes && JsonSerializer.Deserialize<Dictionary<string, long>>(bytes) is { } places ? places : [];
        }
        catch (JsonException e)
        {
            // From the beginning: what is done already is passed over.
            LogPlacesLost(e);
            return [];
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted {Count} quarantined messages older than {Days} days")]
    private partial void LogExpired(int count, double days);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pseudonymised the stories of {Count} messages of {Tenant}")]
    private partial void LogPseudonymised(int count, string tenant);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Where pseudonymising stood cannot be read; it begins anew")]
    private partial void LogPlacesLost(Exception exception);
}
