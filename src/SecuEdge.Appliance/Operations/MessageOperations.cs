using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>Answers "where is this mail, and why".</summary>
internal sealed class MessageOperations(IMessageLog messageLog, SiteHolder sites)
{
    public async Task<MessagePage> SearchAsync(Caller caller, MessageQuery query, CancellationToken cancellationToken)
    {
        var site = sites.Current;
        var seen = query with { Tenants = caller.Visible(Permission.MessagesRead, site), Mailboxes = caller.Mailboxes(Permission.MessagesRead, site) };
        var page = await messageLog.SearchAsync(seen, cancellationToken);
        return page with { Items = [.. page.Items.Select(r => caller.Seen(Permission.MessagesRead, r, site))] };
    }

    public async Task<Outcome<MessageRecord>> FindAsync(Caller caller, string reference, CancellationToken cancellationToken)
    {
        var site = sites.Current;
        return await messageLog.FindAsync(reference.ToUpperInvariant(), cancellationToken) is { } record && caller.May(Permission.MessagesRead, record, site)
            ? caller.Seen(Permission.MessagesRead, record, site)
            : new OperationProblem(OperationFailure.NotFound, $"there is no message {reference} in the log; it may be older than the log's retention");
    }
}
