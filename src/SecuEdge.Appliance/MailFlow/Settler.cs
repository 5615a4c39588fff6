using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// Makes the outcome of a round durable, in an order in which a crash at any point repeats work and loses none:
/// <list type="number">
/// <item>copies that rules want; quarantine what is to be kept, and bounce or keep what failed for good;</item>
/// <item>drop, if someone asked for it;</item>
/// <item>everyone finished: message log, then the bytes go; otherwise the record is saved and the next attempt scheduled.</item>
/// </list>
/// An error of the store stops at that point; the settlement is kept in memory and taken up again later. Only a message that the disk
/// damaged ends here: trying again would not bring it back.
/// </summary>
internal sealed partial class Settler(
    ISpool spool, IQuarantine quarantine, IMessageLog messageLog, MailQueue queue, BounceSender bounces, CopySender copies, SiteHolder sites, QueueOptions options,
    TimeProvider timeProvider, ILogger<QueueRunner> logger)
{
    private const string NoBounce = "sender not authenticated: no bounce to a possibly forged sender";

    public async Task SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        var message = settlement.Message;
        try
        {
            try
            {
                await CopyAsync(settlement, cancellationToken);
                await KeepAsync(settlement, cancellationToken);
                await FailAsync(settlement, cancellationToken);
                Drop(settlement);
                await SaveAsync(settlement, cancellationToken);
            }
            catch (DamagedMessageException e)
            {
                await GiveUpAsync(settlement, e, cancellationToken);
                await SaveAsync(settlement, cancellationToken);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Not only IOException: whatever the store throws, the message must not be forgotten.
            LogStoreTrouble(message.Reference, options.StoreRetryDelay.TotalSeconds, e);
            message.Unsettled = settlement;
            queue.Postpone(message, options.StoreRetryDelay);
        }
    }

    /// <summary>Not even the record can be read: the message log has the story of what is lost.</summary>
    public async Task GiveUpAsync(QueuedMessage message, DamagedMessageException damage, CancellationToken cancellationToken)
    {
        try
        {
            if (await messageLog.FindAsync(message.Reference, cancellationToken) is { } record)
            {
                var settlement = new Settlement(message, record);
                await GiveUpAsync(settlement, damage, cancellationToken);
                await SaveAsync(settlement, cancellationToken);
                return;
            }

            LogNoStory(message.Reference, damage);
            queue.Remove(message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogStoreTrouble(message.Reference, options.StoreRetryDelay.TotalSeconds, e);
            queue.Postpone(message, options.StoreRetryDelay);
        }
    }

    private DateTimeOffset Now => timeProvider.GetUtcNow();

    /// <summary>Copies that rules want of a held message, now that it goes.</summary>
    private async Task CopyAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        if (settlement.ForCopy.Count > 0)
        {
            var (sent, record) = await copies.CommitAsync(settlement.Message.Entry.Bytes, settlement.Record, settlement.ForCopy, cancellationToken);
            settlement.Record = record;
            settlement.ForCopy = [];
            copies.Send(sent);
        }
    }

    /// <summary>Recipients whose verdict keeps the message here.</summary>
    private async Task KeepAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        if (settlement.ForQuarantine.Count == 0)
        {
            return;
        }

        var record = settlement.Record;
        var decided = record.DecidedBy.Length > 0 ? $", decided by {record.DecidedBy}" : "";
        await QuarantineAsync(settlement, [.. settlement.ForQuarantine], i => $"Kept in quarantine (verdict {record.Recipients[i].Action}{decided})", cancellationToken);
        settlement.ForQuarantine = [];
    }

    private async Task FailAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        if (settlement.Failures.Count == 0)
        {
            return;
        }

        var record = settlement.Record;
        switch (BounceRule.Decide(record, sites.Current))
        {
            case BounceDecision.Keep:
                var replies = settlement.Failures.ToDictionary(f => f.Index);
                settlement.Record = record.Add([.. settlement.Failures.Select(f => Bounced(record, f, NoBounce))]);
                try
                {
                    await QuarantineAsync(
                        settlement, [.. replies.Keys], i => $"Kept in quarantine, because it could not be delivered: {replies[i].Reply.Short()}", cancellationToken);
                }
                catch
                {
                    settlement.Record = record;
                    throw;
                }

                break;
            case BounceDecision.Report:
                var reference = await bounces.SendAsync(settlement.Message.Entry, record, settlement.Failures, cancellationToken);
                End(settlement, MessageState.Bounced, $"the sender is told in message {reference}", reference);
                break;
            case BounceDecision.Silent:
                End(settlement, MessageState.Bounced, "no bounce to an automatic message");
                break;
        }

        settlement.Failures = [];
    }

    private void End(Settlement settlement, MessageState state, string consequence, string? related = null)
    {
        var record = settlement.Record;
        settlement.Record = record
            .Change(settlement.Failures.Select(f => f.Index), r => r with { State = state, NextAttemptAt = null })
            .Add([.. settlement.Failures.Select(f => Bounced(record, f, consequence) with { Related = related })]);
    }

    private MessageEvent Bounced(MessageRecord record, DeliveryFailure failure, string consequence)
    {
        var who = failure.NextHop.Length > 0 ? failure.NextHop : "We";
        var text = failure.IsExpired
            ? $"Given up after {(Now - record.ReceivedAt).TotalHours:0} hours, last: {failure.Reply.Short()}; {consequence}"
            : $"{who} refused the message for good: {failure.Reply.Short()}; {consequence}";
        return new MessageEvent { At = Now, Kind = MessageEventKind.Bounced, Recipient = record.Recipients[failure.Index].Address, Text = text };
    }

    private async Task QuarantineAsync(Settlement settlement, IReadOnlyList<int> indexes, Func<int, string> text, CancellationToken cancellationToken)
    {
        var before = settlement.Record;
        var record = before
            .Change(indexes, r => r with { State = MessageState.Quarantined, NextAttemptAt = null, HeldUntil = null })
            .Add([.. indexes.Select(i => new MessageEvent
            {
                At = Now,
                Kind = MessageEventKind.Quarantined,
                Recipient = before.Recipients[i].Address,
                Text = text(i),
            })]);
        List<string> addresses = [.. indexes.Select(i => before.Recipients[i].Address)];
        List<string> queues = [.. indexes.Select(i => before.Recipients[i].Queue).Where(q => q.Length > 0).Distinct()];

        // One entry per message: recipients that come later join the entry of the earlier ones.
        var existing = before.Recipients.Any(r => r.State == MessageState.Quarantined) ? await quarantine.FindAsync(record.Reference, cancellationToken) : null;
        var isJoined = existing is not null && await quarantine.UpdateAsync(
            existing with { Recipients = [.. existing.Recipients.Union(addresses)], Queues = [.. existing.Queues.Union(queues)], Message = record }, cancellationToken);
        if (!isJoined)
        {
            // There is none, or somebody deleted it a moment ago: that was about the earlier recipients, not about these.
            var entry = new QuarantineEntry { QuarantinedAt = Now, Recipients = addresses, Queues = queues, Message = record };
            await quarantine.AddAsync(entry, settlement.Message.Entry.Bytes, cancellationToken);
        }

        settlement.Record = record;
    }

    private void Drop(Settlement settlement)
    {
        if (settlement.Message.Drop is not { } drop || !settlement.Record.HasOpen())
        {
            return;
        }

        List<int> open = [.. Enumerable.Range(0, settlement.Record.Recipients.Count).Where(i => settlement.Record.Recipients[i].IsOpen())];
        settlement.Record = settlement.Record
            .Change(open, r => r with { State = MessageState.Dropped, NextAttemptAt = null, HeldUntil = null })
            .Add([new MessageEvent { At = Now, Kind = MessageEventKind.Dropped, Text = $"Dropped from the queue: {drop.Reason}", Actor = drop.Actor }]);
    }

    /// <summary>Ends a damaged message for all that did not get it; a sender who may be told is told, without the header that is damaged too.</summary>
    private async Task GiveUpAsync(Settlement settlement, DamagedMessageException damage, CancellationToken cancellationToken)
    {
        var record = settlement.Record;
        List<int> open = [.. Enumerable.Range(0, record.Recipients.Count).Where(i => record.Recipients[i].IsOpen())];
        var consequence = "";
        if (open.Count > 0 && BounceRule.Decide(record, sites.Current) == BounceDecision.Report)
        {
            // RFC 3463 §3.4: trouble of this mail system, of no kind the sender could do anything about.
            var reply = new SmtpReply(554, "5.3.0", "The message was damaged by a disk here; please send it again");
            var report = await bounces.SendAsync(
                settlement.Message.Entry, record, [.. open.Select(i => new DeliveryFailure(i, reply, "", IsExpired: false))], cancellationToken);
            consequence = $"; the sender is told in message {report}";
        }

        settlement.Record = record
            .Change(open, r => r with { State = MessageState.Dropped, NextAttemptAt = null, HeldUntil = null })
            .Add([new MessageEvent
            {
                At = Now,
                Kind = MessageEventKind.Dropped,
                Text = $"Given up, because the disk damaged the message; what is left of it is in {damage.Remains}{consequence}",
            }]);
        settlement.ForQuarantine = [];
        settlement.Failures = [];
        LogGivenUp(record.Reference, damage.Remains);
    }

    private async Task SaveAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        var message = settlement.Message;
        var record = settlement.Record = settlement.Record.HasOpen() ? settlement.Record : settlement.Record.WithoutEffects();
        messageLog.Save(record);
        if (!record.HasOpen())
        {
            await spool.FinishAsync(message.Entry, record, cancellationToken);
            End(settlement);
            queue.Remove(message);
            LogDone(record);
            return;
        }

        await spool.SaveAsync(message.Entry, record, cancellationToken);
        message.HeldUntil = record.HeldUntil();
        End(settlement);
        if (settlement.FullLane is { } lane)
        {
            lane.Park(message);
        }
        else
        {
            queue.Schedule(message, record.NextDueAt());
        }
    }

    /// <summary>What became of it, without addresses: those are for the message log alone.</summary>
    private void LogDone(MessageRecord record)
    {
        var outcome = string.Join(", ", record.Recipients.CountBy(r => r.State).OrderBy(s => s.Key).Select(s => $"{s.Value} {s.Key.ToString().ToLowerInvariant()}"));
        var hops = string.Join(", ", record.Recipients.Where(r => r.State == MessageState.Delivered && r.NextHop.Length > 0).Select(r => r.NextHop).Distinct().Take(3));
        var by = hops.Length > 0 ? $" by {hops}" : "";
        var seconds = Math.Round((Now - record.ReceivedAt).TotalSeconds, 1);
        LogDone(record.Reference, record.Tenant, outcome, by, seconds);
    }

    private static void End(Settlement settlement)
    {
        settlement.Message.Unsettled = null;
        if (settlement.Decision is { } decision)
        {
            settlement.Message.EndDecision(decision, settlement.Record);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Done with {Reference} of {Tenant}: {Outcome}{By}, {Seconds} s after it came")]
    private partial void LogDone(string reference, string tenant, string outcome, string by, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} was damaged by the disk and is given up; what is left of it is in {Remains}")]
    private partial void LogGivenUp(string reference, string remains);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} is damaged and the message log does not know it; it is left in the spool")]
    private partial void LogNoStory(string reference, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outcome of message {Reference} cannot be stored, next try in {Seconds} s; it is kept in memory meanwhile")]
    private partial void LogStoreTrouble(string reference, double seconds, Exception exception);
}
