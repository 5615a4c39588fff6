using SecuEdge.Appliance.MailFlow;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Contacts;
using SecuEdge.Store.Facts;

namespace SecuEdge.Appliance.Backtest;

/// <summary>Writes down what rules could ask of a message, with what was decided, and with whom mail was exchanged. Returns at once.</summary>
internal sealed class FactsNotes(IFactsLog log, IContacts contacts)
{
    /// <summary>Judged for good: a message that nobody could check is judged again when it comes back.</summary>
    public void Judged(Judgement judgement)
    {
        if (judgement.Strongest.Action != VerdictAction.Defer)
        {
            log.Note(RecordedFacts.Of(judgement.Facts, [.. judgement.Verdicts.Select(Past)]));
        }
    }

    /// <summary>
    /// Ours from now on. What is kept from its recipients makes nobody known to them, and held mail only when it goes: else whoever is held, as
    /// strangers with new files are, would be known when it is looked at again.
    /// </summary>
    public void Accepted(Judgement judgement)
    {
        Judged(judgement);
        if (judgement.Strongest.Action < VerdictAction.Hold)
        {
            Released(judgement);
        }
    }

    /// <summary>Somebody gets it.</summary>
    public void Released(Judgement judgement)
    {
        var facts = judgement.Facts;
        foreach (var address in facts.Direction == Direction.Outbound ? facts.Recipients : [facts.HeaderFrom.Length > 0 ? facts.HeaderFrom : facts.Sender])
        {
            if (address.Length > 0)
            {
                contacts.Note(facts.Tenant, address);
            }
        }
    }

    private static PastVerdict Past(Verdict verdict) => new(verdict.Action, verdict.DecidedBy)
    {
        Monitored = verdict.Monitored.Count == 0 ? [] : [.. verdict.Monitored.Select(r => new MonitoredRule(r.Rule.Name, r.Node))],
    };
}
