using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// What an administrator does with quarantined mail. A released message goes through the spool like any other and keeps its reference. What locked
/// rules demand is done to it; that it was kept, and to whom it goes, is the decision of whoever releases it.
/// </summary>
internal sealed class QuarantineOperations(
    IQuarantine quarantine, IMessageLog messageLog, ISpool spool, MailQueue queue, References references, MailGate gate, Auditor auditor, TimeProvider timeProvider)
    : IDisposable
{
    /// <summary>How long a message that is finished may take to leave the queue: a slow disk's few syncs.</summary>
    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public void Dispose() => _oneAtATime.Dispose();

    public async Task<QuarantinePage> ListAsync(Caller caller, QuarantineQuery query, CancellationToken cancellationToken)
    {
        var site = gate.Site;
        var seen = query with { Tenants = caller.Visible(Permission.QuarantineRead, site), Mailboxes = caller.Mailboxes(Permission.QuarantineRead, site) };
        var page = await quarantine.ListAsync(seen, cancellationToken);
        List<QuarantineEntry> items = [];
        foreach (var entry in page.Items)
        {
            items.Add(Seen(caller, Permission.QuarantineRead, await AsItStandsAsync(entry, cancellationToken)));
        }

        return page with { Items = items };
    }

    /// <summary>The entry with its bytes. Whoever looks is written down before he sees anything.</summary>
    /// <param name="reason">Why he looks, where the tenant asks for it.</param>
    public async Task<Outcome<QuarantinedContent>> ReadAsync(Caller caller, string reference, string? reason, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, Permission.ContentRead, reference, cancellationToken);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var (entry, bytes) = found.Value!;
        if (caller.ReasonMissing(entry.Message, reason, "add ?reason=", gate.Site) is { } missing)
        {
            return missing;
        }

        await auditor.RecordAsync(caller, "message.content", entry.Message.Tenant, reference, "Read the content", cancellationToken, reason ?? "");
        return new QuarantinedContent(Seen(caller, Permission.ContentRead, await AsItStandsAsync(entry, cancellationToken)), bytes);
    }

    /// <param name="recipients">Some of the entry's recipients; null or empty = all that were not released yet.</param>
    public async Task<Outcome<MessageRecord>> ReleaseAsync(Caller caller, string reference, IReadOnlyList<string>? recipients, CancellationToken cancellationToken)
    {
        // Before its turn: whoever may not, and a message that is still leaving the queue, hold up nobody else.
        var found = await FindAsync(caller, Permission.QuarantineRelease, reference, cancellationToken);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        await LetLeaveAsync(found.Value!.Entry, cancellationToken);

        // Two releases of one message must not both find it unreleased.
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var outcome = await ReleaseOneAsync(caller, reference, recipients, cancellationToken);
            return outcome.Value is { } record ? caller.Seen(Permission.QuarantineRelease, record, gate.Site) : outcome;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>
    /// Sends a copy to any address as a message of its own; the entry stays. A copy that cannot be delivered is told to nobody. Whoever gets the
    /// copy reads it, so that this asks for all that reading asks for, and for the permission to let mail out.
    /// </summary>
    /// <param name="reason">Why it is sent, where the tenant asks for it.</param>
    public async Task<Outcome<MessageRecord>> ForwardAsync(Caller caller, string reference, string to, string? reason, CancellationToken cancellationToken)
    {
        if (!MailPath.TryParse(to, out var path) || path.IsNull || path.Domain.Length == 0)
        {
            return new OperationProblem(OperationFailure.Invalid, $"to: '{to}' is not an address, such as security@example.com", "to");
        }

        var found = await FindAsync(caller, Permission.ContentRead, reference, cancellationToken);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var (entry, bytes) = found.Value!;
        var tenant = entry.Message.Tenant;
        if (caller.OwnAddresses(Permission.ContentRead, entry.Message, gate.Site) is not null)
        {
            return new OperationProblem(OperationFailure.Forbidden, "the owner of a mailbox may release a message for himself, not send it elsewhere");
        }

        if (!caller.May(Permission.QuarantineRelease, tenant, gate.Site))
        {
            return MailGate.Forbidden(Permission.QuarantineRelease, tenant);
        }

        if (caller.ReasonMissing(entry.Message, reason, "add reason to the body", gate.Site) is { } missing)
        {
            return missing;
        }

        if (await RefusedToReleaseAsync(caller, entry, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var copy = references.Next();
        await auditor.RecordAsync(caller, "message.content", tenant, reference, $"Copy of the content to {path}", cancellationToken, reason ?? "");
        return await auditor.DoAsync(
            new Deed(caller, "quarantine.forward", tenant, reference, $"Copy sent to {path} as {copy}", reason ?? ""),
            () => SendCopyAsync(caller, entry, bytes, path, copy),
            outcome => outcome.Problem?.Detail ?? "");
    }

    public async Task<Outcome<string>> DeleteAsync(Caller caller, string reference, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, Permission.QuarantineDelete, reference, cancellationToken);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var (entry, _) = found.Value!;
        if (caller.OwnAddresses(Permission.QuarantineDelete, entry.Message, gate.Site) is { } own && !entry.Recipients.All(own.Contains))
        {
            return new OperationProblem(OperationFailure.Forbidden, "the message is kept for others, too; only who manages their quarantine may delete it");
        }

        return await auditor.DoAsync(
            new Deed(caller, "quarantine.delete", entry.Message.Tenant, reference, "Deleted from quarantine"),
            () => EraseAsync(caller, entry),
            outcome => outcome.Problem?.Detail ?? "");
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

    private async Task<Outcome<QuarantinedContent>> FindAsync(Caller caller, Permission needed, string reference, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(caller, needed, Permission.QuarantineRead, reference, NotFound(reference), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        // The message log may have another message of this reference; what counts is the one that is kept.
        return await quarantine.FindAsync(reference, cancellationToken) is { } entry
            && caller.May(needed, entry.Message, gate.Site)
            && quarantine.OpenBytes(reference) is { } bytes
                ? new QuarantinedContent(entry, bytes)
                : NotFound(reference);
    }

    /// <summary>As he may read it: the owner of a mailbox does not learn for whom else it is kept.</summary>
    private QuarantineEntry Seen(Caller caller, Permission permission, QuarantineEntry entry) =>
        caller.OwnAddresses(permission, entry.Message, gate.Site) is not { } own || MailAccess.IsSender(own, entry.Message)
            ? entry
            : entry with
            {
                Recipients = [.. entry.Recipients.Where(own.Contains)],
                ReleasedTo = [.. entry.ReleasedTo.Where(own.Contains)],
                Message = caller.Seen(permission, entry.Message, gate.Site),
            };

    private async Task<Outcome<MessageRecord>> ReleaseOneAsync(Caller caller, string reference, IReadOnlyList<string>? recipients, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, Permission.QuarantineRelease, reference, cancellationToken);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var (entry, bytes) = found.Value!;
        var own = caller.OwnAddresses(Permission.QuarantineRelease, entry.Message, gate.Site);
        List<string> keptFor = [.. entry.Recipients.Where(r => own?.Contains(r) != false)];
        if (keptFor.Count == 0)
        {
            return new OperationProblem(OperationFailure.Forbidden, "the owner of a mailbox may release what came for him, not what he sent");
        }

        if (await RefusedToReleaseAsync(caller, entry, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var wanted = recipients is { Count: > 0 } ? recipients : [.. keptFor.Except(entry.ReleasedTo)];
        if (wanted.FirstOrDefault(r => !keptFor.Contains(r, StringComparer.OrdinalIgnoreCase)) is { } stranger)
        {
            return new OperationProblem(OperationFailure.Invalid, $"recipients: '{stranger}' is not a recipient of {reference}; use forward to send it elsewhere", "recipients");
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
        if (record.IsPseudonymised || record.ReversePath != entry.Message.ReversePath || !wanted.All(w => record.Recipients.Any(r => r.Address.Equals(w, StringComparison.OrdinalIgnoreCase))))
        {
            // Somebody was forgotten: who it is from and to, the kept message alone knows, and so it is to go.
            record = entry.Message with { Events = record.Events };
        }

        if (!record.Recipients.Any(r => wanted.Contains(r.Address, StringComparer.OrdinalIgnoreCase)))
        {
            return new OperationProblem(OperationFailure.Conflict, $"the recipients of {reference} are no longer known; use forward to send it to somebody");
        }

        var released = $"Released to {string.Join(", ", wanted)}";
        return await auditor.DoAsync(
            new Deed(caller, "quarantine.release", entry.Message.Tenant, reference, released),
            async () =>
            {
                var outcome = await SendAsync(bytes, record with
                {
                    TraceHeaders = TraceHeaders.Released(record.TraceHeaders),
                    Recipients = [.. record.Recipients.Select(r => wanted.Contains(r.Address, StringComparer.OrdinalIgnoreCase) ? Queued(record, r) : Closed(r))],
                    Events = [.. record.Events, Event(MessageEventKind.Released, released, caller)],
                });
                if (outcome.Problem is null)
                {
                    await quarantine.UpdateAsync(entry with { ReleasedTo = [.. entry.ReleasedTo.Union(wanted, StringComparer.OrdinalIgnoreCase)] }, CancellationToken.None);
                }

                return outcome;
            },
            outcome => outcome.Problem?.Detail ?? "");
    }

    /// <summary>For a moment the story tells the end of a message and the queue still has it.</summary>
    private async Task LetLeaveAsync(QuarantineEntry entry, CancellationToken cancellationToken)
    {
        if (queue.Contains(entry.Reference) && !(await RecordAsync(entry, cancellationToken)).HasOpen())
        {
            await queue.WaitUntilLeftAsync(entry.Reference, Leaving, cancellationToken);
        }
    }

    private async Task<Outcome<MessageRecord>> SendCopyAsync(Caller caller, QuarantineEntry entry, IByteSource bytes, MailPath path, string copy)
    {
        var outcome = await SendAsync(bytes, entry.Message with
        {
            Reference = copy,
            ReceivedAt = timeProvider.GetUtcNow(),
            Direction = Direction.Outbound,
            TraceHeaders = TraceHeaders.Released(entry.Message.TraceHeaders),
            ReversePath = "",
            Effects = [],
            Reasons = [],
            Origin = new MessageOrigin(entry.Reference, OriginKind.Forward),
            Recipients = [new RecipientRecord { Address = path.ToString(), Action = VerdictAction.Deliver, State = MessageState.Queued }],
            Events = [Event(MessageEventKind.Forwarded, $"Copy of {entry.Reference} out of quarantine", caller) with { Related = entry.Reference }],
        });
        if (outcome.Problem is null)
        {
            var record = await RecordAsync(entry, CancellationToken.None);
            messageLog.Save(record with { Events = [.. record.Events, Event(MessageEventKind.Forwarded, $"Copy sent to {path} as {copy}", caller) with { Related = copy }] });
        }

        return outcome;
    }

    private async Task<Outcome<string>> EraseAsync(Caller caller, QuarantineEntry entry)
    {
        if (!await quarantine.DeleteAsync(entry.Reference, CancellationToken.None))
        {
            return NotFound(entry.Reference);
        }

        var record = await RecordAsync(entry, CancellationToken.None);
        messageLog.Save(record with
        {
            Recipients = [.. record.Recipients.Select(r => r.State == MessageState.Quarantined ? r with { State = MessageState.Dropped } : r)],
            Events = [.. record.Events, Event(MessageEventKind.Dropped, "Deleted from quarantine", caller)],
        });
        return entry.Reference;
    }

    /// <summary>As it was judged when it was put there, and by what is known since.</summary>
    private async Task<OperationProblem?> RefusedToReleaseAsync(Caller caller, QuarantineEntry entry, CancellationToken cancellationToken) =>
        caller.RefusedToRelease(entry.Message, gate.Site) ?? caller.RefusedToRelease(await RecordAsync(entry, cancellationToken), gate.Site);

    /// <summary>Written down already, and so done to its end: a client that hangs up does not stop it.</summary>
    private async Task<Outcome<MessageRecord>> SendAsync(IByteSource bytes, MessageRecord record)
    {
        try
        {
            await using var draft = spool.OpenDraft();
            await using (var stream = bytes.OpenRead())
            {
                var buffer = new byte[64 * 1024];
                for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
                {
                    await draft.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
                }
            }

            // Copies went when it was kept.
            var spooled = await spool.CommitAsync(draft, record, CancellationToken.None);
            messageLog.Save(record);
            queue.Enqueue(spooled, record);
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

    /// <summary>The entry keeps the message as it was; where it stands since, the message log says to everybody alike.</summary>
    private async Task<QuarantineEntry> AsItStandsAsync(QuarantineEntry entry, CancellationToken cancellationToken)
    {
        var kept = entry.Message;
        if (entry.ReleasedTo.Count == 0
            || await messageLog.FindAsync(entry.Reference, cancellationToken) is not { IsPseudonymised: false } now
            || (now.ReceivedAt, now.ConnectionId) != (kept.ReceivedAt, kept.ConnectionId))
        {
            return entry;
        }

        var states = now.Recipients.ToLookup(r => r.Address, r => r.State, StringComparer.OrdinalIgnoreCase);
        return entry with { Message = kept with { Recipients = [.. kept.Recipients.Select(r => states.Contains(r.Address) ? r with { State = states[r.Address].First() } : r)] } };
    }

    private static RecipientRecord Queued(MessageRecord record, RecipientRecord recipient) =>
        recipient with
        {
            Action = VerdictAction.Deliver,
            State = MessageState.Queued,
            Attempts = 0,
            NextAttemptAt = null,
            LastReply = "",
            // A person decided: the bytes as they came, to whom they were sent, but for what nobody at this node decides.
            Effects = [.. RecipientPlans.DemandedOf(record, recipient)],
            RedirectedTo = null,
            TraceHeaders = recipient.TraceHeaders is { } own ? TraceHeaders.Released(own) : null,
        };

    /// <summary>The message has left the queue; what an old copy of its record still shows as open was finished long ago and must not be sent again.</summary>
    private static RecipientRecord Closed(RecipientRecord recipient) =>
        recipient.IsOpen() ? recipient with { State = MessageState.Dropped, NextAttemptAt = null, LastReply = "finished earlier; how is no longer known" } : recipient;

    private MessageEvent Event(MessageEventKind kind, string text, Caller? caller) =>
        new() { At = timeProvider.GetUtcNow(), Kind = kind, Text = text, Actor = caller?.Name };

    private static OperationProblem NotFound(string reference) =>
        new(OperationFailure.NotFound, $"there is no message {reference} in quarantine; list what there is with GET /api/v1/quarantine");
}
