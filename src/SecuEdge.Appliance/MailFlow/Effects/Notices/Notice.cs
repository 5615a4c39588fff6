using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>A notice that is decided and not yet sent.</summary>
/// <param name="Reference">Its own.</param>
/// <param name="Values">Of the macros, as they are: whoever writes them into something makes them safe for it.</param>
/// <param name="Suppressed">How many of the same kind were not sent since the last one.</param>
internal sealed record Notice(
    string Reference, string Tenant, string About, string To, RuleEffect Effect, string Template, string Language,
    IReadOnlyDictionary<string, string> Values, int Suppressed);
