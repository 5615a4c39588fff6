using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>What becomes of a message that failed for good.</summary>
internal enum BounceDecision
{
    /// <summary>The sender proved who he is, and is told.</summary>
    Report,

    /// <summary>Nobody may be told, and it is an automatic message nobody waits for (RFC 5321 §4.5.5, RFC 3834 §2).</summary>
    Silent,

    /// <summary>The sender may be forged, so nobody is told, and the message is kept for the administrator.</summary>
    Keep,
}

/// <summary>The one place that decides about bounces: backscatter is made here or nowhere.</summary>
internal static class BounceRule
{
    /// <summary>
    /// Coming from a customer's network proves the machine, not the sender: an infected PC or a forwarding rule sends with strangers' names.
    /// A sender is known when he logged in, or when his address is in a domain of the tenant whose server brought the message.
    /// </summary>
    public static BounceDecision Decide(MessageRecord record, SiteDirectory site)
    {
        var isOutbound = record.Direction == Direction.Outbound;
        var isKnownSender = !string.IsNullOrEmpty(record.AuthenticatedAs)
            || (isOutbound && (record.ReversePath.Length == 0 || IsOfTenant(record, site)));
        if (!isKnownSender)
        {
            return BounceDecision.Keep;
        }

        return record.ReversePath.Length == 0 || record.IsAutomatic ? BounceDecision.Silent : BounceDecision.Report;
    }

    private static bool IsOfTenant(MessageRecord record, SiteDirectory site) =>
        MailPath.TryParse(record.ReversePath, out var sender) && site.FindDomain(sender.Domain)?.Tenant.Tenant.Name == record.Tenant;
}
