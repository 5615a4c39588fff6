using System.Runtime.CompilerServices;
using LiteDB;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Usage;

/// <summary>
/// Counts the messages of one transaction and adds them to the rows at its end. Addresses that are known to be in the file are remembered
/// per open database: when a transaction fails its database is closed, and the memory goes with it.
/// </summary>
/// <param name="isOver">Whether the month is.</param>
internal sealed class UsageTally(LiteDatabase database, Func<string, string, bool> isOwn, Func<string, bool> isListed, bool isOver)
{
    // 100,000 mailboxes in both directions, some 10 MB; beyond that the file is asked.
    private const int MaxRemembered = 200_000;

    private static readonly ConditionalWeakTable<LiteDatabase, HashSet<string>> s_remembered = [];

    private readonly HashSet<string> _known = s_remembered.GetOrCreateValue(database);
    private readonly Dictionary<(string Tenant, DateOnly Day, Direction Direction, MessageClass Class), UsageDay> _days = [];

    /// <param name="before">What an earlier writing of the same story counted.</param>
    public UsageMarks Add(MessageRecord record, UsageMarks before)
    {
        if (IsOurs(record))
        {
            // Nobody is billed for what he did not send.
            return before;
        }

        var after = before.With(record);
        if (after != before)
        {
            Add(record, before, -1);
            Add(record, after, 1);
        }

        // To a month that is over only mail adds, late as it was delivered: a story that is merely written again meets settings it had nothing to do with.
        if (after.IsAccepted && (!isOver || after != before))
        {
            AddMailboxes(record);
        }

        return after;
    }

    public void Write()
    {
        foreach (var day in _days.Values)
        {
            UsageTable.AddTo(database, day);
        }

        _days.Clear();
    }

    private void Add(MessageRecord record, UsageMarks marks, int sign)
    {
        if (marks.Value == 0)
        {
            return;
        }

        var key = (record.Tenant, DateOnly.FromDateTime(record.ReceivedAt.UtcDateTime), record.Direction, marks.Class);
        if (!_days.TryGetValue(key, out var day))
        {
            day = new UsageDay { Tenant = key.Tenant, Day = key.Item2, Direction = key.Direction, Class = key.Class };
        }

        _days[key] = day with
        {
            Messages = day.Messages + (marks.IsAccepted ? sign : 0),
            Bytes = day.Bytes + (marks.IsAccepted ? sign * record.SizeBytes : 0),
            Delivered = day.Delivered + (marks.IsDelivered ? sign : 0),
            Deliveries = day.Deliveries + (sign * marks.Deliveries),
            Quarantined = day.Quarantined + (marks.IsQuarantined ? sign : 0),
            Blocked = day.Blocked + (marks.IsBlocked ? sign : 0),
        };
    }

    private void AddMailboxes(MessageRecord record)
    {
        if (record.Direction == Direction.Outbound)
        {
            AddMailbox(record, record.ReversePath, isSender: true);
            return;
        }

        foreach (var recipient in record.Recipients)
        {
            if (recipient.State == MessageState.Delivered)
            {
                // Redirected mail was got by whom it went to.
                AddMailbox(record, recipient.RedirectedTo ?? recipient.Address, isSender: false);
            }
        }
    }

    /// <summary>Reports and notices come from no client, copies say so. The null path alone is anybody's who writes it.</summary>
    private static bool IsOurs(MessageRecord record) =>
        record.Direction == Direction.Outbound && record.ReversePath.Length == 0 && (record.IsOurs || record.ClientAddress.Length == 0);

    private void AddMailbox(MessageRecord record, string address, bool isSender)
    {
        var at = address.LastIndexOf('@');
        if (at <= 0 || !isOwn(record.Tenant, address[(at + 1)..]))
        {
            return;
        }

        if (isSender && address.AsSpan(0, at).Contains('='))
        {
            // A return path with the recipient in it (VERP): a program, not a mailbox.
            return;
        }

        // Strangers write as many names behind a plus as they like.
        address = Subaddress.Without(address);
        var id = UsageTable.MailboxId(record.Tenant, address);
        var isKnownMailbox = isListed(address);
        var memory = (isSender ? "s" : "r") + (isKnownMailbox ? "" : "u") + id;
        if (_known.Contains(memory))
        {
            return;
        }

        UsageTable.AddMailbox(database, id, isSender, isKnownMailbox, isOver, DateOnly.FromDateTime(record.ReceivedAt.UtcDateTime));
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }

        _known.Add(memory);
    }
}
