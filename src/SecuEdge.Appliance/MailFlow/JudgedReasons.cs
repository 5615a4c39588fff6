using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>What a story keeps of why rules and thresholds decided so: the same sentence of several recipients once, with those it is about.</summary>
internal static class JudgedReasons
{
    private const int MaxReasons = 12;

    // A sentence may mean reading the text again; what rules that do not compare the recipient say of these, they say of the rest of a long list.
    private const int MaxExplained = 20;

    private const int MaxWatched = 10;

    // Enough to see whom such a rule is about; it changes nothing for the rest.
    private const int MaxWatchers = 10;

    public static IReadOnlyList<RuleReason> Of(IReadOnlyList<string> recipients, IReadOnlyList<Verdict> verdicts)
    {
        var found = new List<(RuleReason Reason, List<int> Indexes)>();
        for (var i = 0; i < verdicts.Count; i++)
        {
            if (i < MaxExplained)
            {
                foreach (var reason in RuleReason.Of(verdicts[i]))
                {
                    Add(found, Same(reason), reason, i);
                }
            }
            else
            {
                foreach (var answer in ActedIn(verdicts[i]))
                {
                    var reason = Unexplained(verdicts[i], answer);
                    var place = answer.IsOfRecipient ? Same(reason) : found.FindIndex(f => f.Reason.Rule == reason.Rule && f.Reason.Node == reason.Node);
                    Add(found, place, reason, i);
                }
            }
        }

        return [.. found.Take(MaxReasons).Select(f => f.Indexes.Count == verdicts.Count ? f.Reason : f.Reason with { Recipients = [.. f.Indexes.Select(i => recipients[i])] })];

        int Same(RuleReason reason) => found.FindIndex(f => f.Reason == reason with { Recipients = f.Reason.Recipients });
    }

    /// <summary>
    /// What rules in monitor mode would have done: a line for all recipients, or one for each whom it is about, because every recipient reads what
    /// is of nobody, and to how many a message went is nothing for him.
    /// </summary>
    public static IEnumerable<MessageEvent> Watched(IReadOnlyList<string> recipients, IReadOnlyList<Verdict> verdicts, DateTimeOffset now) => verdicts
        .SelectMany((v, i) => v.Monitored.Select(rule => (rule, i)))
        .GroupBy(w => w.rule, w => w.i)
        .Take(MaxWatched)
        .SelectMany(w => w.Count() == verdicts.Count ? [null] : w.Take(MaxWatchers).Select(i => (string?)recipients[i]), (w, recipient) => new MessageEvent
        {
            At = now,
            Kind = MessageEventKind.RuleWatched,
            Recipient = recipient,
            Text = RuleWords.WouldHave(w.Key),
        });

    private static void Add(List<(RuleReason Reason, List<int> Indexes)> found, int place, RuleReason reason, int index)
    {
        if (place >= 0)
        {
            found[place].Indexes.Add(index);
        }
        else
        {
            found.Add((reason, [index]));
        }
    }

    private static IEnumerable<RuleAnswer> ActedIn(Verdict verdict)
    {
        var acted = verdict.Acted.Select(e => (e.Rule, e.Node)).Concat(verdict.Monitored.Select(m => (Rule: m.Rule.Name, m.Node))).ToHashSet();
        return acted.Count == 0 ? [] : verdict.Answers.Where(a => acted.Contains((a.Rule.Rule.Name, a.Rule.Node)));
    }

    /// <summary>The sentence of another recipient would name him, and he may have been a blind copy.</summary>
    private static RuleReason Unexplained(Verdict verdict, RuleAnswer answer) => new()
    {
        Rule = answer.Rule.Rule.Name,
        Node = answer.Rule.Node,
        IsDecisive = verdict.Disposition is { } d && (d.Rule, d.Node) == (answer.Rule.Rule.Name, answer.Rule.Node),
        IsWatching = answer.Rule.Rule.Mode == RuleMode.Monitor,
        Why = "Holds for this recipient.",
    };
}
