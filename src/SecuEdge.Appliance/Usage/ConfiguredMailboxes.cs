using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;

namespace SecuEdge.Appliance.Usage;

/// <summary>Mailboxes that the settings of a tenant list.</summary>
/// <param name="AcceptsAny">A domain accepts every address.</param>
internal readonly record struct ConfiguredMailboxes(int Count, bool AcceptsAny)
{
    public static ConfiguredMailboxes Of(Tenant tenant)
    {
        var (count, acceptsAny) = (0, false);
        foreach (var domain in tenant.Domains)
        {
            if (domain.Recipients is RecipientBook book)
            {
                acceptsAny |= book.Contains("*");
                count += Listed(domain);
                continue;
            }

            var own = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var recipient in domain.Recipients)
            {
                acceptsAny |= recipient == "*";
                own.Add(recipient.LastIndexOf('@') is var at and > 0 ? recipient[..at] : recipient);
            }

            own.Remove("*");
            count += own.Count;
        }

        return new ConfiguredMailboxes(count, acceptsAny);
    }

    /// <summary>Entries of the list of one domain, without the one that takes everybody.</summary>
    public static int Listed(Domain domain) => domain.Recipients is RecipientBook ? domain.Recipients.Count - (DomainRoute.TakesAny(domain) ? 1 : 0) : domain.Recipients.Count(r => r != "*");
}
