using System.Globalization;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>How timelines name rules, and what they do.</summary>
internal static class RuleWords
{
    public static string By(RuleEffect effect) => By(effect.Rule, effect.Node);

    public static string By(string rule, string node) => $"Rule '{rule}' of {node}";

    /// <summary>With what was compared, as the end of a sentence: <c>Rule 'mp3' of bakery: file 'a.mp3' … is what is asked for</c>.</summary>
    public static string Because(RuleReason reason) =>
        reason.Node.Length == 0 ? reason.Why.TrimEnd('.')
        : reason.Why.Length == 0 ? By(reason.Rule, reason.Node)
        : $"{By(reason.Rule, reason.Node)}: {char.ToLowerInvariant(reason.Why[0])}{reason.Why.AsSpan(1).TrimEnd('.')}";

    /// <summary>What a rule in monitor mode left undone.</summary>
    public static string WouldHave(PlacedRule placed) =>
        $"{By(placed.Rule.Name, placed.Node)} (only watched) would have {string.Join(", ", placed.Rule.Then.Select(Done))}";

    private static string Done(RuleAction action) => action switch
    {
        DeliverAction => "delivered it",
        HoldAction { Until: { } until } => string.Create(CultureInfo.InvariantCulture, $"held it until {(until.Weekday is { } day ? $"{day} " : "")}{until.At:HH:mm}"),
        HoldAction hold => string.Create(CultureInfo.InvariantCulture, $"held it for {hold.Minutes ?? HoldAction.UsualMinutes} minutes"),
        QuarantineAction => "kept it in quarantine",
        RejectAction => "refused it",
        DiscardAction => "thrown it away",
        ScoreAction score => FormattableString.Invariant($"added {score.Add} to the score"),
        TagAction => "marked it",
        RemoveAttachmentsAction => "removed attachments",
        BannerAction => "added a banner",
        RedirectAction redirect => $"sent it to {redirect.To} instead",
        CopyAction copy => $"sent a copy to {copy.To}",
        GreylistAction => "greylisted it",
        NotifyAction => "told of it",
        _ => throw new InvalidOperationException($"no words for {action.GetType().Name}"),
    };
}
