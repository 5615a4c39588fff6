using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;
using SecuEdge.Store.Refusals;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Answers "their mail to us bounced": what was refused before there was a message. To whoever reads the mail of a node; the owner of a
/// mailbox sees none, because a mailbox that is not there has no owner.
/// </summary>
internal sealed class RefusalOperations(RefusalLog log, SiteHolder sites)
{
    public Task<RefusalPage> SearchAsync(Caller caller, RefusalQuery query, CancellationToken cancellationToken) =>
        log.SearchAsync(
            query with
            {
                Tenants = caller.Visible(Permission.MessagesRead, sites.Current),
                Sender = Canonical(query.Sender),
                Recipient = Canonical(query.Recipient),
                Reference = query.Reference?.ToUpperInvariant(),
            },
            cancellationToken);

    private static string? Canonical(string? addressOrDomain) =>
        string.IsNullOrEmpty(addressOrDomain) ? null
        : MailPath.TryParse(addressOrDomain, out var path) && path.Domain.Length > 0 ? RefusalNotes.Canonical(path)
        : DomainName.Canonical(addressOrDomain);
}
