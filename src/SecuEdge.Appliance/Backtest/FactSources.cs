using System.Net;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Contacts;
using SecuEdge.Store.Origin;

namespace SecuEdge.Appliance.Backtest;

/// <summary>What the appliance knows of people: contacts of each tenant, the table of networks, and groups of directories.</summary>
internal sealed class FactSources(IContacts contacts, OriginFolder origin, DirectoryShelf directories, SiteHolder sites) : IFactSources
{
    public NetworkOrigin? OriginOf(IPAddress address) => origin.Find(address);

    public bool? IsFirstContact(Envelope envelope, string headerFrom)
    {
        // Outbound mail is the tenant's own, and of a report without a sender nobody can say.
        var sender = headerFrom.Length > 0 ? headerFrom : envelope.ReversePath.ToString();
        return envelope.Direction == Direction.Outbound ? false
            : sender.Length == 0 ? null
            : !contacts.Knows(envelope.Tenant, sender);
    }

    public GroupFacts GroupsOf(string tenant, IEnumerable<string> addresses)
    {
        List<DirectoryKey> keys = [.. (sites.Current.FindTenant(tenant)?.Path() ?? []).SelectMany(n => n.Tenant.Directories.Select(d => new DirectoryKey(n.Tenant.Name, d.Name)))];
        if (keys.Count == 0)
        {
            return GroupFacts.None;
        }

        var known = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var address in addresses.Select(a => a.ToLowerInvariant()).Distinct())
        {
            // Of eva+shop@ what eva is in, too.
            List<string> groups = [.. new[] { address, Subaddress.Without(address) }.SelectMany(a => keys.SelectMany(k => directories.GroupsOf(k, a) ?? [])).Distinct()];
            if (groups.Count > 0)
            {
                known[address] = groups;
            }
        }

        return new GroupFacts { Of = known, Unread = [.. keys.Where(k => directories.Find(k) is null).Select(k => k.ToString())] };
    }
}
