using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Convictions;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>Shows to whom files were delivered that are convicted now: to each caller, of his own mail.</summary>
internal sealed class RetroVerdictOperations(RetroVerdicts verdicts, SiteHolder sites)
{
    /// <summary>Newest first; none without a message that he may see.</summary>
    public IEnumerable<RetroVerdict> List(Caller caller)
    {
        var seen = caller.Visible(Permission.MessagesRead, sites.Current);
        return seen is null ? verdicts.All : verdicts.All.Select(v => Of(v, seen)).OfType<RetroVerdict>();
    }

    private static RetroVerdict? Of(RetroVerdict verdict, IReadOnlySet<string> seen)
    {
        List<RetroMessage> messages = [.. verdict.Messages.Where(m => seen.Contains(m.Tenant))];
        return messages.Count == 0 ? null : verdict with { Messages = messages, MessageCount = messages.Count };
    }
}
