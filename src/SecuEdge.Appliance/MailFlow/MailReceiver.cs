using Microsoft.Extensions.Logging;
using SecuEdge.Appliance.Directories;
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
/// What the gateway answers on the wire.
///
/// RCPT   whose domain, whose network: tenant and direction, or "relaying denied"
/// DATA   bytes -> draft in the spool -> judged -> refused, or committed and 250
///
/// 250 is sent only after the spool has bytes and envelope on disk. Everything that is our own trouble answers 4xx and keeps nothing.
/// </summary>
internal sealed partial class MailReceiver(
    SiteHolder sites,
    DirectoryRecipients recipients,
    MessageJudge judge,
    ISpool spool,
    IMessageLog messageLog,
    MailQueue queue,
    RuleActions actions,
    References references,
    RefusalNotes refusals,
    Recollection recollection,
    SmtpServerOptions smtpOptions,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<MailReceiver> logger) : ISmtpTransactions
{
    public Task<SmtpReply?> ConnectAsync(SmtpConnection connection, CancellationToken cancellationToken)
    {
        metrics.ConnectionOpened(connection.Role);
        return Task.FromResult<SmtpReply?>(null);
    }

    public Task<SmtpReply?> HelloAsync(SmtpConnection connection, CancellationToken cancellationToken) => Task.FromResult<SmtpReply?>(null);

    public Task<SmtpReply> MailAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        var status = spool.Status;
        if (!status.IsAccepting)
        {
            return Task.FromResult(Refuse(transaction.Connection, SmtpStage.Mail, "storage", new SmtpReply(452, "4.3.1", "Not accepting mail at the moment, please try again later")));
        }

        transaction.State = new Admission(sites.Current, references.Next(), timeProvider.GetUtcNow());
        return Task.FromResult(SmtpReply.Ok);
    }

    public Task<SmtpReply> RecipientAsync(SmtpTransaction transaction, MailPath recipient, CancellationToken cancellationToken)
    {
        var admission = (Admission)transaction.State!;
        var decision = RelayRule.Decide(admission.Site, recipients, transaction.Connection, recipient, timeProvider.GetUtcNow());
        if (decision.Refusal is { } refusal)
        {
            refusals.Note(transaction, recipient, decision, admission.Reference);
            return Task.FromResult(Refuse(transaction.Connection, SmtpStage.Rcpt, RefusalNotes.Word(decision.Reason), refusal with { Text = $"{refusal.Text} [{admission.Reference}]" }));
        }

        if (!admission.TryJoin(decision))
        {
            // One policy judges one message: the client brings this recipient in a transaction of its own (RFC 5321 §4.5.3.1.10).
            return Task.FromResult(Refuse(transaction.Connection, SmtpStage.Rcpt, "other-tenant", new SmtpReply(451, "4.5.3", "Please send to this recipient in a separate transaction")));
        }

        return Task.FromResult(new SmtpReply(250, "2.1.5", "Recipient OK"));
    }

    public Task<SmtpReply?> DataAsync(SmtpTransaction transaction, CancellationToken cancellationToken) => Task.FromResult<SmtpReply?>(null);

    public ISmtpBody OpenBody(SmtpTransaction transaction) => new Body(this, transaction, spool.OpenDraft(), timeProvider);

    public void Refused(SmtpConnection connection, SmtpStage stage, SmtpReply reply) => metrics.Refused(connection.Role, stage, "protocol", reply.Code);

    public void Disconnected(SmtpConnection connection) => metrics.ConnectionClosed(connection.Role);

    private SmtpReply Refuse(SmtpConnection connection, SmtpStage stage, string reason, SmtpReply reply)
    {
        metrics.Refused(connection.Role, stage, reason, reply.Code);
        return reply;
    }

    private async Task<SmtpReply> JudgeAndKeepAsync(SmtpTransaction transaction, ISpoolDraft draft, TimeSpan received, CancellationToken cancellationToken)
    {
        var admission = (Admission)transaction.State!;
        var envelope = EnvelopeOf(transaction, admission);
        Judgement judgement;
        try
        {
            judgement = await judge.JudgeAsync(envelope, a => admission.Site.PolicyFor(envelope.Tenant, a), draft.Bytes, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogJudgeFailed(logger, envelope.Reference, e);
            return Refuse(transaction.Connection, SmtpStage.Data, "internal", SmtpReply.LocalError(envelope.Reference));
        }

        using (judgement)
        {
            var story = new MessageStory(envelope, judgement, draft.Bytes.Length, received, timeProvider);
            if (judgement.Verdicts.Any(v => v.Action == VerdictAction.Defer))
            {
                return Conclude(transaction, story, new SmtpReply(451, "4.7.1", $"This message cannot be checked at the moment, please try again [{envelope.Reference}]"), "unchecked");
            }

            if (judgement.Verdicts.All(v => v.Action == VerdictAction.Reject))
            {
                return await RefuseAsync(transaction, draft, story, judgement, envelope, cancellationToken);
            }

            if (actions.Greylist(envelope, judgement) is { } wait)
            {
                return Conclude(transaction, story, wait.Reply, "greylisted", [wait.Event]);
            }

            return await KeepAsync(transaction, draft, story, judgement, envelope, cancellationToken);
        }
    }

    private async Task<SmtpReply> RefuseAsync(
        SmtpTransaction transaction, ISpoolDraft draft, MessageStory story, Judgement judgement, Envelope envelope, CancellationToken cancellationToken)
    {
        var reply = new SmtpReply(550, "5.7.1", $"{RuleActions.RefusalOf(judgement) ?? $"Refused by policy: {Word(judgement.Strongest.Class)}"} [{envelope.Reference}]");
        List<MessageEvent> copied;
        try
        {
            var record = story.Refused(reply) with { TraceHeaders = TraceHeaders.Build(smtpOptions.Hostname, envelope, null, []) };
            copied = await actions.CopyRefusedAsync(draft, record, judgement, cancellationToken);
        }
        catch (IOException e)
        {
            return Unstored(transaction, story, envelope, e);
        }

        var notices = await actions.CommitAsync(actions.Notices(envelope, judgement), cancellationToken);
        actions.Send(notices);
        return Conclude(transaction, story, reply, Word(judgement.Strongest.Class), [.. copied, .. notices.Events]);
    }

    private SmtpReply Unstored(SmtpTransaction transaction, MessageStory story, Envelope envelope, IOException trouble)
    {
        LogSpoolFailed(logger, envelope.Reference, trouble);
        return Conclude(transaction, story, new SmtpReply(452, "4.3.1", $"The message could not be stored, please try again [{envelope.Reference}]"), "storage");
    }

    private async Task<SmtpReply> KeepAsync(
        SmtpTransaction transaction, ISpoolDraft draft, MessageStory story, Judgement judgement, Envelope envelope, CancellationToken cancellationToken)
    {
        var site = ((Admission)transaction.State!).Site;
        var record = story.Accepted(TraceHeaders.Build(smtpOptions.Hostname, envelope, null, []), r => site.HoldFor(envelope.Tenant, envelope.Direction, r, envelope.ReversePath).TimeOf(envelope.Direction));
        record = TraceHeaders.Put(record, smtpOptions.Hostname, envelope, judgement, Enumerable.Range(0, record.Recipients.Count));
        ISpoolEntry? entry;
        CommittedNotices notices;
        try
        {
            (entry, record, notices) = await actions.CommitAsync(draft, record, judgement, actions.Notices(envelope, judgement), cancellationToken);
        }
        catch (IOException e)
        {
            return Unstored(transaction, story, envelope, e);
        }

        // From here the message is ours: its story, which a quick delivery goes on with, then what moves it on, then what only tells.
        Tell(record, () => messageLog.Save(record));
        if (entry is not null)
        {
            queue.Enqueue(entry, record);
        }

        Tell(record, () => recollection.Accepted(record, judgement));
        Tell(record, () => metrics.MessageJudged(record, judgement));
        Tell(record, () => actions.Send(notices));
        var domain = DomainOf(envelope);
        LogAccepted(logger, envelope.Reference, record.Tenant, domain, record.Recipients.Count, record.Action, record.DecidedBy, record.Score, record.SizeBytes);
        return new SmtpReply(250, "2.0.0", $"Accepted [{envelope.Reference}]");
    }

    /// <summary>What only tells of a message that is ours: were its failure to reach the client, he would bring the message again.</summary>
    private void Tell(MessageRecord record, Action tell)
    {
        try
        {
            tell();
        }
        catch (Exception e)
        {
            LogNotTold(logger, record.Reference, e);
        }
    }

    /// <summary>The message is not ours: say so, and remember why.</summary>
    private SmtpReply Conclude(SmtpTransaction transaction, MessageStory story, SmtpReply reply, string reason, List<MessageEvent>? events = null)
    {
        var record = story.Refused(reply).Add(events ?? []);
        messageLog.Save(record);
        recollection.Refused(record, story.Judgement);
        metrics.MessageJudged(record, story.Judgement);
        var domain = DomainOf(story.Envelope);
        LogRefused(logger, record.Reference, record.Tenant, domain, record.Recipients.Count, reply.Code, record.DecidedBy);
        return Refuse(transaction.Connection, SmtpStage.Data, reason, reply);
    }

    private static Envelope EnvelopeOf(SmtpTransaction transaction, Admission admission)
    {
        var connection = transaction.Connection;
        return new Envelope
        {
            Reference = admission.Reference,
            ConnectionId = connection.Id,
            Tenant = admission.Tenant!.Name,
            Direction = admission.Direction,
            ReversePath = transaction.ReversePath,
            Recipients = [.. transaction.Recipients],
            ClientAddress = connection.Remote.Address.IsIPv4MappedToIPv6 ? connection.Remote.Address.MapToIPv4() : connection.Remote.Address,
            HeloName = connection.HeloName,
            IsEsmtp = connection.IsEsmtp,
            TlsVersion = connection.TlsVersion,
            AuthenticatedAs = connection.AuthenticatedAs,
            Is8Bit = transaction.Is8Bit,
            IsSmtpUtf8 = transaction.IsSmtpUtf8,
            ReceivedAt = admission.StartedAt,
        };
    }

    /// <summary>Enough to find a message in the log by. Addresses are for the message log alone, which forgets them when it must.</summary>
    private static string DomainOf(Envelope envelope) => envelope.ReversePath.IsNull ? "<>" : envelope.ReversePath.Domain;

    private static string Word(MessageClass messageClass) => messageClass.ToString().ToLowerInvariant();

    /// <summary>What RCPT has established for one transaction: the site in force, and whose message this is.</summary>
    private sealed class Admission(SiteDirectory site, string reference, DateTimeOffset startedAt)
    {
        public SiteDirectory Site { get; } = site;

        public string Reference { get; } = reference;

        public DateTimeOffset StartedAt { get; } = startedAt;

        public Tenant? Tenant { get; private set; }

        public Direction Direction { get; private set; }

        public bool TryJoin(RelayDecision decision)
        {
            if (Tenant is null)
            {
                Tenant = decision.Tenant;
                Direction = decision.Direction;
            }

            return Tenant == decision.Tenant && Direction == decision.Direction;
        }
    }

    private sealed class Body(MailReceiver receiver, SmtpTransaction transaction, ISpoolDraft draft, TimeProvider timeProvider) : ISmtpBody
    {
        private readonly long _started = timeProvider.GetTimestamp();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => draft.WriteAsync(bytes, cancellationToken);

        public Task<SmtpReply> CompleteAsync(CancellationToken cancellationToken) =>
            receiver.JudgeAndKeepAsync(transaction, draft, timeProvider.GetElapsedTime(_started), cancellationToken);

        public ValueTask DisposeAsync() => draft.DisposeAsync();
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Accepted {Reference} for {Tenant} from {SenderDomain} to {Recipients} recipients: {Action}, decided by {DecidedBy}, score {Score}, {SizeBytes} bytes")]
    private static partial void LogAccepted(
        ILogger logger, string reference, string tenant, string senderDomain, int recipients, VerdictAction action, string decidedBy, double score, long sizeBytes);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Refused {Reference} for {Tenant} from {SenderDomain} to {Recipients} recipients with {Code}, decided by {DecidedBy}")]
    private static partial void LogRefused(ILogger logger, string reference, string tenant, string senderDomain, int recipients, int code, string decidedBy);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} could not be judged; the client was asked to try again")]
    private static partial void LogJudgeFailed(ILogger logger, string reference, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} was accepted, but not everything that tells of it worked")]
    private static partial void LogNotTold(ILogger logger, string reference, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} could not be stored; the client was asked to try again")]
    private static partial void LogSpoolFailed(ILogger logger, string reference, Exception exception);
}
