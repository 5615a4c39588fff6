using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Whether one recipient may come in through one listener, and for whom. Exactly one of tenant and refusal is set.</summary>
/// <param name="Reason">Closed set of words for metrics; empty when accepted.</param>
internal sealed record RelayDecision(Tenant? Tenant, Direction Direction, SmtpReply? Refusal, string Reason);

/// <summary>
/// The rule that keeps the gateway from being an open relay. The inbound listener takes mail for the tenants' domains from anybody, and
/// nothing else, and so does the internal one; the outbound and submission listeners take mail to anywhere from the tenants' own networks,
/// and nothing else.
/// </summary>
internal static class RelayRule
{
    public static RelayDecision Decide(SiteDirectory site, SmtpConnection connection, MailPath recipient, DateTimeOffset now)
    {
        var isInbound = connection.Role is ListenerRole.Inbound or ListenerRole.Internal;
        var sender = isInbound ? null : site.FindByNetwork(connection.Remote.Address);
        var local = recipient.Domain.Length == 0 ? null
            : sender is null ? site.FindDomain(recipient.Domain)
            : site.FindDomainFor(sender.Tenant.Name, recipient.Domain);
        if (local is not null && !local.HasMailbox(recipient.LocalPart) && !local.Tenant.IsSuspended(now))
        {
            return Refused(new SmtpReply(550, "5.1.1", "No such mailbox here"), "unknown-recipient");
        }

        if (isInbound)
        {
            return local is null && site.IsPending(recipient.Domain) ? Refused(new SmtpReply(451, "4.7.1", "This domain is not confirmed yet, please try again later"), "pending")
                : local is null ? OfNobody(site, "Relaying denied")
                : local.Tenant.IsSuspended(now) ? Refused(new SmtpReply(451, "4.3.2", "Mail for this domain is suspended at the moment, please try again later"), "suspended")
                : new RelayDecision(local.Tenant.Tenant, Direction.Inbound, null, "");
        }

        return sender is null ? OfNobody(site, "Relaying denied: this address is not registered as a customer's mail server")
            : sender.IsSuspended(now) ? Refused(new SmtpReply(451, "4.3.2", "The mail service of this customer is suspended at the moment, please try again later"), "suspended")
            : new RelayDecision(sender.Tenant, Direction.Outbound, null, "");
    }

    /// <summary>Our own trouble is temporary: while settings cannot be read, nobody knows whose domains and networks were in them.</summary>
    private static RelayDecision OfNobody(SiteDirectory site, string refusal) =>
        site.Unusable.Count > 0
            ? Refused(new SmtpReply(451, "4.3.5", "This cannot be decided at the moment, please try again later"), "settings")
            : Refused(new SmtpReply(554, "5.7.1", refusal), "relay");

    private static RelayDecision Refused(SmtpReply reply, string reason) => new(null, Direction.Inbound, reply, reason);
}
