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
/// stranger would go to whoever was forged.
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

    /// <summary>What the timeline says of them.</summary>
    public List<MessageEvent> Events(IReadOnlyList<Notice> notices) =>
    [
        .. notices.Select(n => new MessageEvent
        {
            At = timeProvider.GetUtcNow(),
            Kind = MessageEventKind.RuleApplied,
            Text = $"{n.Cause}: {n.To} is told in message {n.Reference}",
            Related = n.Reference,
        }),
    ];

    /// <summary>A notice that cannot be stored is logged and no reason to refuse mail.</summary>
    public async Task SendAsync(IReadOnlyList<Notice> notices, CancellationToken cancellationToken)
    {
        foreach (var notice in notices)
        {
            try
            {
                await SendAsync(notice, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotSent(notice.Reference, e);
            }
        }
    }

    /// <exception cref="IOException">The disk cannot take it.</exception>
    public async Task SendAsync(Notice notice, CancellationToken cancellationToken)
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
        var entry = await spool.CommitAsync(draft, record, cancellationToken);
        messageLog.Save(record);
        queue.Enqueue(entry, record);
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
    private partial void LogNotSent(string reference, Exception exception);
}
