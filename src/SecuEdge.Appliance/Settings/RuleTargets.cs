using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// Addresses that rules send mail to. Such mail is judged by the policy of the tenant of the rule alone, so it may go outside, where others
/// judge it again, and to tenants of the rule's own part of the tree, but not past the policy of another tenant.
/// </summary>
internal static class RuleTargets
{
    public static void Check(TenantRoute tenant, SiteDirectory site, string at, List<string> errors)
    {
        for (var r = 0; r < tenant.Tenant.Rules.Count; r++)
        {
            var actions = tenant.Tenant.Rules[r].Then;
            for (var a = 0; a < actions.Count; a++)
            {
                if (TargetOf(actions[a]) is var (field, address)
                    && MailPath.TryParse(address, out var path)
                    && site.FindDomain(path.Domain) is { } domain
                    && !site.IsWithin(domain.Tenant.Tenant.Name, tenant.Tenant.Name))
                {
                    errors.Add($"{at}rules[{r}].then[{a}].{field}: '{address}' is not an address of '{tenant.Tenant.Name}'; name one of its own domains, or one outside");
                }
            }
        }
    }

    private static (string Field, string Address)? TargetOf(RuleAction action) => action switch
    {
        RedirectAction redirect => ("to", redirect.To),
        CopyAction copy => ("to", copy.To),
        NotifyAction { Address: { } address } => ("address", address),
        _ => null,
    };
}
