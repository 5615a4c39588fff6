using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Usage;

/// <summary>Mailboxes that the settings of a tenant list, and those of the directories that its domains name.</summary>
/// <param name="AcceptsAny">A domain accepts every address.</param>
internal readonly record struct ConfiguredMailboxes(int Count, bool AcceptsAny)
{
    public static ConfiguredMailboxes Of(TenantRoute route, DirectoryRecipients directories)
    {
        var (count, acceptsAny) = (0, false);
        foreach (var (domain, directory) in route.Domains.Select(d => (d.Domain, d.Directory)))
        {
            var own = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var recipient in domain.Recipients)
            {
                acceptsAny |= recipient == "*" && directory is null;
                own.Add(recipient.LastIndexOf('@') is var at and > 0 ? recipient[..at] : recipient);
            }

            own.Remove("*");
            count += own.Count + directories.CountBesides(domain, directory, own);
        }

        return new ConfiguredMailboxes(count, acceptsAny);
    }
}
