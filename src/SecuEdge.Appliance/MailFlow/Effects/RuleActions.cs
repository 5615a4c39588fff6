using System.Collections.Frozen;
using SecuEdge.Appliance.MailFlow.Effects.Notices;
using SecuEdge.Appliance.MailFlow.Effects.Rewriting;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>
/// What rules want done with a message, as the receiver and the review of held mail need it:
/// <code>
/// judged ─► refused: the rule's words, notices
///        ─► greylisted: 451
///        ─► accepted: notices and copies on disk ─► message on disk ─► 250
///                                                      └─► delivered: redirected, and changed in bytes (Rewriting)
/// </code>
/// Effects are carried out for those who get the message; copies and notices whatever becomes of it, so that no rule tears a hole into the archive
/// of another.
/// </summary>
internal sealed class RuleActions(
    ISpool spool, CopySender copies, Greylisting greylisting, NoticeSender notices, SiteHolder sites, GatewayMetrics metrics, TimeProvider timeProvider)
{
    private const int MaxRefusal = 200;

    /// <summary>The words for actions in rules and metrics.</summary>
    public static FrozenDictionary<Type, string> Words { get; } = typeof(RuleAction)
        .GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), inherit: false)
        .Cast<System.Text.Json.Serialization.JsonDerivedTypeAttribute>()
        .ToFrozenDictionary(a => a.DerivedType, a => (string)a.TypeDiscriminator!);

    /// <summary>The words of the rule that refuses; null when it has none, or no rule does.</summary>
    public static string? RefusalOf(Judgement judgement)
    {
        var words = judgement.Verdicts.Select(v => (v.Disposition?.Action as RejectAction)?.Text).FirstOrDefault(t => !string.IsNullOrWhiteSpace(t));
        return words is null ? null : Plain.AsciiLine(words, MaxRefusal) is { Length: > 0 } line ? line : null;
    }

    /// <returns>Null to let it pass.</returns>
    public (SmtpReply Reply, MessageEvent Event)? Greylist(Envelope envelope, Judgement judgement) =>
        greylisting.Ask(envelope, judgement.Verdicts) is not { } wait
            ? null
            : (wait.Reply, new MessageEvent { At = timeProvider.GetUtcNow(), Kind = MessageEventKind.RuleApplied, Text = $"{RuleWords.By(wait.Rule)}: greylisted" });

    /// <summary>Notices and copies, then the message. What rules discard for everybody needs no bytes, and has no entry.</summary>
    /// <returns>Its notices are to be sent, once the message is on its way.</returns>
    /// <exception cref="IOException">Nothing is kept.</exception>
    public async Task<(ISpoolEntry? Entry, MessageRecord Record, CommittedNotices Notices)> CommitAsync(
        ISpoolDraft draft, MessageRecord record, Judgement judgement, IReadOnlyList<Notice> planned, CancellationToken cancellationToken)
    {
        var told = await notices.CommitAsync(planned, cancellationToken);
        try
        {
            var (entry, kept) = await CommitAsync(draft, record.Add([.. told.Events]), judgement, cancellationToken);
            return (entry, kept, told);
        }
        catch
        {
            await notices.RevokeAsync(told.Stored);
            throw;
        }
    }

    private async Task<(ISpoolEntry? Entry, MessageRecord Record)> CommitAsync(ISpoolDraft draft, MessageRecord record, Judgement judgement, CancellationToken cancellationToken)
    {
        IEnumerable<int> whoGetItNow = Enumerable.Range(0, record.Recipients.Count).Where(i => record.Recipients[i].State == MessageState.Queued && !record.Recipients[i].IsForQuarantine());
        List<RuleEffect> ofKept = [.. judgement.Verdicts.Where(v => v.Action > VerdictAction.Hold).SelectMany(v => v.Effects.Concat(v.Demands))];
        var wanted = CopySender.Wanted(record, whoGetItNow, CopySender.MayLetOut(judgement.Report.Findings) ? ofKept : []);
        if (wanted.Count == 0 && ofKept.Find(e => e.Action is CopyAction) is { } withheld)
        {
            record = record.Add([new MessageEvent { At = timeProvider.GetUtcNow(), Kind = MessageEventKind.RuleApplied, Text = $"{RuleWords.By(withheld)}: no copy sent, because the message is not known to be harmless" }]);
        }

        var (sent, named) = wanted.Count == 0 ? ([], record) : await copies.CommitAsync(draft.Bytes, record, wanted, cancellationToken);
        if (!named.HasOpen())
        {
            copies.Send(sent);
            return (null, named.WithoutEffects());
        }

        ISpoolEntry entry;
        try
        {
            entry = await spool.CommitAsync(draft, named, cancellationToken);
        }
        catch
        {
            await copies.RevokeAsync(sent, CancellationToken.None);
            throw;
        }

        copies.Send(sent);
        return (entry, named);
    }

    /// <summary>
    /// Copies of a message that a rule refuses, on disk before the 550. What findings or the score refuse was never the company's mail.
    /// </summary>
    /// <param name="record">As it would be if it were ours.</param>
    /// <returns>What the timeline says of them.</returns>
    /// <exception cref="IOException">Nothing is kept.</exception>
    public async Task<List<MessageEvent>> CopyRefusedAsync(ISpoolDraft draft, MessageRecord record, Judgement judgement, CancellationToken cancellationToken)
    {
        var wanted = CopySender.Wanted(record, [], judgement.Verdicts.Where(v => v.Disposition is not null).SelectMany(v => v.Effects.Concat(v.Demands)));
        if (wanted.Count == 0 || !CopySender.MayLetOut(judgement.Report.Findings))
        {
            return [];
        }

        var (sent, named) = await copies.CommitAsync(draft.Bytes, record, wanted, cancellationToken);
        copies.Send(sent);
        return [.. named.Events.Skip(record.Events.Count)];
    }

    /// <summary>Notices for everybody, and a count of what was decided.</summary>
    public IReadOnlyList<Notice> Notices(Envelope envelope, Judgement judgement)
    {
        foreach (var effect in judgement.Verdicts.SelectMany(v => v.Disposition is { } final ? v.Effects.Append(final) : v.Effects))
        {
            metrics.RuleActionDecided(Words[effect.Action.GetType()]);
        }

        // Refused for some, it is kept for them: the sender is told that it was accepted.
        var isRefused = judgement.Verdicts.All(v => v.Action == VerdictAction.Reject);
        return Notices(
            envelope, judgement, [.. RecipientsNow(judgement)],
            i => judgement.Verdicts[i].Action == VerdictAction.Reject && !isRefused ? VerdictAction.Quarantine : judgement.Verdicts[i].Action);
    }

    /// <param name="indexes">Those about whom it is decided now.</param>
    /// <param name="outcomeOf">What becomes of it for one of them.</param>
    public IReadOnlyList<Notice> Notices(Envelope envelope, Judgement judgement, IReadOnlyList<int> indexes, Func<int, VerdictAction> outcomeOf) =>
        indexes.Any(i => judgement.Verdicts[i].Effects.Any(e => e.Action is NotifyAction)) ? notices.Plan(sites.Current, envelope, judgement, indexes, outcomeOf) : [];

    public Task<CommittedNotices> CommitAsync(IReadOnlyList<Notice> planned, CancellationToken cancellationToken) => notices.CommitAsync(planned, cancellationToken);

    public void Send(CommittedNotices committed) => notices.Send(committed);

    /// <summary>About held mail nobody knows yet what to tell.</summary>
    private static IEnumerable<int> RecipientsNow(Judgement judgement) =>
        Enumerable.Range(0, judgement.Verdicts.Count).Where(i => judgement.Verdicts[i].Action != VerdictAction.Hold);
}

/// <summary>The actions of rules in the container.</summary>
internal static class RuleActionsRegistration
{
    public static IServiceCollection AddRuleActions(this IServiceCollection services) => services
        .AddSingleton<MessageRewriter>()
        .AddSingleton<CopySender>()
        .AddSingleton<Greylisting>()
        .AddSingleton<NoticeLimit>()
        .AddSingleton<NoticeSender>()
        .AddSingleton<RuleActions>();
}
