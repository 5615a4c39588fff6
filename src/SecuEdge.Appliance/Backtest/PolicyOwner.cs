using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Backtest;

/// <summary>By whose policy a recorded message is judged: inbound each recipient's, outbound the sender's, as when it came.</summary>
internal static class PolicyOwner
{
    public static TenantPolicy PolicyOf(SiteDirectory site, PolicyFacts facts, MailPath recipient) =>
        site.PolicyFor(facts.Tenant, facts.Direction == Direction.Inbound || !MailPath.TryParse(facts.Sender, out var sender) ? recipient : sender);
}
