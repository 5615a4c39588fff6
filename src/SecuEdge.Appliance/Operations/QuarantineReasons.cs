using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Operations;

/// <summary>Why a message is in quarantine, as one would tell it to somebody who waits for it. Made of its story, so that old entries have one, too.</summary>
internal static class QuarantineReasons
{
    private const int MaxNamed = 3;

    public static string Of(QuarantineEntry entry)
    {
        var message = entry.Message;
        List<RecipientRecord> kept = [.. message.Recipients.Where(r => entry.Recipients.Contains(r.Address, StringComparer.OrdinalIgnoreCase))];
        List<string> replies = [.. kept.Where(r => r.Action < VerdictAction.Hold && r.LastReply.Length > 0).Select(r => r.LastReply).Distinct()];
        List<string> reasons = [.. replies.Take(MaxNamed).Select(reply => $"It could not be delivered: {reply}")];

        // Of several recipients some may be kept by a verdict and others by a failure.
        if (replies.Count == 0 || kept.Exists(r => r.Action >= VerdictAction.Hold))
        {
            reasons.AddRange(OfVerdict(entry, message));
        }

        return string.Join("; ", reasons);
    }

    private static IEnumerable<string> OfVerdict(QuarantineEntry entry, MessageRecord message)
    {
        if (message.Events.LastOrDefault(e => e is { Kind: MessageEventKind.Quarantined, Actor: not null }) is { } deed)
        {
            return [$"{deed.Text} by {deed.Actor}"];
        }

        if (message.Findings.FirstOrDefault(f => f.Code == message.DecidedBy) is { } finding)
        {
            return [finding.Detail.Length > 0 ? $"{finding.Text} ({finding.Detail})" : finding.Text];
        }

        List<RuleReason> decisive = [.. message.Reasons.Where(r => r.IsDecisive && entry.Recipients.Any(r.IsFor))];
        return decisive.Count > 0 ? decisive.Take(MaxNamed).Select(r => RuleWords.Because(r)) : [OfOldStory(message)];
    }

    /// <summary>Stories of before, which do not say what rules compared; and what a rule could not do to a message.</summary>
    private static string OfOldStory(MessageRecord message) =>
        message.DecidedBy is Policy.QuarantineThreshold or Policy.RejectThreshold or Policy.TagThreshold
            ? FormattableString.Invariant($"Score {message.Score:0.##} reaches the limit {message.DecidedBy}")
        : message.Events.LastOrDefault(e => e.Kind is MessageEventKind.RuleApplied) is { } step ? step.Text
        : message.Events.LastOrDefault(e => e.Kind is MessageEventKind.Quarantined) is { } last ? last.Text
        : $"Decided by {message.DecidedBy}";
}
