using SecuEdge.Filter;

namespace SecuEdge.Store.MessageLog;

/// <summary>The mail of one mailbox, as its owner may see it: what came for him and what he sent.</summary>
public sealed record MailboxView(string Tenant, string Address)
{
    /// <summary>A sender address of incoming mail proves nothing: a forged one must not show him the mail of a colleague.</summary>
    public bool Covers(MessageRecord record) =>
        string.Equals(record.Tenant, Tenant, StringComparison.OrdinalIgnoreCase)
        && (record.Recipients.Any(r => Is(r.Address)) || HasSent(record));

    /// <summary>
    /// Whether he may ask which of his mail went to an address: his own, or anybody's when he sent it. Otherwise the answer would tell him blind copies,
    /// which the record shown to him leaves out.
    /// </summary>
    public bool MayAskFor(MessageRecord record, string recipient) =>
        Covers(record) && (Is(recipient) || HasSent(record));

    /// <summary>What its owner may find out by asking: how the copies of others fared would tell him of them.</summary>
    public MessageRecord Shown(MessageRecord record) => HasSent(record) ? record : record.OnlyFor(Is);

    private bool HasSent(MessageRecord record) => record.Direction == Direction.Outbound && Is(record.ReversePath);

    private bool Is(string address) => string.Equals(address, Address, StringComparison.OrdinalIgnoreCase);
}
