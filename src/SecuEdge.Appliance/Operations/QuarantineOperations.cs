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
    IQuarantine quarantine, IMessageLog messageLog, ISpool spool, MailQueue queue, References references, TimeProvider timeProvider) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public void Dispose() => _oneAtATime.Dispose();

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
        // Two releases of one message must not both find it unreleased.
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return await ReleaseOneAsync(caller, reference, recipients, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Sends a copy to any address as a message of its own; the entry stays. A copy that cannot be delivered is told to nobody.</summary>
    public async Task<Outcome<MessageRecord>> ForwardAsync(Caller caller, string reference, string to, CancellationToken cancellationToken)
    {
        if (!MailPath.TryParse(to, out var path) || path.IsNull || path.Domain.Length == 0)
        {
            return new OperationProblem(OperationFailure.Invalid, $"to: '{to}' is not an address, such as security@example.com");
        }

        if (await quarantine.FindAsync(reference, cancellationToken) is not { } entry || quarantine.OpenBytes(reference) is not { } bytes)
        {
            return NotFound(reference);
        }

        var copy = references.Next();
        var outcome = await SendAsync(
            bytes,
            entry.Message with
            {
                Reference = copy,
                ReceivedAt = timeProvider.GetUtcNow(),
                Direction = Direction.Outbound,
                ReversePath = "",
                Effects = [],
                Recipients = [new RecipientRecord { Address = path.ToString(), Action = VerdictAction.Deliver, State = MessageState.Queued }],
                Events = [Event(MessageEventKind.Forwarded, $"Copy of {reference} out of quarantine", caller)],
            },
            cancellationToken);
        if (outcome.Problem is null)
        {
            var record = await RecordAsync(entry, cancellationToken);
            messageLog.Save(record with { Events = [.. record.Events, Event(MessageEventKind.Forwarded, $"Copy sent to {path} as {copy}", caller)] });
        }

        return outcome;
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

    private async Task<Outcome<MessageRecord>> ReleaseOneAsync(Caller caller, string reference, IReadOnlyList<string>? recipients, CancellationToken cancellationToken)
    {
        if (await quarantine.FindAsync(reference, cancellationToken) is not { } entry || quarantine.OpenBytes(reference) is not { } bytes)
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

        if (queue.Contains(reference))
        {
            // The queue owns the record of a message until it is finished; a second copy would overwrite its story.
            return new OperationProblem(OperationFailure.Conflict, $"{reference} is still being delivered to other recipients; try again when it has left the queue");
        }

        var record = await RecordAsync(entry, cancellationToken);
        var outcome = await SendAsync(
            bytes,
            record with
            {
                Recipients = [.. record.Recipients.Select(r => wanted.Contains(r.Address, StringComparer.OrdinalIgnoreCase) ? Queued(r) : Closed(r))],
                Events = [.. record.Events, Event(MessageEventKind.Released, $"Released to {string.Join(", ", wanted)}", caller)],
            },
            cancellationToken);
        if (outcome.Problem is null)
        {
            await quarantine.UpdateAsync(entry with { ReleasedTo = [.. entry.ReleasedTo.Union(wanted, StringComparer.OrdinalIgnoreCase)] }, cancellationToken);
        }

        return outcome;
    }

    private async Task<Outcome<MessageRecord>> SendAsync(IByteSource bytes, MessageRecord record, CancellationToken cancellationToken)
    {
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
            queue.Enqueue(spooled, record);
            messageLog.Save(record);
            return record;
        }
        catch (IOException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the message could not be stored for delivery; check free disk space and try again");
        }
    }

    /// <summary>The newest story of the message; the quarantine keeps its own copy in case the log's retention is shorter.</summary>
    private async Task<MessageRecord> RecordAsync(QuarantineEntry entry, CancellationToken cancellationToken) =>
        await messageLog.FindAsync(entry.Reference, cancellationToken) ?? entry.Message;

    private static RecipientRecord Queued(RecipientRecord recipient) =>
        recipient with
        {
            Action = VerdictAction.Deliver,
            State = MessageState.Queued,
            Attempts = 0,
            NextAttemptAt = null,
            LastReply = "",
            // A person decided: the bytes as they came, to whom they were sent.
            Effects = [],
            RedirectedTo = null,
        };

    /// <summary>The message has left the queue; what an old copy of its record still shows as open was finished long ago and must not be sent again.</summary>
    private static RecipientRecord Closed(RecipientRecord recipient) =>
        recipient.IsOpen() ? recipient with { State = MessageState.Dropped, NextAttemptAt = null, LastReply = "finished earlier; how is no longer known" } : recipient;

    private MessageEvent Event(MessageEventKind kind, string text, Caller? caller) =>
        new() { At = timeProvider.GetUtcNow(), Kind = kind, Text = text, Actor = caller?.Name };

    private static OperationProblem NotFound(string reference) =>
        new(OperationFailure.NotFound, $"there is no message {reference} in quarantine; list what there is with GET /api/v1/quarantine");
}
