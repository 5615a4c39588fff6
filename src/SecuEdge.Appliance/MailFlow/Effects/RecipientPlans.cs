using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>
/// Writes what rules decided into the record of a message: where it goes for each recipient, and the effects that are carried out on the
/// way. Everything after this works on the record alone, so that it survives a restart.
/// </summary>
internal static class RecipientPlans
{
    /// <summary>A recipient of a message that we take.</summary>
    /// <param name="holdTime">As settings have it, for what no rule holds.</param>
    public static RecipientRecord Accepted(MailPath recipient, Verdict verdict, TimeSpan holdTime, DateTimeOffset now)
    {
        var byRule = verdict.Action == VerdictAction.Hold && verdict.Disposition is { Action: HoldAction, HeldUntil: { } end } ? end - now : (TimeSpan?)null;

        // A rule's time does not shorten what a finding asks for.
        var time = byRule is { } own && (own > holdTime || !verdict.BeforeRules().Any(o => o.Matched && o.Action == VerdictAction.Hold)) ? own : holdTime;
        DateTimeOffset? until = verdict.Action == VerdictAction.Hold ? now + time : null;
        return new RecipientRecord
        {
            Address = recipient.ToString(),

            // Some recipients of this transaction accept: the others must not be refused to the sender, nor bounced. They wait for a person.
            Action = verdict.Action is VerdictAction.Reject ? VerdictAction.Quarantine : verdict.Action,
            State = verdict.Action switch
            {
                VerdictAction.Hold => MessageState.Held,
                VerdictAction.Discard => MessageState.Dropped,
                _ => MessageState.Queued,
            },
            HeldUntil = until,
            IsHeldByRule = byRule is not null,
            RuleHoldsUntil = byRule is null ? null : until,
            Queue = QueueOf(verdict),
        };
    }

    /// <summary>At once, after a hold, or when a person lets it out of quarantine.</summary>
    public static IEnumerable<int> WhoMayGetIt(IReadOnlyList<Verdict> verdicts) =>
        Enumerable.Range(0, verdicts.Count).Where(i => verdicts[i].Action != VerdictAction.Discard);

    public static string QueueOf(Verdict verdict) =>
        verdict is { Action: VerdictAction.Quarantine, Disposition.Action: QuarantineAction kept } ? kept.Queue : "";

    /// <summary>
    /// The record with the effects of those who get the message, and the events that say so. Effects of an earlier verdict are replaced. With what
    /// is for quarantine goes what locked rules demand: it is for the day of the release.
    /// </summary>
    /// <param name="indexes">Recipients who get it, or may.</param>
    public static MessageRecord WithEffects(MessageRecord record, IEnumerable<int> indexes, Judgement judgement, DateTimeOffset now)
    {
        var (recipients, effects, events) = (record.Recipients.ToArray(), record.Effects.ToList(), new List<MessageEvent>());
        foreach (var index in indexes)
        {
            var places = new List<int>();
            RuleEffect? redirect = null;
            var verdict = judgement.Verdicts[index];
            var isForQuarantine = recipients[index].Action == VerdictAction.Quarantine;
            foreach (var effect in isForQuarantine ? verdict.Effects.Concat(verdict.Demands).Where(e => e.IsLocked) : verdict.Effects)
            {
                if (effect.Action is RedirectAction)
                {
                    // Two rules that send it to two places contradict; the first one asked has the higher priority. A release says itself to whom.
                    redirect ??= isForQuarantine ? null : effect;
                }
                else if (IsOnTheWay(effect) && Resolve(effect, judgement.Anatomy) is { } resolved)
                {
                    places.Add(PlaceOf(effects, resolved));
                }
            }

            var to = redirect is { Action: RedirectAction r } && MailPath.TryParse(r.To, out var path) && !path.IsNull ? path.ToString() : null;
            recipients[index] = recipients[index] with { Effects = places, RedirectedTo = to };
            if (redirect is not null)
            {
                events.Add(new MessageEvent
                {
                    At = now,
                    Kind = MessageEventKind.RuleApplied,
                    Recipient = recipients[index].Address,
                    Text = to is null ? $"{RuleWords.By(redirect)}: not redirected, because the address is none" : $"{RuleWords.By(redirect)}: goes to {to} instead",
                });
            }
        }

        return (record with { Recipients = recipients, Effects = effects }).Add(events);
    }

