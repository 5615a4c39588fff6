using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>
/// Decides whom rules tell of a message, and sends it. A sender hears of it only where he is one of ours and a person: a notice to a
/// stranger would go to whoever was forged. Notices are on disk before the message they tell of: a crash between the two may tell of a message
/// that the sender then brings again, and never loses a notice that the timeline says was sent.
/// </summary>
internal sealed partial class NoticeSender(
    ISpool spool, IMessageLog messageLog, MailQueue queue, References references, NoticeLimit limit, SmtpClientOptions identity, GatewayMetrics metrics,
    TimeProvider timeProvider, ILogger<NoticeSender> logger)
{
    /// <summary>Notices of a message, one for each rule and reader. Those that were sent a moment ago are counted instead.</summary>
    /// <param name="outcomeOf">What really becomes of the message for one of them, where that is not what his verdict asks for.</param>
    public IReadOnlyList<Notice> Plan(SiteDirectory site, Envelope envelope, Judgement judgement, IReadOnlyList<int> indexes, Func<int, VerdictAction> outcomeOf)
    {
        var asked = new List<(RuleEffect Effect, string To, bool IsRecipient, int Index)>();
        foreach (var i in indexes)
        {
            foreach (var effect in judgement.Verdicts[i].Effects.Where(e => e.Action is NotifyAction))
            {
                var action = (NotifyAction)effect.Action;
                foreach (var whom in action.Whom)
                {
                    asked.AddRange(Addresses(whom, action, site, envelope, judgement, i).Select(to => (effect, to, whom == NotifyWhom.Recipients, i)));
                }
            }
        }

        var notices = new List<Notice>();
        var values = new NoticeValues(site, envelope, judgement, timeProvider.GetUtcNow());
        foreach (var (effect, to, isRecipient, index) in asked.DistinctBy(a => (a.Effect.Node, a.Effect.Rule, a.To.ToLowerInvariant())))
        {
            var suppressed = limit.Take(envelope.Tenant, effect.Node, effect.Rule, to);
            metrics.NoticeDecided(isSent: suppressed is not null);
            if (suppressed is { } count)
            {
                var words = WordsOf(site, envelope.Tenant, ((NotifyAction)effect.Action).Template ?? TemplateFor(judgement.Verdicts[index], outcomeOf(index)));
                var cause = RuleWords.By(effect);
                notices.Add(new Notice(
                    references.Next(), envelope.Tenant, to, cause, $"Notice made here about message {envelope.Reference} for {cause}", words,
                    values.Of(effect, outcomeOf(index), isRecipient ? to : null, words.Text.Language), count)
                {
                    About = envelope.Reference,
                    Effect = effect,
                });
            }
        }

        return notices;
    }

    /// <summary>The template of a rule that names none: the one that is true of this message.</summary>
    private static string TemplateFor(Verdict verdict, VerdictAction outcome) => outcome switch
    {
        VerdictAction.Quarantine => BuiltInNotices.Quarantined,
        VerdictAction.Discard or VerdictAction.Defer or VerdictAction.Reject => BuiltInNotices.General,
        _ => verdict.Effects.Any(e => e.Action is RemoveAttachmentsAction) ? BuiltInNotices.Removed : BuiltInNotices.Delivered,
    };

    /// <summary>Of the template in force at a tenant, in its language. A name that nobody wrote a template for gets the general one.</summary>
    public static NoticeWords WordsOf(SiteDirectory site, string tenant, string template)
    {
        var route = site.FindTenant(tenant);
        PlacedNotice? Find(string name) => route?.FindNotice(name) ?? (BuiltInNotices.Find(name) is { } own ? new PlacedNotice(own, BuiltInNotices.Node) : null);
        return NoticeWords.Of(Find(template) ?? Find(BuiltInNotices.General)!, new TenantServices(site).LanguageOf(tenant));
    }

    /// <summary>One that cannot be stored is logged and no reason to refuse mail; the next of its kind counts it.</summary>
    public async Task<CommittedNotices> CommitAsync(IReadOnlyList<Notice> notices, CancellationToken cancellationToken)
    {
        var stored = new List<CommittedNotice>();
        var events = new List<MessageEvent>();
        try
        {
            foreach (var notice in notices)
            {
                try
                {
                    stored.Add(await CommitAsync(notice, cancellationToken));
                    events.Add(Event($"{notice.Cause}: {notice.To} is told in message {notice.Reference}") with { Related = notice.Reference });
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    LogNotStored(notice.Reference, e);
                    GiveBack(notice, notice.Suppressed + 1);
                    events.Add(Event($"{notice.Cause}: {notice.To} could not be told, because the notice could not be stored"));
                }
            }
        }
        catch
        {
            // The client went: each notice so far left an event, those from there on have their turn still.
            foreach (var notice in notices.Skip(events.Count))
            {
                GiveBack(notice, notice.Suppressed);
            }

            await RevokeAsync(stored);
            throw;
        }

        return new CommittedNotices(stored, events);
    }

    /// <summary>What they tell of has happened: they go.</summary>
    public void Send(CommittedNotices notices)
    {
        foreach (var notice in notices.Stored)
        {
            Send(notice);
        }
    }

    /// <summary>It has not happened after all. When the message comes again, it tells as if for the first time.</summary>
    public async Task RevokeAsync(IReadOnlyList<CommittedNotice> stored)
    {
        foreach (var (notice, entry, record) in stored)
        {
            GiveBack(notice, notice.Suppressed);
            try
            {
                var dropped = Event("The message it tells of was not accepted") with { Kind = MessageEventKind.Dropped };
                await spool.FinishAsync(entry, record.Change([0], r => r with { State = MessageState.Dropped }).Add([dropped]), CancellationToken.None);
            }
            catch (IOException e)
            {
                LogNotRevoked(notice.Reference, e);
            }
        }
    }

    /// <exception cref="IOException">The disk cannot take it.</exception>
    public async Task SendAsync(Notice notice, CancellationToken cancellationToken) => Send(await CommitAsync(notice, cancellationToken));

    private void Send(CommittedNotice notice)
    {
        messageLog.Save(notice.Record);
        queue.Enqueue(notice.Entry, notice.Record);
    }

    private void GiveBack(Notice notice, int missed)
    {
        if (notice.Effect is { } effect)
        {
            limit.GiveBack(effect.Node, effect.Rule, notice.To, missed);
        }
    }

    private MessageEvent Event(string text) => new() { At = timeProvider.GetUtcNow(), Kind = MessageEventKind.RuleApplied, Text = text };

    private async Task<CommittedNotice> CommitAsync(Notice notice, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var (bytes, subject) = NoticeWriter.Write(notice, identity.Hostname, now);
        await using var draft = spool.OpenDraft();
        await draft.WriteAsync(bytes, cancellationToken);
        var isInternational = !System.Text.Ascii.IsValid(notice.To);
        var record = new MessageRecord
        {
            Reference = notice.Reference,
            ReceivedAt = now,
            Direction = Direction.Outbound,
            Tenant = notice.Tenant,
            ConnectionId = "",
            ClientAddress = "",
            ReversePath = "",
            Recipients = [new RecipientRecord { Address = notice.To, Action = VerdictAction.Deliver, State = MessageState.Queued }],
            HeaderFrom = $"postmaster@{identity.Hostname}",
            Subject = subject,
            MessageId = $"{notice.Reference}@{identity.Hostname}",
            SizeBytes = bytes.Length,
            IsSmtpUtf8 = isInternational,
            Is8Bit = isInternational,
            IsAutomatic = true,
            Origin = notice.About is { } about ? new MessageOrigin(about, OriginKind.Notice) : null,
            Events =
            [
                new MessageEvent { At = now, Kind = MessageEventKind.Accepted, Text = notice.Story, Related = notice.About },
            ],
        };
        return new CommittedNotice(notice, await spool.CommitAsync(draft, record, cancellationToken), record);
    }

    private static IEnumerable<string> Addresses(NotifyWhom whom, NotifyAction action, SiteDirectory site, Envelope envelope, Judgement judgement, int index)
    {
        IEnumerable<string> addresses = whom switch
        {
            NotifyWhom.Sender => IsOwnPerson(site, envelope, judgement) ? [envelope.ReversePath.ToString()] : [],
            NotifyWhom.Recipients => envelope.Direction == Direction.Inbound ? [envelope.Recipients[index].ToString()] : [],
            NotifyWhom.Administrator => new TenantServices(site).ContactsOf(envelope.Tenant),
            NotifyWhom.Address => action.Address is { } one ? [one] : [],
            _ => throw new ArgumentOutOfRangeException(nameof(whom), whom, null),
        };
        return addresses.Where(a => MailPath.TryParse(a, out var path) && !path.IsNull && path.Domain.Length > 0);
    }

    private static bool IsOwnPerson(SiteDirectory site, Envelope envelope, Judgement judgement) =>
        envelope.Direction == Direction.Outbound
        && !envelope.ReversePath.IsNull
        && !judgement.Anatomy.Headers.IsAutomatic
        && site.FindDomain(envelope.ReversePath.Domain)?.Tenant.Tenant.Name == envelope.Tenant;

    [LoggerMessage(Level = LogLevel.Error, Message = "Notice {Reference} could not be stored")]
    private partial void LogNotStored(string reference, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notice {Reference} tells of a message that was not accepted, and cannot be taken back; the next start sends it")]
    private partial void LogNotRevoked(string reference, Exception exception);
}
