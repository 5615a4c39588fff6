using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>How a record grows with each step of a message, and what of it is still open.</summary>
internal static class MessageSteps
{
    // Five days of attempts make about 130 events; more come only from floods of recipients. The document must stay small.
    private const int MaxEvents = 500;
    private const int MaxReplyLength = 500;

    public static bool IsOpen(this RecipientRecord recipient) => recipient.State is MessageState.Queued or MessageState.Deferred or MessageState.Held;

    /// <summary>Only Deliver and Tag leave the gateway by themselves; anything stronger is kept for a person.</summary>
    public static bool IsForQuarantine(this RecipientRecord recipient) => recipient.Action >= VerdictAction.Hold;

    /// <summary>When the next open recipient is due; the distant past when one is due at once or nothing is open.</summary>
    public static DateTimeOffset NextDueAt(this MessageRecord record)
    {
        var next = DateTimeOffset.MaxValue;
        foreach (var recipient in record.Recipients)
        {
            if (recipient.IsOpen())
            {
                var at = recipient.State switch
                {
                    MessageState.Queued => null,
                    MessageState.Held => recipient.HeldUntil,
                    _ => recipient.NextAttemptAt,
                } ?? DateTimeOffset.MinValue;
                next = at < next ? at : next;
            }
        }

        return next == DateTimeOffset.MaxValue ? DateTimeOffset.MinValue : next;
    }

    /// <summary>When the first hold of it ends; null when nobody's is held.</summary>
    public static DateTimeOffset? HeldUntil(this MessageRecord record)
    {
        DateTimeOffset? first = null;
        foreach (var recipient in record.Recipients)
        {
            if (recipient.State == MessageState.Held)
            {
                var until = recipient.HeldUntil ?? DateTimeOffset.MinValue;
                first = first < until ? first : until;
            }
        }

        return first;
    }

    /// <summary>All recipients that wait for their next attempt are due.</summary>
    public static MessageRecord DueNow(this MessageRecord record) =>
        record with { Recipients = [.. record.Recipients.Select(r => r.State == MessageState.Deferred ? r with { NextAttemptAt = null } : r)] };

    public static bool HasOpen(this MessageRecord record)
    {
        foreach (var recipient in record.Recipients)
        {
            if (recipient.IsOpen())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds events; when there are too many, the oldest failed attempts go first.</summary>
    public static MessageRecord Add(this MessageRecord record, List<MessageEvent> events)
    {
        if (events.Count == 0)
        {
            return record;
        }

        List<MessageEvent> all = [.. record.Events, .. events];
        var surplus = all.Count - MaxEvents;
        if (surplus > 0)
        {
            all.RemoveAll(e => e.Kind is MessageEventKind.Attempted or MessageEventKind.Deferred && surplus-- > 0);
        }

        return record with { Events = all };
    }

    /// <summary>The record with some recipients changed.</summary>
    public static MessageRecord Change(this MessageRecord record, IEnumerable<int> indexes, Func<RecipientRecord, RecipientRecord> change) =>
        record.Change(indexes, (recipient, _) => change(recipient));

    /// <param name="change">Told the place, too.</param>
    public static MessageRecord Change(this MessageRecord record, IEnumerable<int> indexes, Func<RecipientRecord, int, RecipientRecord> change)
    {
        RecipientRecord[] recipients = [.. record.Recipients];
        foreach (var index in indexes)
        {
            recipients[index] = change(recipients[index], index);
        }

        return record with { Recipients = recipients };
    }

    /// <summary>A peer's reply, short enough to keep.</summary>
    public static string Short(this Smtp.SmtpReply reply)
    {
        var text = reply.ToString();
        return text.Length <= MaxReplyLength ? text : string.Concat(text.AsSpan(0, MaxReplyLength), "…");
    }
}
