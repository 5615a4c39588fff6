using Prometheus;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Smtp;
using SecuEdge.Store.Refusals;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Notes recipients that were refused, for those whom it concerns. The session waits for nothing of it.</summary>
internal sealed class RefusalNotes
{
    private readonly RefusalLog _log;
    private readonly TimeProvider _timeProvider;

    public RefusalNotes(RefusalLog log, GatewayMetrics metrics, TimeProvider timeProvider)
    {
        _log = log;
        _timeProvider = timeProvider;
        var dropped = Metrics.WithCustomRegistry(metrics.Registry).CreateCounter("secuedge_refusals_dropped_total", "Refused recipients that came faster than they could be noted; they were refused all the same.");
        metrics.Registry.AddBeforeCollectCallback(() => dropped.IncTo(log.Dropped));
    }

    public void Note(SmtpTransaction transaction, MailPath recipient, RelayDecision decision, string reference)
    {
        var client = transaction.Connection.Remote.Address;
        var (at, from, sender, to) = (_timeProvider.GetUtcNow(), (client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client).ToString(), Canonical(transaction.ReversePath), Canonical(recipient));
        foreach (var tenant in decision.Concerned)
        {
            _log.Note(new RefusedAttempt(tenant, at, from, sender, to, decision.Reason, decision.Refusal!.ToString(), reference));
        }

        if (decision.Claimant is { } claimant)
        {
            _log.Note(new RefusedAttempt(claimant, at, "", "", "", decision.Reason, decision.Refusal!.ToString(), ""));
        }
    }

    /// <summary>One form of an address, so that it is found however it is written.</summary>
    public static string Canonical(MailPath path) => path.Domain.Length == 0
        ? path.LocalPart.ToLowerInvariant()
        : $"{path.LocalPart.ToLowerInvariant()}@{DomainName.Canonical(path.Domain).ToLowerInvariant()}";

    /// <summary>For metrics.</summary>
    public static string Word(RefusalReason reason) => reason switch
    {
        RefusalReason.UnknownMailbox => "unknown-recipient",
        RefusalReason.MailboxesNotKnown => "recipients-not-known",
        RefusalReason.Suspended => "suspended",
        RefusalReason.Pending => "pending",
        RefusalReason.Relay => "relay",
        RefusalReason.Settings => "settings",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}

internal static class RefusalServices
{
    public static void AddRefusals(this IServiceCollection services, RefusalLog log)
    {
        services.AddSingleton(log);
        services.AddSingleton<RefusalNotes>();
        services.AddSingleton<RefusalOperations>();
    }
}
