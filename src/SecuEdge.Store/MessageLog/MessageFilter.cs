using SecuEdge.Filter;
using SecuEdge.Store.LiteDb;

namespace SecuEdge.Store.MessageLog;

/// <summary>A query made ready: the most selective key for the index, and the whole of it for each record.</summary>
internal sealed class MessageFilter
{
    private readonly MessageQuery _query;

    public MessageFilter(MessageQuery query)
    {
        _query = query;
        Ranges = SeenRanges.Of(query.Tenant, query.Tenants, query.Mailboxes, query.Recipient ?? SenderWord.Key(query.Sender)) ?? [Choose(query)];
    }

    /// <summary>Where to look; nowhere when the caller may see nothing of what he asks for.</summary>
    public IReadOnlyList<RecordRange> Ranges { get; }

    /// <summary>The keys a record is found by. What most mail has in common (clean, delivered) has no key: it costs time for each mail and selects nothing.</summary>
    public static LiteDB.BsonArray KeysOf(MessageRecord record, long order)
    {
        var keys = new LiteDB.BsonArray
        {
            RecordTable.Key(RecordKey.All, "", order),
            RecordTable.Key(RecordKey.Tenant, record.Tenant, order),
            RecordTable.Key(RecordKey.Sender, record.ReversePath, order),
            RecordTable.Key(RecordRange.TenantAddress(record.Tenant, record.ReversePath), order),
        };
        foreach (var recipient in record.Recipients)
        {
            keys.Add(RecordTable.Key(RecordKey.Recipient, recipient.Address, order));
            keys.Add(RecordTable.Key(RecordRange.TenantAddress(record.Tenant, recipient.Address), order));
            if (recipient.RedirectedTo is { } other)
            {
                keys.Add(RecordTable.Key(RecordKey.Recipient, other, order));
                keys.Add(RecordTable.Key(RecordRange.TenantAddress(record.Tenant, other), order));
            }
        }

        if (record.Class != MessageClass.Clean)
        {
            keys.Add(RecordTable.Key(RecordKey.Class, record.Class.ToString(), order));
        }

        if (record.Action != VerdictAction.Deliver)
        {
            keys.Add(RecordTable.Key(RecordKey.Action, record.Action.ToString(), order));
        }

        if (IsIndexed(record.State))
        {
            keys.Add(RecordTable.Key(RecordKey.State, record.State.ToString(), order));
        }

        return keys;
    }

    public bool Matches(MessageRecord record) =>
        (_query.Tenant is null || string.Equals(record.Tenant, _query.Tenant, StringComparison.OrdinalIgnoreCase))
        && (_query.Since is null || record.ReceivedAt >= _query.Since)
        && (_query.Until is null || record.ReceivedAt < _query.Until)
        && (_query.Direction is null || record.Direction == _query.Direction)
        && (_query.Class is null || record.Class == _query.Class)
        && (_query.Sender is null || SenderWord.Matches(_query.Sender, record.ReversePath))
        && (_query.Recipient is null || (HasRecipient(record, _query.Recipient) && MayAskFor(record, _query.Recipient)))
        && (string.IsNullOrEmpty(_query.Text) || HasText(record, _query.Text))
        && (SeesAll(record) ? HasFared(record) : _query.Mailboxes.Any(m => m.Covers(record) && (!AsksHowItFared || HasFared(m.Shown(record)))));

    private bool AsksHowItFared => _query.Action is not null || _query.State is not null;

    private bool SeesAll(MessageRecord record) => _query.Tenants is null || _query.Tenants.Contains(record.Tenant);

    private bool HasFared(MessageRecord record) =>
        (_query.Action is null || record.Action == _query.Action)
        && (_query.State is null || record.State == _query.State);

    private bool MayAskFor(MessageRecord record, string recipient) => SeesAll(record) || _query.Mailboxes.Any(m => m.MayAskFor(record, recipient));

    private static RecordRange Choose(MessageQuery query) => query switch
    {
        { Recipient: { } recipient } => new(RecordKey.Recipient, recipient),
        { Sender: { } sender } when SenderWord.Key(sender) is { } key => new(RecordKey.Sender, key),
        { State: { } state } when IsIndexed(state) => new(RecordKey.State, state.ToString()),
        { Class: { } @class } when @class != MessageClass.Clean => new(RecordKey.Class, @class.ToString()),
        { Action: { } action } when action != VerdictAction.Deliver => new(RecordKey.Action, action.ToString()),
        { Tenant: { } tenant } => new(RecordKey.Tenant, tenant),
        _ => new(RecordKey.All, ""),
    };

    // Queued is what every mail is for a moment; the spool knows those. Delivered is what nearly all end as.
    private static bool IsIndexed(MessageState state) => state is not (MessageState.Delivered or MessageState.Queued);

    private static bool HasRecipient(MessageRecord record, string address)
    {
        foreach (var recipient in record.Recipients)
        {
            if (string.Equals(recipient.Address, address, StringComparison.OrdinalIgnoreCase)
                || string.Equals(recipient.RedirectedTo, address, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasText(MessageRecord record, string text) =>
        record.Subject.Contains(text, StringComparison.OrdinalIgnoreCase)
        || record.HeaderFrom.Contains(text, StringComparison.OrdinalIgnoreCase)
        || record.MessageId.Contains(text, StringComparison.OrdinalIgnoreCase)
        || record.Reference.Contains(text, StringComparison.OrdinalIgnoreCase)
        || string.Equals(record.Origin?.Reference, text, StringComparison.OrdinalIgnoreCase);
}
