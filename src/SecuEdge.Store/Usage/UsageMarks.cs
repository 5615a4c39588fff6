using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Usage;

/// <summary>
/// What of a message was counted, as one number beside its story: flags in the low byte, the class plus one in the second, recipients that
/// got it above. Zero = nothing yet. On disk: add, never move.
/// </summary>
internal readonly record struct UsageMarks(long Value)
{
    private const long Accepted = 1;
    private const long Delivered = 2;
    private const long Quarantined = 4;
    private const long Blocked = 8;

    public bool IsAccepted => (Value & Accepted) != 0;

    public bool IsDelivered => (Value & Delivered) != 0;

    public bool IsQuarantined => (Value & Quarantined) != 0;

    public bool IsBlocked => (Value & Blocked) != 0;

    public MessageClass Class => (MessageClass)(((Value >> 8) & 0xFF) - 1);

    public int Deliveries => (int)(Value >> 16);

    /// <summary>Marks only grow: a recipient that got a message, and gets it again out of quarantine, is one recipient.</summary>
    public UsageMarks With(MessageRecord record)
    {
        var flags = Value & 0xFF;
        var deliveries = 0;
        foreach (var recipient in record.Recipients)
        {
            flags |= recipient.State switch
            {
                MessageState.Rejected or MessageState.TemporarilyRefused => 0,
                MessageState.Delivered => Accepted | Delivered,
                MessageState.Quarantined => Accepted | Quarantined,
                _ => Accepted,
            };
            deliveries += recipient.State == MessageState.Delivered ? 1 : 0;
        }

        if (flags == 0 && record.Recipients.Any(r => r.State == MessageState.Rejected))
        {
            flags = Blocked;
        }

        return flags == 0 ? this : new UsageMarks(flags | (((long)record.Class + 1) << 8) | ((long)Math.Max(Deliveries, deliveries) << 16));
    }
}
