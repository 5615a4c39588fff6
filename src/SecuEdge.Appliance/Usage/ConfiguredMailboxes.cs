using SecuEdge.Appliance.Settings;

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
}
