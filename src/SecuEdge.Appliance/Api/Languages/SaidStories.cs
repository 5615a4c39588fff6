using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api.Languages;

/// <summary>What is told of messages and rules, in the language that the caller reads. What is stored is English, so that whoever asks next may read another.</summary>
internal static class SaidStories
{
    public static MessageDetail In(this MessageDetail message, Language language) => message with
    {
        Findings = message.Findings.In(language),
        Reasons = message.Reasons.In(language),
        Timeline = [.. message.Timeline.Select(e => e with { Text = language.Step(e.Text) })],
    };

    public static QuarantineItem In(this QuarantineItem item, Language language) => item with { Reason = language.Kept(item.Reason) };

    public static QuarantinePreview In(this QuarantinePreview preview, Language language) => preview with
    {
        Item = preview.Item.In(language),
        Findings = preview.Findings.In(language),
        Reasons = preview.Reasons.In(language),
    };

    public static Analysis In(this Analysis analysis, Language language) => analysis with
    {
        Findings = [.. analysis.Findings.Select(f => f with { Text = language.Detail(f.Text) })],
        Rules = [.. analysis.Rules.Select(r => r with { Why = language.Why(r.Why) })],
        PolicyRules = [.. analysis.PolicyRules.Select(r => r with { Why = language.Why(r.Why) })],
    };

    public static RuleTrialResult In(this RuleTrialResult trial, Language language) => trial with
    {
        Why = language.Why(trial.Why),
        Conditions = [.. trial.Conditions.Select(c => c with { Why = language.Why(c.Why) })],
    };

    private static IReadOnlyList<FindingDetail> In(this IReadOnlyList<FindingDetail> findings, Language language) => [.. findings.Select(f => f with { Text = language.Detail(f.Text) })];

    private static IReadOnlyList<ReasonDetail> In(this IReadOnlyList<ReasonDetail> reasons, Language language) => [.. reasons.Select(r => r with { Why = language.Why(r.Why) })];
}
