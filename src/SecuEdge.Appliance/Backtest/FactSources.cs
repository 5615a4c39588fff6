using System.Net;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Contacts;
using SecuEdge.Store.Origin;

namespace SecuEdge.Appliance.Backtest;

/// <summary>What the appliance knows of senders: contacts of each tenant, and the table of networks.</summary>
internal sealed class FactSources(IContacts contacts, OriginFolder origin) : IFactSources
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
}
