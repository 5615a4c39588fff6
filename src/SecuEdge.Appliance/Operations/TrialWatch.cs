using System.Text.Json;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Warns before trials end, 7 and 1 days, and says when they have: once each, into the events and the audit log. What was said is kept, so that a
/// restart does not say it again; an appliance that was off says only the latest.
/// </summary>
internal sealed partial class TrialWatch(SiteHolder sites, EventHub events, Auditor auditor, IStateFiles states, TimeProvider timeProvider, ILogger<TrialWatch> logger) : BackgroundService
{
    private const string StateName = "trials";

    // Nobody minds ten minutes when days are counted.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly IReadOnlyList<TimeSpan> WarnBefore = [TimeSpan.FromDays(7), TimeSpan.FromDays(1), TimeSpan.Zero];

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
                // A disk in trouble: tried again in ten minutes; at worst a warning comes twice.
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Says what is due now.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var said = Read();
        var running = new Dictionary<string, SaidOfTrial>(StringComparer.Ordinal);
        var now = timeProvider.GetUtcNow();
        foreach (var route in sites.Current.Tenants)
        {
            if (route.Tenant.Trial is not { } trial)
            {
                continue;
            }

            // A trial that was prolonged begins again.
            var before = said.TryGetValue(route.Tenant.Name, out var known) && known.End == trial.End ? known.Steps : 0;
            var due = WarnBefore.Count(time => now + time >= trial.End);
            running[route.Tenant.Name] = new SaidOfTrial(trial.End, Math.Max(before, due));
            if (due > before)
            {
                await SayAsync(route, trial, due == WarnBefore.Count, now, cancellationToken);
            }
        }

        if (!running.OrderBy(r => r.Key, StringComparer.Ordinal).SequenceEqual(said.OrderBy(r => r.Key, StringComparer.Ordinal)))
        {
            states.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(running));
        }
    }

    private async Task SayAsync(TenantRoute route, Trial trial, bool isOver, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var name = isOver ? EventNames.TrialEnded : EventNames.TrialEnding;
        var daysLeft = isOver ? 0 : (int)Math.Ceiling((trial.End - now).TotalDays);
        var notice = new TrialNotice(route.Tenant.Name, trial.End, daysLeft, trial.AtEnd, TrialOperations.Afterwards(trial), route.Service.Contacts ?? []);
        var sentence = isOver ? $"The trial ended on {trial.End:yyyy-MM-dd HH:mm} UTC." : $"The trial ends in {daysLeft} day(s), on {trial.End:yyyy-MM-dd HH:mm} UTC.";
        await auditor.RecordAsync(Appliance, name, route.Tenant.Name, route.Tenant.Name, $"{sentence} {notice.Afterwards}", cancellationToken);
        events.Publish(new GatewayEvent(name, now, route.Tenant.Name, route.Tenant.Name, notice));
    }

    private static Caller Appliance { get; } = new("secuedge");

    private Dictionary<string, SaidOfTrial> Read()
    {
        try
        {
            return states.Read(StateName) is { } bytes ? JsonSerializer.Deserialize<Dictionary<string, SaidOfTrial>>(bytes) ?? [] : [];
        }
        catch (JsonException e)
        {
            LogFailed(e);
            return [];
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The ends of trials could not be looked after")]
    private partial void LogFailed(Exception exception);
}

/// <param name="Steps">How many of the warnings were given.</param>
internal sealed record SaidOfTrial(DateTimeOffset End, int Steps);

/// <summary>What an event about a trial says.</summary>
/// <param name="DaysLeft">Rounded up; 0 when it is over.</param>
/// <param name="Contacts">Whom to tell.</param>
public sealed record TrialNotice(string Tenant, DateTimeOffset End, int DaysLeft, TrialEnd AtEnd, string Afterwards, IReadOnlyList<string> Contacts);
