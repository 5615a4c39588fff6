using SecuEdge.Appliance.MailFlow;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with quarantined mail. A released message goes through the spool like any other and keeps its reference.</summary>
internal sealed class QuarantineOperations(
    IQuarantine quarantine, IMessageLog messageLog, ISpool spool, MailQueue queue, TimeProvider timeProvider)
{
    public Task<QuarantinePage> ListAsync(QuarantineQuery query, CancellationToken cancellationToken) => quarantine.ListAsync(query, cancellationToken);

    public async Task<Outcome<QuarantineEntry>> FindAsync(string reference, CancellationToken cancellationToken) =>
        await quarantine.FindAsync(reference, cancellationToken) is { } entry ? entry : NotFound(reference);

    public async Task<Outcome<IByteSource>> OpenAsync(string reference, CancellationToken cancellationToken)
    {
        if (await quarantine.FindAsync(reference, cancellationToken) is null || quarantine.OpenBytes(reference) is not { } bytes)
        {
            return NotFound(reference);
        }

        return new Outcome<IByteSource>(bytes, null);
    }

    /// <param name="recipients">Some of the entry's recipients; null or empty = all that were not released yet.</param>
    public async Task<Outcome<MessageRecord>> ReleaseAsync(Caller caller, string reference, IReadOnlyList<string>? recipients, CancellationToken cancellationToken)
    {
        if (await quarantine.FindAsync(reference, cancellationToken) is not { } entry)
        {
            return NotFound(reference);
        }

        var wanted = recipients is { Count: > 0 } ? recipients : [.. entry.Recipients.Except(entry.ReleasedTo)];
        if (wanted.FirstOrDefault(r => !entry.Recipients.Contains(r, StringComparer.OrdinalIgnoreCase)) is { } stranger)
        {
            return new OperationProblem(OperationFailure.Invalid, $"recipients: '{stranger}' is not a recipient of {reference}; use forward to send it elsewhere");
        }

        if (wanted.Count == 0)
        {
            return new OperationProblem(OperationFailure.Conflict, $"{reference} was already released to all its recipients");
        }

        var record = await RecordAsync(entry, cancellationToken);
        var known = record with
        {
            Recipients = [.. record.Recipients.Select(r => wanted.Contains(r.Address, StringComparer.OrdinalIgnoreCase) ? Queued(r) : r)],
        };
        return await SendAsync(entry, known, wanted, MessageEventKind.Released, caller, cancellationToken);
    }

    /// <summary>Sends a copy to another address; the entry stays.</summary>
    public async Task<Outcome<MessageRecord>> ForwardAsync(Caller caller, string reference, string to, CancellationToken cancellationToken)
    {
        if (!MailPath.TryParse(to, out var path) || path.IsNull || path.Domain.Length == 0)
        {
            return new OperationProblem(OperationFailure.Invalid, $"to: '{to}' is not an address, such as security@example.com");
        }

        if (await quarantine.FindAsync(reference, cancellationToken) is not { } entry)
        {
            return NotFound(reference);
        }

        var record = await RecordAsync(entry, cancellationToken);
        var address = path.ToString();
        var forwarded = record with
        {
            Recipients =
            [
                .. record.Recipients.Where(r => !r.Address.Equals(address, StringComparison.OrdinalIgnoreCase)),
                new RecipientRecord { Address = address, Action = VerdictAction.Deliver, State = MessageState.Queued },
            ],
        };
        return await SendAsync(entry, forwarded, [address], MessageEventKind.Forwarded, caller, cancellationToken);
    }

    public async Task<Outcome<string>> DeleteAsync(Caller caller, string reference, CancellationToken cancellationToken)
    {
        if (await quarantine.FindAsync(reference, cancellationToken) is not { } entry || !await quarantine.DeleteAsync(reference, cancellationToken))
        {
            return NotFound(reference);
        }

        var record = await RecordAsync(entry, cancellationToken);
        messageLog.Save(record with
        {
            Recipients = [.. record.Recipients.Select(r => r.State == MessageState.Quarantined ? r with { State = MessageState.Dropped } : r)],
            Events = [.. record.Events, Event(MessageEventKind.Dropped, "Deleted from quarantine", caller)],
        });
        return reference;
    }

    /// <summary>Deletes what is older than its retention and says so in each timeline.</summary>
    public async Task<int> ExpireAsync(TimeSpan retention, CancellationToken cancellationToken)
    {
        var expired = await quarantine.ExpireAsync(timeProvider.GetUtcNow() - retention, cancellationToken);
        foreach (var reference in expired)
        {
            if (await messageLog.FindAsync(reference, cancellationToken) is { } record)
            {
                messageLog.Save(record with
                {
                    Recipients = [.. record.Recipients.Select(r => r.State == MessageState.Quarantined ? r with { State = MessageState.Dropped } : r)],
                    Events = [.. record.Events, Event(MessageEventKind.Dropped, $"Deleted from quarantine after {retention.TotalDays:0} days", null)],
                });
            }
        }

        return expired.Count;
    }

    private async Task<Outcome<MessageRecord>> SendAsync(
        QuarantineEntry entry, MessageRecord record, IReadOnlyList<string> recipients, MessageEventKind kind, Caller caller, CancellationToken cancellationToken)
    {
        if (quarantine.OpenBytes(entry.Reference) is not { } bytes)
        {
            return NotFound(entry.Reference);
        }

        if (queue.Contains(entry.Reference))
        {
            // The queue owns the record of a message until it is finished; a second copy would overwrite its story.
            return new OperationProblem(OperationFailure.Conflict, $"{entry.Reference} is still being delivered to other recipients; try again when it has left the queue");
        }

        record = record with { Events = [.. record.Events, Event(kind, $"{kind} to {string.Join(", ", recipients)}", caller)] };
        try
        {
            await using var draft = spool.OpenDraft();
            await using (var stream = bytes.OpenRead())
            {
                var buffer = new byte[64 * 1024];
                for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    await draft.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
            }

            var spooled = await spool.CommitAsync(draft, record, cancellationToken);
            messageLog.Save(record);
            queue.Enqueue(spooled, record);
        }
        catch (IOException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the message could not be stored for delivery; check free disk space and try again");
        }

        if (kind == MessageEventKind.Released)
        {
            await quarantine.UpdateAsync(entry with { ReleasedTo = [.. entry.ReleasedTo.Union(recipients, StringComparer.OrdinalIgnoreCase)] }, cancellationToken);
        }

        return record;
    }

    /// <summary>The newest story of the message; the quarantine keeps its own copy in case the log's retention is shorter.</summary>
    private async Task<MessageRecord> RecordAsync(QuarantineEntry entry, CancellationToken cancellationToken) =>
        await messageLog.FindAsync(entry.Reference, cancellationToken) ?? entry.Message;

    private static RecipientRecord Queued(RecipientRecord recipient) =>
        recipient with { Action = VerdictAction.Deliver, State = MessageState.Queued, Attempts = 0, NextAttemptAt = null, LastReply = "" };

    private MessageEvent Event(MessageEventKind kind, string text, Caller? caller) =>
        new() { At = timeProvider.GetUtcNow(), Kind = kind, Text = text, Actor = caller?.Name };

    private static OperationProblem NotFound(string reference) =>
        new(OperationFailure.NotFound, $"there is no message {reference} in quarantine; list what there is with GET /api/v1/quarantine");
}
