using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;

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
            if (domain.Recipients is RecipientBook book)
            {
                acceptsAny |= DomainRoute.TakesAny(domain);
                count += Listed(domain) + (directory is null ? 0 : directories.CountBesides(domain, directory, book.Where(r => r != "*").ToHashSet(StringComparer.OrdinalIgnoreCase)));
                continue;
            }

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

    /// <summary>
    /// Whether the mailbox stands in a list or a directory. Where the list is nothing but <c>*</c> nobody said what the mailboxes are: then what the customer's
    /// server took is one.
    /// </summary>
    public static bool Knows(DomainRoute route, DirectoryRecipients directories, string localPart)
    {
        if (route.Directory is not null)
        {
            return directories.Find(route, localPart) != MailboxExistence.Missing;
        }

        var key = RecipientBook.KeyOf(localPart);
        return Listed(route.Domain) == 0
            || (route.Domain.Recipients is RecipientBook book ? book.Contains(key) : route.Domain.Recipients.Any(r => r != "*" && RecipientBook.KeyOf(r) == key));
    }

    /// <summary>Entries of the list of one domain, without the one that takes everybody.</summary>
    public static int Listed(Domain domain) => domain.Recipients is RecipientBook book ? book.Count - (book.Contains("*") ? 1 : 0) : domain.Recipients.Count(r => r != "*");
}
