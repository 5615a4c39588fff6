using System.Globalization;
using System.Text.Json;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.State;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Usage;

/// <summary>
/// Once an hour: tells when a node of the tree, with everything below it, uses 90 % or all of the mailboxes that were sold to it. Each is
/// told once a month, as an event and in the audit log; mail is never refused for it.
/// </summary>
internal sealed partial class QuotaWatch(
    IUsageLog usage, SiteHolder sites, DirectoryRecipients directories, Auditor auditor, EventHub events, IStateFiles state, TimeProvider timeProvider, ILogger<QuotaWatch> logger) : BackgroundService
{
    private const string StateName = "quota-warnings";
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly Caller s_appliance = new("secuedge");

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var site = sites.Current;
        var limited = site.Site.Tenants.Where(t => t.Service.MailboxQuota is > 0).ToList();
        if (limited.Count == 0)
        {
            return;
        }

        var now = timeProvider.GetUtcNow();
        var month = UsageMonth.Of(now);
        var used = (await usage.FindAsync(month, cancellationToken)).Mailboxes.ToDictionary(m => m.Tenant, m => m.Used, StringComparer.OrdinalIgnoreCase);
        var told = Load(month);
        foreach (var tenant in limited)
        {
            var count = site.Subtree(tenant.Name).Sum(n => CountOf(site, n, used));
            var level = Level(count, tenant.Service.MailboxQuota!.Value);
            if (level > told.Levels.GetValueOrDefault(tenant.Name))
            {
                await TellAsync(tenant, count, level, now, cancellationToken);
                told.Levels[tenant.Name] = level;
                state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(told));
            }
        }
    }

    /// <returns>0, 90 or 100 percent.</returns>
    internal static int Level(int count, int quota) => count >= quota ? 100 : count * 10L >= quota * 9L ? 90 : 0;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was: looked at again in an hour; what was not told is told then.
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>What is really used, or listed, whichever is more.</summary>
    private int CountOf(SiteDirectory site, string node, Dictionary<string, int> used) =>
        Math.Max(used.GetValueOrDefault(node), site.FindTenant(node) is { } route ? ConfiguredMailboxes.Of(route, directories).Count : 0);

    private async Task TellAsync(Tenant tenant, int count, int level, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var quota = tenant.Service.MailboxQuota!.Value;
        var detail = string.Create(CultureInfo.InvariantCulture, $"{count} of {quota} mailboxes are used ({level} % or more)");
        await auditor.RecordAsync(s_appliance, "quota.exceeded", tenant.Name, tenant.Name, detail, cancellationToken);
        events.Publish(new GatewayEvent(EventNames.QuotaExceeded, now, tenant.Name, tenant.Name, new QuotaWarning(count, quota, level)));
    }

    private Told Load(int month)
    {
        try
        {
            return state.Read(StateName) is { } bytes && JsonSerializer.Deserialize<Told>(bytes) is { } told && told.Month == month ? told : new Told(month, []);
        }
        catch (JsonException e)
        {
            LogFailed(e);
            return new Told(month, []);
        }
    }

    private sealed record Told(int Month, Dictionary<string, int> Levels);

    [LoggerMessage(Level = LogLevel.Error, Message = "Quotas of mailboxes could not be looked at")]
    private partial void LogFailed(Exception exception);
}

/// <summary>Body of the event <c>quota.exceeded</c>.</summary>
/// <param name="Percent">90 or 100.</param>
internal sealed record QuotaWarning(int Mailboxes, int Quota, int Percent);
