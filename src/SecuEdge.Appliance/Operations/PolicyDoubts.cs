using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.Origin;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// What rules ask or do that comes to nothing on this appliance, although each is right by itself: mailboxes that are not there, facts that
/// nobody provides, contacts that are not set. No reason to refuse a rule: the mailbox, the table or the contact may come later.
/// </summary>
internal sealed class PolicyDoubts(SiteHolder sites, DirectoryRecipients recipients, OriginFolder origin)
{
    // A list of leavers; more of the same helps nobody.
    private const int MaxOfRule = 10;

    /// <summary>In the order of the rules.</summary>
    public IReadOnlyList<Contradiction> Find(TenantRoute tenant)
    {
        var asked = AskedConditions.Of(tenant.Policy.Rules).ToLookup(a => a.Rule);
        return [.. tenant.Policy.Rules.Rules.Where(r => r.Rule.Enabled).SelectMany(rule => NotKnown(rule, asked[rule]).Concat(NoMailbox(tenant, rule, asked[rule]).Take(MaxOfRule)).Concat(Actions(tenant, rule)))];
    }

    private IEnumerable<Contradiction> NotKnown(PlacedRule rule, IEnumerable<AskedCondition> asked) =>
        asked.Select(a => WhyNotKnown(a.Condition)).OfType<string>().Distinct()
            .Select(why => new Contradiction(ContradictionKind.NotKnownHere, [rule.Rule.Name], $"Rule {NameOf(rule)} {why}, and until then that part of it is neither true nor false."));

    private string? WhyNotKnown(Condition condition) => condition switch
    {
        AuthenticationCondition authentication => $"asks what {authentication.Method.ToString().ToUpperInvariant()} said, which cannot hold on this appliance: it does not check sender authentication yet; use a header, an address or a network instead",
        CampaignCondition => "asks for a campaign, which cannot hold on this appliance: it does not look for campaigns yet; use words, a header or a finding instead",
        OriginCondition { Countries.Count: > 0 } or OriginCondition { AutonomousSystems.Count: > 0 } when origin.Table is null =>
            $"asks for a country or an autonomous system, which cannot hold on this appliance: {(origin.Trouble.Length > 0 ? "its table of networks cannot be used" : "it has no table of networks")}; whoever runs it puts one as a .tsv file into the folder origin of the data folder (README), or use networks instead",
        _ => null,
    };

    /// <summary>RCPT is answered by the list of mailboxes; rules are asked about messages, which come after it.</summary>
    private IEnumerable<Contradiction> NoMailbox(TenantRoute tenant, PlacedRule rule, IEnumerable<AskedCondition> asked)
    {
        if (rule.Rule.Direction == RuleDirection.Outbound)
        {
            yield break;
        }

        var site = sites.Current;
        foreach (var address in asked.Where(a => !a.IsNegated).Select(a => a.Condition).OfType<RecipientCondition>().SelectMany(c => c.Addresses).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (!address.Contains('*', StringComparison.Ordinal)
                && MailPath.TryParse(address, out var path)
                && path.Domain.Length > 0
                && site.FindDomain(path.Domain) is { } domain
                && site.IsWithin(domain.Tenant.Tenant.Name, tenant.Tenant.Name)
                && recipients.Find(domain, path.LocalPart) == MailboxExistence.Missing)
            {
                yield return new Contradiction(
                    ContradictionKind.NoMailbox,
                    [rule.Rule.Name],
                    $"Rule {NameOf(rule)} names '{address}', which is no mailbox of {domain.Domain.Name}: mail for it is refused before rules are asked; add it with POST /api/v1/domains/{domain.Domain.Name}/recipients, or take it out of the rule.");
            }
        }
    }

    private static IEnumerable<Contradiction> Actions(TenantRoute tenant, PlacedRule rule)
    {
        if (rule.Rule.Then.OfType<NotifyAction>().Any(n => n.Whom.Contains(NotifyWhom.Administrator)) && tenant.Service.Contacts is not { Count: > 0 })
        {
            yield return new Contradiction(
                ContradictionKind.TellsNobody,
                [rule.Rule.Name],
                $"Rule {NameOf(rule)} tells the administrator, and '{tenant.Tenant.Name}' has no contacts, so nobody is told: set service.contacts there or above.");
        }

        if (rule.Rule.When is null && rule.Rule.Then.OfType<RedirectAction>().FirstOrDefault(r => IsOutside(tenant, r.To)) is { } redirect)
        {
            yield return new Contradiction(
                ContradictionKind.SendsAllAway,
                [rule.Rule.Name],
                $"Rule {NameOf(rule)} has no condition and sends all mail to '{redirect.To}', outside of '{tenant.Tenant.Name}': give it a condition, or switch it off if that is not meant.");
        }
    }

    private static bool IsOutside(TenantRoute tenant, string address) =>
        MailPath.TryParse(address, out var path) && !tenant.Domains.Any(d => DomainName.AreSame(d.Domain.Name, path.Domain));

    private static string NameOf(PlacedRule rule) => $"'{rule.Rule.Name}' ({rule.Node})";
}
