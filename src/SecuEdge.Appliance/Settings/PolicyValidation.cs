using SecuEdge.Appliance.Settings.Notices;

namespace SecuEdge.Appliance.Settings;

/// <summary>What can be wrong with a tenant only together with what it inherits: locks, thresholds, rules.</summary>
internal static class PolicyValidation
{
    /// <returns>Whether the rules can be compiled.</returns>
    public static bool Check(TenantRoute tenant, string at, List<string> errors)
    {
        CheckLocks(Setting.OfPolicy, tenant.Tenant.Policy, tenant.Inherited, $"{at}policy", errors);
        CheckLocks(Setting.OfService, tenant.Tenant.Service, tenant.Inherited, $"{at}service", errors);
        NoticeCheck.CheckLocks(tenant, at, errors);
        if (tenant.CheckRules() is { Count: > 0 } wrong)
        {
            errors.AddRange(wrong.Select(e => at + e));
            return false;
        }

        CheckThresholds(tenant.Policy, $"{at}policy", errors);
        for (var d = 0; d < tenant.Domains.Count; d++)
        {
            var domain = tenant.Domains[d];
            if (!ReferenceEquals(domain.Policy, tenant.Policy) || domain.Domain.Policy != new PolicySettings())
            {
                CheckLocks(Setting.OfPolicy, domain.Domain.Policy, tenant.LocksBelow, $"{at}domains[{d}].policy", errors);
                CheckThresholds(domain.Policy, $"{at}domains[{d}].policy", errors);
            }

            for (var m = 0; m < domain.Domain.Mailboxes.Count; m++)
            {
                var mailbox = domain.Domain.Mailboxes[m];
                CheckLocks(Setting.OfPolicy, mailbox.Policy, tenant.LocksBelow, $"{at}domains[{d}].mailboxes[{m}].policy", errors);
                CheckThresholds(domain.PolicyFor(DomainRoute.LocalPart(mailbox.Address)), $"{at}domains[{d}].mailboxes[{m}].policy", errors);
            }
        }

        return true;
    }

    private static void CheckLocks(IReadOnlyList<Setting> settings, object own, IReadOnlyDictionary<string, string> locks, string at, List<string> errors)
    {
        if (locks.Count == 0)
        {
            return;
        }

        foreach (var setting in settings)
        {
            if (setting.ValueIn(own) is not null && locks.TryGetValue(setting.Name, out var node))
            {
                errors.Add($"{at}{setting.Name[setting.Name.IndexOf('.', StringComparison.Ordinal)..]}: is locked by '{node}'; leave it out, or have it unlocked there");
            }
        }
    }

    private static void CheckThresholds(Filter.Policy.TenantPolicy policy, string at, List<string> errors)
    {
        if (!(policy.TagScore <= policy.QuarantineScore && policy.QuarantineScore <= policy.RejectScore))
        {
            errors.Add($"{at}: tagScore {policy.TagScore} <= quarantineScore {policy.QuarantineScore} <= rejectScore {policy.RejectScore} must hold");
        }
    }
}
