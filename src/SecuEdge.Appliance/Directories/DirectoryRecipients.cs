using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Directories;

/// <summary>Whether a mailbox exists.</summary>
internal enum MailboxExistence
{
    Exists,
    Missing,

    /// <summary>The directory that knows was never read: the sender shall come again.</summary>
    Unknown,
}

/// <summary>Recipients of domains: those listed, and those of the directory that a domain names.</summary>
internal sealed class DirectoryRecipients(DirectoryShelf shelf)
{
    /// <summary>RFC 5321 §4.5.3.1: 64 and 255 characters; longer ones are looked up, too.</summary>
    private const int UsualAddress = 320;

    public MailboxExistence Find(DomainRoute domain, string localPart)
    {
        if (domain.HasMailbox(localPart))
        {
            return MailboxExistence.Exists;
        }

        if (domain.Directory is not { } key)
        {
            return MailboxExistence.Missing;
        }

        if (shelf.Find(key) is not { } snapshot)
        {
            return MailboxExistence.Unknown;
        }

        var name = domain.Domain.Name;
        var length = localPart.Length + 1 + name.Length;
        var address = length <= UsualAddress ? stackalloc char[length] : new char[length];
        localPart.CopyTo(address);
        address[localPart.Length] = '@';
        name.CopyTo(address[(localPart.Length + 1)..]);
        return snapshot.Knows(address) ? MailboxExistence.Exists : MailboxExistence.Missing;
    }

    /// <summary>Mailboxes that a directory adds to a domain, those listed left out; 0 when it has none.</summary>
    public int CountBesides(Domain domain, DirectoryKey? directory, IReadOnlySet<string> listed)
    {
        if (directory is not { } key || shelf.Find(key) is not { } snapshot)
        {
            return 0;
        }

        var end = "@" + domain.Name;
        return snapshot.MailboxesIn(domain.Name) - listed.Count(l => snapshot.IsMailbox(l + end));
    }
}
