using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.Refusals;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Whether one recipient may come in through one listener, and for whom. Exactly one of tenant and refusal is set.</summary>
internal sealed record RelayDecision(Tenant? Tenant, Direction Direction, SmtpReply? Refusal)
{
    /// <summary>Why it is refused; means nothing when it is not.</summary>
    public RefusalReason Reason { get; init; }

    /// <summary>Whom a refusal concerns, and who may ask for it later: whose domain, whose server. The provider, when it is nobody's.</summary>
    public IReadOnlyList<string> Concerned { get; init; } = [];

    /// <summary>
    /// Who says that the domain is his and has not proven it. He learns that mail for it is refused, and not from whom to whom: it may be another's.
    /// </summary>
    public string? Claimant { get; init; }
}

/// <summary>
/// The rule that keeps the gateway from being an open relay. The inbound listener takes mail for the tenants' domains from anybody, and
/// nothing else, and so does the internal one; the outbound and submission listeners take mail to anywhere from the tenants' own networks,
/// and nothing else.
/// </summary>
internal static class RelayRule
{
    public static RelayDecision Decide(SiteDirectory site, DirectoryRecipients recipients, SmtpConnection connection, MailPath recipient, DateTimeOffset now)
    {
        var isInbound = connection.Role is ListenerRole.Inbound or ListenerRole.Internal;
        var sender = isInbound ? null : site.FindByNetwork(connection.Remote.Address);
        var local = recipient.Domain.Length == 0 ? null
            : sender is null ? site.FindDomain(recipient.Domain)
            : site.FindDomainFor(sender.Tenant.Name, recipient.Domain);
        if (local is not null && !local.Tenant.IsSuspended(now) && recipients.Find(local, recipient.LocalPart) is var existence and not MailboxExistence.Exists)
        {
            List<string> concerned = sender is null || ReferenceEquals(sender, local.Tenant) ? [local.Tenant.Tenant.Name] : [local.Tenant.Tenant.Name, sender.Tenant.Name];
            return existence == MailboxExistence.Missing
                ? Refused(new SmtpReply(550, "5.1.1", "No such mailbox here"), RefusalReason.UnknownMailbox, concerned)
                : Refused(new SmtpReply(451, "4.4.3", "The mailboxes of this domain are not known yet, please try again later"), RefusalReason.MailboxesNotKnown, concerned);
        }

        if (isInbound)
        {
            return local is null && site.IsPending(recipient.Domain) ? Refused(new SmtpReply(451, "4.7.1", "This domain is not confirmed yet, please try again later"), RefusalReason.Pending, [Tenant.Root]) with { Claimant = ClaimantOf(site, recipient.Domain) }
                : local is null ? OfNobody(site, "Relaying denied", site.FindByNetwork(connection.Remote.Address))
                : local.Tenant.IsSuspended(now) ? Refused(new SmtpReply(451, "4.3.2", "Mail for this domain is suspended at the moment, please try again later"), RefusalReason.Suspended, [local.Tenant.Tenant.Name])
                : new RelayDecision(local.Tenant.Tenant, Direction.Inbound, null);
        }

        return sender is null ? OfNobody(site, "Relaying denied: this address is not registered as a customer's mail server", null)
            : sender.IsSuspended(now) ? Refused(new SmtpReply(451, "4.3.2", "The mail service of this customer is suspended at the moment, please try again later"), RefusalReason.Suspended, [sender.Tenant.Name])
            : new RelayDecision(sender.Tenant, Direction.Outbound, null);
    }

    /// <summary>Nobody when several wait for the domain, because only one of them can be right.</summary>
    private static string? ClaimantOf(SiteDirectory site, string domain) =>
        site.DomainsNamed(domain).Take(2).ToList() is [var only] && only.Tenant.Tenant.Name is var name && name != Tenant.Root ? name : null;

    /// <summary>Our own trouble is temporary: while settings cannot be read, nobody knows whose domains and networks were in them.</summary>
    /// <param name="server">Whose mail server it was that tried.</param>
    private static RelayDecision OfNobody(SiteDirectory site, string refusal, TenantRoute? server)
    {
        string[] concerned = [server?.Tenant.Name ?? Tenant.Root];
        return site.Unusable.Count > 0
            ? Refused(new SmtpReply(451, "4.3.5", "This cannot be decided at the moment, please try again later"), RefusalReason.Settings, concerned)
            : Refused(new SmtpReply(554, "5.7.1", refusal), RefusalReason.Relay, concerned);
    }

    private static RelayDecision Refused(SmtpReply reply, RefusalReason reason, IReadOnlyList<string> concerned) =>
        new(null, Direction.Inbound, reply) { Reason = reason, Concerned = concerned };
}
