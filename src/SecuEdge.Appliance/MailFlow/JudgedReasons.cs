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

    // A sentence may mean reading the text again; what rules say of the rest of a long list is what they say of these.
    private const int MaxExplained = 20;

    private const int MaxWatched = 10;

    public static IReadOnlyList<RuleReason> Of(IReadOnlyList<string> recipients, IReadOnlyList<Verdict> verdicts)
    {
        var found = new List<(RuleReason Reason, List<int> Indexes)>();
        for (var i = 0; i < verdicts.Count; i++)
        {
            if (i < MaxExplained)
            {
                foreach (var reason in RuleReason.Of(verdicts[i]))
                {
                    Add(found, found.FindIndex(f => f.Reason == reason with { Recipients = f.Reason.Recipients }), reason, i);
                }
            }
            else
            {
                foreach (var (rule, node) in ActedIn(verdicts[i]))
                {
                    Add(found, found.FindIndex(f => f.Reason.Rule == rule && f.Reason.Node == node), null, i);
                }
            }
        }

        return [.. found.Take(MaxReasons).Select(f => f.Indexes.Count == verdicts.Count ? f.Reason : f.Reason with { Recipients = [.. f.Indexes.Select(i => recipients[i])] })];
    }

    /// <summary>What rules in monitor mode would have done, a line each.</summary>
    public static IEnumerable<MessageEvent> Watched(IReadOnlyList<string> recipients, IReadOnlyList<Verdict> verdicts, DateTimeOffset now) => verdicts
        .SelectMany((v, i) => v.Monitored.Select(rule => (rule, i)))
        .GroupBy(w => w.rule, w => w.i)
        .Take(MaxWatched)
        .Select(w => new MessageEvent
        {
            At = now,
            Kind = MessageEventKind.RuleWatched,
            Recipient = verdicts.Count > 1 && w.Count() == 1 ? recipients[w.Single()] : null,
            Text = RuleWords.WouldHave(w.Key) + (w.Count() > 1 && w.Count() < verdicts.Count ? $", for {w.Count()} of {verdicts.Count} recipients" : ""),
        });

    private static void Add(List<(RuleReason Reason, List<int> Indexes)> found, int place, RuleReason? reason, int index)
    {
        if (place >= 0)
        {
            found[place].Indexes.Add(index);
        }
        else if (reason is not null)
        {
            found.Add((reason, [index]));
        }
    }

    private static IEnumerable<(string Rule, string Node)> ActedIn(Verdict verdict) =>
        verdict.Acted.Select(e => (e.Rule, e.Node)).Concat(verdict.Monitored.Select(m => (Rule: m.Rule.Name, m.Node))).Distinct();
}
