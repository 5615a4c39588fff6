using System.Globalization;
using System.Net;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Appliance.MailFlow.Effects.Notices;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// Looks at a held message again, the whole way of a fresh one with the envelope it came with:
/// <list type="number">
/// <item>a person's decision is carried out without looking;</item>
/// <item>otherwise it is judged; a decision that comes meanwhile is carried out, but no release of what is worse than it was;</item>
/// <item>without one <see cref="HoldRule"/> says what follows;</item>
/// <item>the settler makes it durable and gives the message back to the queue.</item>
/// </list>
/// </summary>
internal sealed partial class HoldReview(
    MessageJudge judge, SiteHolder sites, Settler settler, MailQueue queue, RuleActions actions, HoldOptions options, SmtpServerOptions smtpOptions, GatewayMetrics metrics,
    TimeProvider timeProvider, ILogger<HoldReview> logger) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.MaxParallelReviews);

    /// <summary>Told of each conviction of held mail.</summary>
    public Action<MessageRecord, Judgement> Convicted { get; set; } = (_, _) => { };

    /// <summary>Told of each judgement by which somebody gets held mail.</summary>
    public Action<Judgement> Released { get; set; } = _ => { };

    public void Dispose() => _places.Dispose();

    /// <summary>Gets in line, first come first served: after a signature update the queue asks for the oldest first.</summary>
    public Task TurnAsync(CancellationToken stopping) => _places.WaitAsync(stopping);

    /// <param name="turn">From <see cref="TurnAsync"/>.</param>
    /// <param name="stopping">Nothing is settled after it; the message stays in the spool as it is.</param>
    /// <param name="aborted">The patience of the stop is over.</param>
    public async Task RunAsync(QueuedMessage message, Task turn, CancellationToken stopping, CancellationToken aborted)
    {
        try
        {
            await turn;
            try
            {
                await ReviewAsync(message, stopping, aborted);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (DamagedMessageException e)
        {
            await settler.GiveUpAsync(message, e, aborted);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It is looked at after the next start.
        }
        catch (Exception e)
        {
            // Too many messages at once, or the disk: it stays held, and nothing of it passes.
            message.IsReviewAsked = IsAllHeld(message);
            LogNotReviewed(message.Reference, options.RetryDelay.TotalSeconds, e);
            queue.Postpone(message, options.RetryDelay);
        }
    }

    /// <summary>Others of the message wait for their next attempt, which a review that fails again and again must not hold up.</summary>
    private static bool IsAllHeld(QueuedMessage message)
    {
        try
        {
            return message.Entry.ReadRecord().Recipients.All(r => !r.IsOpen() || r.State == MessageState.Held);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            return true;
        }
    }

    private async Task ReviewAsync(QueuedMessage message, CancellationToken stopping, CancellationToken aborted)
    {
        var record = message.Entry.ReadRecord();
        if (message.Decision is { } early)
        {
            await CarryOutAsync(message, record, early, aborted);
            return;
        }

        message.IsReviewAsked = false;
        var envelope = EnvelopeOf(record);
        var earlier = new EarlierKnowledge { IsFirstContact = record.IsFirstContact };
        using var judgement = await judge.JudgeAsync(envelope, a => sites.Current.PolicyFor(record.Tenant, a), message.Entry.Bytes, earlier, stopping);
        var late = message.Decision;
        if (late is not null && !IsRefused(late, record, judgement))
        {
            await CarryOutAsync(message, record, late, aborted);
            return;
        }

        var planned = new List<Notice>();
        var settlement = Conclude(message, record, envelope, judgement, late, planned);
        var notices = await actions.CommitAsync(planned, aborted);
        settlement.Record = settlement.Record.Add([.. notices.Events]);
        await settler.SettleAsync(settlement, aborted);
        actions.Send(notices);
    }

    /// <summary>Who released it had seen the old verdict: that says nothing against what an engine has found since.</summary>
    private static bool IsRefused(HoldDecision decision, MessageRecord record, Judgement judgement)
    {
        if (!decision.IsRelease || Held(record).All(i => judgement.Verdicts[i].Action < VerdictAction.Quarantine))
        {
            return false;
        }

        decision.Refuse($"it was judged again meanwhile: {MessageStory.Sentence(judgement)}");
        return true;
    }

    private Settlement Conclude(QueuedMessage message, MessageRecord record, Envelope envelope, Judgement judgement, HoldDecision? refused, List<Notice> notices)
    {
        var now = timeProvider.GetUtcNow();
        var isFloored = judgement.Report.Findings.Any(f => f.Floor == VerdictAction.Hold);
        var steps = Held(record).ToDictionary(
            i => i,
            i => HoldRule.Decide(judgement.Verdicts[i].Action, isFloored, judgement.Verdicts[i].Undecided is not null, ClockOf(record.Recipients[i], EndOf(record, record.Recipients[i]), now)));
        var toRelease = Of(HoldStep.Release);
        var toQuarantine = Of(HoldStep.Quarantine);
        List<MessageEvent> events = [];
        if (toRelease.Count + toQuarantine.Count > 0)
        {
            var judgedRecord = record = Judged(record, envelope, judgement, toRelease, toQuarantine);
            notices.AddRange(actions.Notices(envelope, judgement, [.. toRelease, .. toQuarantine], i => judgedRecord.Recipients[i].Action));
        }

        if (toQuarantine.Count > 0)
        {
            events.Add(Event(MessageEventKind.Reviewed, now, $"Judged again: {MessageStory.Sentence(judgement)}"));
            metrics.HoldEnded("quarantined");
            Convicted(record, judgement);
        }

        if (toRelease.Count > 0)
        {
            var minutes = (now - record.ReceivedAt).TotalMinutes;
            events.Add(Event(MessageEventKind.Released, now, string.Create(CultureInfo.InvariantCulture, $"Released after {minutes:0.#} minutes: {Scanned(judgement)}; {MessageStory.Sentence(judgement)}")));
            metrics.HoldEnded("released");
            Released(judgement);
        }

        if (Of(HoldStep.TryAgain) is { Count: > 0 } unscanned)
        {
            record = HoldOn(record, unscanned, now + options.RetryDelay, $"it could not be scanned ({MessageStory.Sentence(judgement)}); tried again until it can", events);
            metrics.HoldEnded("prolonged");
        }

        foreach (var doubtful in Of(HoldStep.Prolong).GroupBy(i => EndOf(record, record.Recipients[i])).ToList())
        {
            record = HoldOn(record, doubtful, doubtful.Key + options.Longest, $"{MessageStory.Sentence(judgement)}; for new signatures or your decision", events);
            metrics.HoldEnded("prolonged");
        }

        if (steps.Values.All(s => s == HoldStep.Wait))
        {
            events.Add(Event(MessageEventKind.Reviewed, now, $"Judged again, held on: {Scanned(judgement)}; {MessageStory.Sentence(judgement)}"));
        }

        var copies = CopySender.Wanted(record, toRelease, CopySender.MayLetOut(judgement.Report.Findings) ? toQuarantine.SelectMany(i => judgement.Verdicts[i].Effects) : []);
        LogReviewed(record.Reference, judgement.Strongest.Action, toRelease.Count, toQuarantine.Count);
        return new Settlement(message, record.Add(events)) { ForQuarantine = toQuarantine, ForCopy = copies, Decision = refused };

        List<int> Of(HoldStep step) => [.. steps.Where(s => s.Value == step).Select(s => s.Key)];
    }

    private async Task CarryOutAsync(QueuedMessage message, MessageRecord record, HoldDecision decision, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var held = Held(record);
        var action = decision.IsRelease ? VerdictAction.Deliver : VerdictAction.Quarantine;
        var (kind, text) = decision.IsRelease
            ? (MessageEventKind.Released, "Released from hold before its time")
            : (MessageEventKind.Quarantined, "Put from hold into quarantine");
        record = record
            .Change(held, r => Freed(r, action))
            .Add([Event(kind, now, text) with { Actor = decision.Actor }]);
        record = record with { Action = record.Recipients.Max(r => r.Action) };
        var settlement = new Settlement(message, record)
        {
            ForQuarantine = decision.IsRelease ? [] : held,
            ForCopy = decision.IsRelease || CopySender.MayLetOut(record.Findings) ? CopySender.Wanted(record, held, []) : [],
            Decision = decision,
        };
        metrics.HoldEnded(decision.IsRelease ? "released-by-person" : "quarantined-by-person");
        await settler.SettleAsync(settlement, cancellationToken);
    }

    /// <summary>The record with its new verdict, and headers that say it.</summary>
    private MessageRecord Judged(MessageRecord record, Envelope envelope, Judgement judgement, List<int> toRelease, List<int> toQuarantine)
    {
        record = record
            .Change(toRelease, r => r with { State = MessageState.Queued, HeldUntil = null, NextAttemptAt = null })
            .Change(toQuarantine, r => Freed(r, VerdictAction.Quarantine));
        record = RecipientPlans.WithEffects(record, [.. toRelease, .. toQuarantine], judgement, timeProvider.GetUtcNow());
        RecipientRecord[] recipients = [.. record.Recipients];
        foreach (var i in toRelease)
        {
            recipients[i] = recipients[i] with { Action = HoldRule.Released(judgement.Verdicts[i]) };
        }

        foreach (var i in toQuarantine)
        {
            recipients[i] = recipients[i] with { Queue = RecipientPlans.QueueOf(judgement.Verdicts[i]) };
        }

        record = record with
        {
            Recipients = recipients,
            Action = recipients.Max(r => r.Action),
            Class = judgement.Strongest.Class,
            Score = judgement.Strongest.Score,
            DecidedBy = judgement.Strongest.Author,
            Reasons = judgement.Reasons,
            Findings = judgement.Findings,
            Engines = judgement.Report.Engines,
        };
        return TraceHeaders.Put(record, smtpOptions.Hostname, envelope, judgement, [.. toRelease, .. toQuarantine]);
    }

    /// <summary>The same reason again, minute after minute, is one event.</summary>
    private MessageRecord HoldOn(MessageRecord record, IEnumerable<int> indexes, DateTimeOffset until, string why, List<MessageEvent> events)
    {
        var text = MessageStory.HeldText(until, why);
        if (record.Events is not [.., { Kind: MessageEventKind.Held } last] || !last.Text.EndsWith(why, StringComparison.Ordinal))
        {
            events.Add(Event(MessageEventKind.Held, timeProvider.GetUtcNow(), text));
        }

        return record.Change(indexes, r => r with { HeldUntil = until, RuleHoldsUntil = RuleEndOf(r) });
    }

    /// <summary>When the time of the settings, or of the rule, is over.</summary>
    private DateTimeOffset EndOf(MessageRecord record, RecipientRecord recipient) =>
        RuleEndOf(recipient)
        ?? record.ReceivedAt + sites.Current.HoldFor(record.Tenant, record.Direction, PathOf(recipient.Address), PathOf(record.ReversePath)).TimeOf(record.Direction);

    /// <summary>Where an older version wrote the record, what was said last is taken for it, once: otherwise each try would move the end on.</summary>
    private static DateTimeOffset? RuleEndOf(RecipientRecord recipient) => recipient.IsHeldByRule ? recipient.RuleHoldsUntil ?? recipient.HeldUntil : null;

    /// <summary>The longest time counts from the end of the hold: after a weekend all held mail comes due at once, and an engine may well be away then.</summary>
    private HoldClock ClockOf(RecipientRecord recipient, DateTimeOffset end, DateTimeOffset now) => new(
        IsDue: recipient.HeldUntil is not { } until || until <= now,
        IsOver: end <= now || recipient.HeldUntil <= now,
        IsLast: now - end >= options.Longest);

    private static List<int> Held(MessageRecord record) =>
        [.. Enumerable.Range(0, record.Recipients.Count).Where(i => record.Recipients[i].State == MessageState.Held)];

    private static RecipientRecord Freed(RecipientRecord recipient, VerdictAction action) =>
        recipient with { Action = action, State = MessageState.Queued, HeldUntil = null, NextAttemptAt = null };

    private static string Scanned(Judgement judgement) => judgement.Report.Engines.Count == 0
        ? "no engine is there to scan it"
        : "scanned by " + string.Join(", ", judgement.Report.Engines.Select(e => $"{e.Name} {e.Version}".TrimEnd()));

    private static MessageEvent Event(MessageEventKind kind, DateTimeOffset at, string text) => new() { At = at, Kind = kind, Text = text };

    internal static Envelope EnvelopeOf(MessageRecord record) => new()
    {
        Reference = record.Reference,
        ConnectionId = record.ConnectionId,
        Tenant = record.Tenant,
        Direction = record.Direction,
        ReversePath = PathOf(record.ReversePath),
        Recipients = [.. record.Recipients.Select(r => PathOf(r.Address))],
        ClientAddress = IPAddress.TryParse(record.ClientAddress, out var address) ? address : IPAddress.None,
        HeloName = record.HeloName,
        IsEsmtp = record.IsEsmtp,
        TlsVersion = record.TlsVersion,
        AuthenticatedAs = record.AuthenticatedAs,
        Is8Bit = record.Is8Bit,
        IsSmtpUtf8 = record.IsSmtpUtf8,
        ReceivedAt = record.ReceivedAt,
    };

    private static MailPath PathOf(string address) => MailPath.TryParse(address, out var path) ? path : MailPath.Null;

    [LoggerMessage(Level = LogLevel.Information, Message = "Held message {Reference} was judged again: {Action}; released for {Released}, quarantined for {Quarantined} recipients")]
    private partial void LogReviewed(string reference, VerdictAction action, int released, int quarantined);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Held message {Reference} could not be judged again, next try in {Seconds} s")]
    private partial void LogNotReviewed(string reference, double seconds, Exception exception);
}