    /// <summary>What rules decided, one event for each rule: discarded, held and quarantined mail says whose wish that was.</summary>
    public static List<MessageEvent> Dispositions(IReadOnlyList<Verdict> verdicts, DateTimeOffset now) =>
        [.. verdicts
            .Where(v => v.Disposition is not null && v.Action is VerdictAction.Discard or VerdictAction.Quarantine or VerdictAction.Hold)
            .Select(v => (v.Action, Effect: v.Disposition!))
            .DistinctBy(d => (d.Action, d.Effect.Rule, d.Effect.Node))
            .Select(d => new MessageEvent
            {
                At = now,
                Kind = d.Action == VerdictAction.Discard ? MessageEventKind.Dropped : MessageEventKind.RuleApplied,
                Text = d.Action switch
                {
                    VerdictAction.Discard => $"{RuleWords.By(d.Effect)}: discarded",
                    VerdictAction.Hold => $"{RuleWords.By(d.Effect)}: held",
                    _ => $"{RuleWords.By(d.Effect)}: for quarantine{(d.Effect.Action is QuarantineAction q ? $" '{q.Queue}'" : "")}",
                },
            })];

    /// <summary>
    /// The record of a message that has left: what was done stands in its events, and texts of banners need not be kept with each. What locked
    /// rules demand of a release stays with whom it is kept for.
    /// </summary>
    public static MessageRecord WithoutEffects(this MessageRecord record)
    {
        if (record.Effects.Count == 0 && record.Recipients.All(r => r.Effects.Count == 0))
        {
            return record;
        }

        var kept = new List<RuleEffect>();
        return record with
        {
            Recipients = [.. record.Recipients.Select(r => r.Effects.Count == 0 ? r : r with
            {
                Effects = r.State != MessageState.Quarantined ? [] : [.. DemandedOf(record, r).Select(place => PlaceOf(kept, record.Effects[place]))],
            })],
            Effects = kept,
        };
    }

    /// <summary>Of the effects of a recipient, those that a release cannot leave out.</summary>
    public static IEnumerable<int> DemandedOf(MessageRecord record, RecipientRecord recipient) => recipient.Effects.Where(place => record.Effects[place].IsLocked);

    /// <summary>A copy is kept with a held message: it is sent with it.</summary>
    private static bool IsOnTheWay(RuleEffect effect) => Rewriting.MessageRewriter.IsRewriting(effect.Action) || effect.Action is CopyAction;

    /// <summary>Which files: where the rule is not about files, all of them, and never a signature. Null when there is nothing to do.</summary>
    private static RuleEffect? Resolve(RuleEffect effect, MessageAnatomy anatomy)
    {
        if (effect.Action is not RemoveAttachmentsAction removal)
        {
            return effect;
        }

        var isAll = removal.Which is null && effect.Files.Count == 0;
        List<string> files = [.. isAll ? MessageFiles.Attached(anatomy.Root).Select(p => p.Path) : effect.Files.Except(MessageFiles.Signatures(anatomy.Root).Select(p => p.Path))];
        return files.Count > 0 ? effect with { Files = files } : null;
    }

    private static int PlaceOf(List<RuleEffect> effects, RuleEffect effect)
    {
        var place = effects.FindIndex(e => e.Rule == effect.Rule && e.Node == effect.Node && e.Action == effect.Action && e.Files.SequenceEqual(effect.Files));
        if (place < 0)
        {
            place = effects.Count;
            effects.Add(effect);
        }

        return place;
    }
}
