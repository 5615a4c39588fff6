using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>How timelines name rules.</summary>
internal static class RuleWords
{
    public static string By(RuleEffect effect) => $"Rule '{effect.Rule}' of {effect.Node}";
}
