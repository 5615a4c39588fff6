using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.Contacts;
using SecuEdge.Store.Facts;

namespace SecuEdge.Appliance.Backtest;

/// <summary>Writes down what rules could ask of a message, with what was decided, and with whom mail was exchanged. Returns at once.</summary>
internal sealed class FactsNotes(IFactsLog log, IContacts contacts, SiteHolder sites)
{
    /// <summary>Judged for good: a message that nobody could check is judged again when it comes back.</summary>
    public void Judged(Judgement judgement)
    {
        if (judgement.Strongest.Action != VerdictAction.Defer)
        {
            var memory = new MessageMemory();
            log.Note(RecordedFacts.Of(judgement.Facts, [.. judgement.Verdicts.Select((v, i) => Past(judgement.Facts, v, i, memory))]));
        }
    }

    /// <summary>Ours from now on. What is kept from its recipients makes nobody known to them.</summary>
    public void Accepted(Judgement judgement)
    {
        Judged(judgement);
        var facts = judgement.Facts;
        if (judgement.Strongest.Action > VerdictAction.Hold)
        {
            return;
        }

        foreach (var address in facts.Direction == Direction.Outbound ? facts.Recipients : [facts.HeaderFrom.Length > 0 ? facts.HeaderFrom : facts.Sender])
        {
            if (address.Length > 0)
            {
                contacts.Note(facts.Tenant, address);
            }
        }
    }

    private PastVerdict Past(PolicyFacts facts, Verdict verdict, int index, MessageMemory memory) =>
        new(verdict.Action, verdict.DecidedBy) { Monitored = Monitored(facts, verdict, PathOf(facts.Recipients[index]), memory) };

    /// <summary>Asked once more, because the text that word lists read is only here now.</summary>
    private IReadOnlyList<MonitoredRule> Monitored(PolicyFacts facts, Verdict verdict, MailPath recipient, MessageMemory memory)
    {
        var rules = PolicyOwner.PolicyOf(sites.Current, facts, recipient).Rules;
        return rules.Rules.Any(IsMonitored)
            ? [.. rules.Decide(facts, verdict.Score, verdict.Class, recipient, memory).Answers
                .Where(a => a.Holds == Truth.Yes && IsMonitored(a.Rule))
                .Select(a => new MonitoredRule(a.Rule.Rule.Name, a.Rule.Node))]
            : [];
    }

    private static bool IsMonitored(PlacedRule rule) => rule.Rule is { Enabled: true, Mode: RuleMode.Monitor };

    private static MailPath PathOf(string address) => MailPath.TryParse(address, out var path) ? path : MailPath.Null;
}
