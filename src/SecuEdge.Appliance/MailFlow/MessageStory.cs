using System.Globalization;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Writes the first chapter of a message's timeline: connection, what was found, what was decided, what we answered.</summary>
internal sealed class MessageStory(Envelope envelope, Judgement judgement, long sizeBytes, TimeSpan received, TimeProvider timeProvider)
{
    public Judgement Judgement { get; } = judgement;

    public Envelope Envelope => envelope;

    /// <param name="traceHeaders">Header lines that delivery puts in front of the bytes.</param>
    /// <param name="holdTime">For recipients whose verdict is to hold it.</param>
    public MessageRecord Accepted(string traceHeaders, Func<MailPath, TimeSpan> holdTime)
    {
        var now = timeProvider.GetUtcNow();
        var isKept = Judgement.Verdicts.Any(v => v.Action != VerdictAction.Discard);
        var record = Record(
            [.. envelope.Recipients.Select((r, i) => RecipientPlans.Accepted(r, Judgement.Verdicts[i], holdTime(r), now))],
            traceHeaders,
            MessageEventKind.Accepted,
            isKept ? "Accepted and stored" : "Accepted");
        record = RecipientPlans.WithEffects(record, RecipientPlans.WhoMayGetIt(Judgement.Verdicts), Judgement, now).Add(RecipientPlans.Dispositions(Judgement.Verdicts, now));
        return record.HeldUntil() is { } until
            ? record.Add([new MessageEvent { At = now, Kind = MessageEventKind.Held, Text = HeldText(until, Why(Judgement)) }])
            : record;
    }

    /// <summary>The decision and the finding behind it, as one sentence.</summary>
    public static string Sentence(Judgement judgement)
    {
        var verdict = judgement.Strongest;
        var why = Why(judgement);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict.Action} as {verdict.Class}, score {verdict.Score:0.##}, decided by {verdict.Author}{(why.Length > 0 ? ": " : "")}{why}");
    }

    public static string HeldText(DateTimeOffset until, string why) =>
        string.Create(CultureInfo.InvariantCulture, $"Held until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {why}");

    public MessageRecord Refused(SmtpReply reply) => Record(
        [.. envelope.Recipients.Select((r, i) => new RecipientRecord
        {
            Address = r.ToString(),
            Action = reply.IsPermanent ? VerdictAction.Reject : VerdictAction.Defer,
            State = reply.IsPermanent ? MessageState.Rejected : MessageState.TemporarilyRefused,
            LastReply = reply.ToString(),
        })],
        "",
        MessageEventKind.Refused,
        $"Answered {reply}");

    private MessageRecord Record(IReadOnlyList<RecipientRecord> recipients, string traceHeaders, MessageEventKind end, string endText)
    {
        var headers = Judgement.Anatomy.Headers;
        var verdict = Judgement.Strongest;
        return new MessageRecord
        {
            Reference = envelope.Reference,
            ReceivedAt = envelope.ReceivedAt,
            Direction = envelope.Direction,
            Tenant = envelope.Tenant,
            ConnectionId = envelope.ConnectionId,
            ClientAddress = envelope.ClientAddress.ToString(),
            HeloName = envelope.HeloName,
            IsEsmtp = envelope.IsEsmtp,
            TlsVersion = envelope.TlsVersion,
            AuthenticatedAs = envelope.AuthenticatedAs,
            ReversePath = envelope.ReversePath.ToString(),
            Recipients = recipients,
            HeaderFrom = Short(headers.From),
            Subject = Short(headers.Subject),
            MessageId = Short(headers.MessageId),
            SizeBytes = sizeBytes,
            Is8Bit = envelope.Is8Bit || Judgement.Anatomy.Flags.HasFlag(Content.AnatomyFlags.EightBit),
            IsSmtpUtf8 = NeedsSmtpUtf8,
            IsFirstContact = Judgement.Facts.IsFirstContact,
            IsAutomatic = headers.IsAutomatic,
            Action = recipients.Max(r => r.Action),
            Class = verdict.Class,
            Score = verdict.Score,
            DecidedBy = verdict.Author,
            Reasons = Judgement.Reasons,
            Findings = Judgement.Findings,
            Engines = Judgement.Report.Engines,
            TraceHeaders = traceHeaders,
            Events =
            [
                new MessageEvent
                {
                    At = envelope.ReceivedAt,
                    Kind = MessageEventKind.Received,
                    Text = string.Create(CultureInfo.InvariantCulture, $"{sizeBytes} bytes from [{envelope.ClientAddress}] {envelope.HeloName} {envelope.TlsVersion ?? "without TLS"}"),
                    Milliseconds = Math.Round(received.TotalMilliseconds, 2),
                },
                new MessageEvent
                {
                    At = timeProvider.GetUtcNow(),
                    Kind = MessageEventKind.Judged,
                    Text = Sentence(Judgement),
                    Milliseconds = Math.Round((Judgement.ExaminedIn + Judgement.Report.Duration).TotalMilliseconds, 2),
                },
                .. JudgedReasons.Watched(Judgement.Facts.Recipients, Judgement.Verdicts, timeProvider.GetUtcNow()),
                new MessageEvent { At = timeProvider.GetUtcNow(), Kind = end, Text = endText },
            ],
        };
    }

    private static string Why(Judgement judgement)
    {
        var why = judgement.Findings.FirstOrDefault(f => f.Code == judgement.Strongest.DecidedBy);
        return why is null ? RuleOf(judgement) : why.Detail.Length > 0 ? $"{why.Text} ({why.Detail})" : why.Text;
    }

    /// <summary>What was compared only where it is the same for everybody: this sentence is for all recipients.</summary>
    private static string RuleOf(Judgement judgement)
    {
        var author = judgement.Strongest.Disposition ?? judgement.Strongest.Acted.FirstOrDefault(e => e.Rule == judgement.Strongest.Author);
        return judgement.Reasons.FirstOrDefault(r => r.Rule == judgement.Strongest.Author && r.Recipients.Count == 0 && !r.IsWatching) is { } reason ? RuleWords.Because(reason)
            : author is null ? ""
            : $"{RuleWords.By(author)} says so";
    }

    /// <summary>Clients often say SMTPUTF8 without need; kept as said, such mail could not go to older servers (RFC 6531 §3.6).</summary>
    private bool NeedsSmtpUtf8 => envelope.IsSmtpUtf8
        && (envelope.ReversePath.IsInternational || envelope.Recipients.Any(r => r.IsInternational) || Judgement.Anatomy.Flags.HasFlag(Content.AnatomyFlags.EightBit));

    /// <summary>Enough to recognise a message by; a header may be kilobytes.</summary>
    private static string Short(string text) => text.Length <= 250 ? text : text[..249] + "…";
}
