using System.Globalization;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// Writes what a round brought into the record: delivered, deferred with the next time, or failed. Pure. What is to be done about the
/// failed ones (bounce, quarantine) needs the store and is the settler's work.
/// </summary>
internal sealed class AttemptLedger(RetrySchedule schedule)
{
    public Settlement Apply(DeliveryRound round, DateTimeOffset now)
    {
        var record = round.Record;
        RecipientRecord[] recipients = [.. record.Recipients];
        var events = new List<MessageEvent>();
        var failures = new List<DeliveryFailure>();
        List<int> forQuarantine = [.. round.ForQuarantine];
        foreach (var group in round.Groups)
        {
            ApplyRewriting(record, recipients, group, now, events, forQuarantine);
            foreach (var trouble in group.Troubles)
            {
                events.Add(new MessageEvent { At = now, Kind = MessageEventKind.Attempted, Text = trouble.Text, Milliseconds = trouble.Milliseconds });
            }

            var deferred = new List<(RecipientOutcome Outcome, DateTimeOffset At)>();
            foreach (var outcome in group.Outcomes)
            {
                Apply(record, recipients, outcome, now, events, failures, deferred);
            }

            AddDeferred(record, recipients, deferred, now, events);
        }

        return new Settlement(round.Message, (record with { Recipients = recipients }).Add(events))
        {
            ForQuarantine = forQuarantine,
            Failures = failures,
            FullLane = round.FullLane,
        };
    }

    /// <summary>What rules changed, said once however often it is tried; or that they could not, and who keeps it therefore.</summary>
    private static void ApplyRewriting(
        MessageRecord record, RecipientRecord[] recipients, RoundGroup group, DateTimeOffset now, List<MessageEvent> events, List<int> forQuarantine)
    {
        if (group.Rewritten is not { } rewritten)
        {
            return;
        }

        foreach (var note in rewritten.Trouble is { } trouble ? [trouble] : rewritten.Notes)
        {
            if (!record.Events.Concat(events).Any(e => e.Kind == MessageEventKind.RuleApplied && e.Text == note))
            {
                events.Add(new MessageEvent { At = now, Kind = MessageEventKind.RuleApplied, Text = note });
            }
        }

        foreach (var index in rewritten.Trouble is null ? [] : group.Recipients)
        {
            recipients[index] = recipients[index] with { Action = VerdictAction.Quarantine };
            forQuarantine.Add(index);
        }
    }

    private void Apply(
        MessageRecord record, RecipientRecord[] recipients, RecipientOutcome outcome, DateTimeOffset now,
        List<MessageEvent> events, List<DeliveryFailure> failures, List<(RecipientOutcome Outcome, DateTimeOffset At)> deferred)
    {
        var before = recipients[outcome.Index];
        var after = before with { Attempts = before.Attempts + 1, NextAttemptAt = null, LastReply = outcome.Reply.Short(), NextHop = outcome.NextHop };
        if (outcome.Reply.Code is >= 200 and < 300)
        {
            after = after with { State = MessageState.Delivered };
            events.Add(new MessageEvent
            {
                At = now,
                Kind = MessageEventKind.Delivered,
                Recipient = before.Address,
                Text = $"{outcome.NextHop} took the message: {after.LastReply}",
                Milliseconds = outcome.Milliseconds,
            });
        }
        else if (outcome.Reply.IsPermanent)
        {
            failures.Add(new DeliveryFailure(outcome.Index, outcome.Reply, outcome.NextHop, IsExpired: false));
        }
        else if (schedule.Next(record.Reference, LetGo(record), after.Attempts, now) is { } next)
        {
            after = after with { State = MessageState.Deferred, NextAttemptAt = next };
            deferred.Add((outcome, next));
        }
        else
        {
            failures.Add(new DeliveryFailure(outcome.Index, outcome.Reply, outcome.NextHop, IsExpired: true));
        }

        recipients[outcome.Index] = after;
    }

    /// <summary>What was held over a long weekend has the whole time of delivery before it.</summary>
    private static DateTimeOffset LetGo(MessageRecord record) =>
        record.Events.LastOrDefault(e => e.Kind == MessageEventKind.Released) is { } released && released.At > record.ReceivedAt ? released.At : record.ReceivedAt;

    /// <summary>Recipients deferred by the same words are one event: a hundred of them, tried for five days, would bury the timeline.</summary>
    private static void AddDeferred(
        MessageRecord record, RecipientRecord[] recipients, List<(RecipientOutcome Outcome, DateTimeOffset At)> deferred,
        DateTimeOffset now, List<MessageEvent> events)
    {
        foreach (var same in deferred.GroupBy(d => (Reply: d.Outcome.Reply.Short(), d.Outcome.NextHop)))
        {
            var (outcome, at) = same.First();
            var count = same.Count();
            var who = same.Key.NextHop.Length > 0 ? $"{same.Key.NextHop} did not take the message yet" : "Not delivered yet";
            var whom = count > 1 ? $" for {count} recipients" : "";
            events.Add(new MessageEvent
            {
                At = now,
                Kind = MessageEventKind.Deferred,
                Recipient = count == 1 ? record.Recipients[outcome.Index].Address : null,
                Text = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{who}{whom}: {same.Key.Reply}; attempt {recipients[outcome.Index].Attempts}, the next at {at:yyyy-MM-dd HH:mm:ss} UTC"),
                Milliseconds = outcome.Milliseconds,
            });
        }
    }
}

/// <summary>A recipient that will not be tried again.</summary>
/// <param name="IsExpired">The lifetime is over; the reply is the last temporary one.</param>
internal sealed record DeliveryFailure(int Index, SmtpReply Reply, string NextHop, bool IsExpired);

/// <summary>
/// What must be made durable after a round. Its parts are crossed off as they are done, so that it can be taken up again where an error
/// of the store interrupted it.
/// </summary>
internal sealed class Settlement(QueuedMessage message, MessageRecord record)
{
    public QueuedMessage Message { get; } = message;

    public MessageRecord Record { get; set; } = record;

    public IReadOnlyList<int> ForQuarantine { get; set; } = [];

    public IReadOnlyList<DeliveryFailure> Failures { get; set; } = [];

    /// <summary>Copies that rules want of a message that was held until now.</summary>
    public IReadOnlyList<RuleEffect> ForCopy { get; set; } = [];

    public DeliveryLane? FullLane { get; init; }

    /// <summary>Of a person, who is told when this is stored.</summary>
    public HoldDecision? Decision { get; init; }
}
