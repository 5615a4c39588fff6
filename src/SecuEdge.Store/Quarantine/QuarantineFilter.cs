using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Quarantine;

/// <summary>The whole of a query for one entry. The owner of a mailbox is answered as if the entry were kept for him alone, unless he sent it.</summary>
internal static class QuarantineFilter
{
    public static bool Matches(QuarantineEntry entry, QuarantineQuery query) =>
        (SeesAll(entry, query) || query.Mailboxes.Any(m => m.Covers(entry.Message)))
        && (query.Tenant is null || Is(entry.Message.Tenant, query.Tenant))
        && (query.Class is null || entry.Message.Class == query.Class)
        && (query.Sender is null || SenderWord.Matches(query.Sender, entry.Message.ReversePath))
        && (query.Queue is null || entry.Queues.Contains(query.Queue, StringComparer.OrdinalIgnoreCase))
        && (query.Recipient is null || (entry.Recipients.Contains(query.Recipient, StringComparer.OrdinalIgnoreCase) && MayAskFor(entry, query, query.Recipient)))
        && (query.State is null || StateOf(entry, query) == query.State)
        && (string.IsNullOrEmpty(query.Text) || HasText(entry, query, query.Text));

    private static QuarantineState StateOf(QuarantineEntry entry, QuarantineQuery query) =>
        SeenRecipients(entry, query).Except(entry.ReleasedTo, StringComparer.OrdinalIgnoreCase).Any() ? QuarantineState.Waiting : QuarantineState.Released;

    private static bool HasText(QuarantineEntry entry, QuarantineQuery query, string text) =>
        Has(entry.Message.Subject, text)
        || Has(entry.Message.HeaderFrom, text)
        || Has(entry.Message.MessageId, text)
        || Has(entry.Message.ReversePath, text)
        || Is(entry.Reference, text)
        || SeenRecipients(entry, query).Any(r => Has(r, text));

    private static bool SeesAll(QuarantineEntry entry, QuarantineQuery query) => query.Tenants is null || query.Tenants.Contains(entry.Message.Tenant);

    private static IEnumerable<string> SeenRecipients(QuarantineEntry entry, QuarantineQuery query) =>
        SeesAll(entry, query) || query.Mailboxes.Any(m => IsSender(entry, m))
            ? entry.Recipients
            : entry.Recipients.Where(r => query.Mailboxes.Any(m => Is(m.Address, r) && Is(m.Tenant, entry.Message.Tenant)));

    private static bool IsSender(QuarantineEntry entry, MailboxView mailbox) =>
        entry.Message.Direction == Direction.Outbound && Is(mailbox.Address, entry.Message.ReversePath) && Is(mailbox.Tenant, entry.Message.Tenant);

    private static bool MayAskFor(QuarantineEntry entry, QuarantineQuery query, string recipient) =>
        SeesAll(entry, query) || query.Mailboxes.Any(m => m.MayAskFor(entry.Message, recipient));

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
