using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>What becomes of a message that failed for good.</summary>
internal enum BounceDecision
{
    /// <summary>The sender proved who he is, and is told.</summary>
    Report,

    /// <summary>Nobody may be told, and it is an automatic message nobody waits for (RFC 5321 §4.5.5, RFC 3834 §2).</summary>
    Silent,

    /// <summary>Mail from the Internet: its sender may be forged, so nobody is told, and the message is kept for the administrator.</summary>
    Keep,
}

/// <summary>The one place that decides about bounces: backscatter is made here or nowhere.</summary>
internal static class BounceRule
{
    public static BounceDecision Decide(MessageRecord record)
    {
        var isKnownSender = record.Direction == Direction.Outbound || !string.IsNullOrEmpty(record.AuthenticatedAs);
        if (!isKnownSender)
        {
            return BounceDecision.Keep;
        }

        return record.ReversePath.Length == 0 || record.IsAutomatic ? BounceDecision.Silent : BounceDecision.Report;
    }
}
