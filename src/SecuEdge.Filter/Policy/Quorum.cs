using System.Globalization;
using SecuEdge.Filter.Checks;

namespace SecuEdge.Filter.Policy;

/// <summary>
/// How many engines must convict. Below the quorum a conviction is an opinion: the mail is held, to be scanned again when an engine changes.
/// Pure, like the rest of the policy.
/// </summary>
public static class Quorum
{
    // The administrator's own lists are a decision, not an opinion: they need nobody's agreement.
    private const string OwnLists = "hashlist";
    private const string OwnListsConvict = "HASHLIST_INFECTED";

    /// <param name="engines">Who answered: an engine that is down cannot agree and does not raise the bar.</param>
    /// <param name="quorum">1 leaves every conviction as it is.</param>
    public static IReadOnlyList<Finding> Apply(IReadOnlyList<Finding> findings, IReadOnlyList<EngineReport> engines, int quorum)
    {
        var convictions = findings.Count(IsConviction);
        var needed = Math.Min(quorum, engines.Count(engine => engine.Name != OwnLists && engine.Result is ("clean" or "hit")));
        return convictions == 0 || convictions >= needed || findings.Any(finding => finding.Code == OwnListsConvict)
            ? findings
            : [.. findings.Select(finding => IsConviction(finding) ? Doubt(finding, convictions, needed) : finding)];
    }

    private static bool IsConviction(Finding finding) => finding is { Group: FindingGroup.Antivirus, Class: MessageClass.Infected };

    private static Finding Doubt(Finding finding, int convictions, int needed) => finding with
    {
        Class = MessageClass.Suspicious,
        Action = VerdictAction.Hold,
        Floor = VerdictAction.Hold,
        Text = string.Create(
            CultureInfo.InvariantCulture, $"{finding.Text} {convictions} of the {needed} engines that must agree did so, so the message is held."),
    };
}
