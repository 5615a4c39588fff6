using SecuEdge.Appliance.Access;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>Answers "where is this mail, and why".</summary>
internal sealed class MessageOperations(IMessageLog messageLog, MailGate gate, Auditor auditor)
{
    public async Task<MessagePage> SearchAsync(Caller caller, MessageQuery query, CancellationToken cancellationToken)
    {
        var site = gate.Site;
        var seen = query with { Tenants = caller.Visible(Permission.MessagesRead, site), Mailboxes = caller.Mailboxes(Permission.MessagesRead, site) };
        var page = await messageLog.SearchAsync(seen, cancellationToken);
        return page with { Items = [.. page.Items.Select(r => caller.Seen(Permission.MessagesRead, r, site))] };
    }

    public async Task<Outcome<MessageRecord>> FindAsync(Caller caller, string reference, CancellationToken cancellationToken)
    {
        var site = gate.Site;
        return await gate.FindAsync(reference.ToUpperInvariant(), r => caller.May(Permission.MessagesRead, r, site), cancellationToken) is { } record
            ? caller.Seen(Permission.MessagesRead, record, site)
            : NotFound(reference);
    }

    /// <summary>With the words that rules found in it. Whoever looks is written down before he sees anything.</summary>
    /// <param name="reason">Why he looks, where the tenant asks for it.</param>
    public async Task<Outcome<MessageRecord>> ReadAsync(Caller caller, string reference, string? reason, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, reference, cancellationToken);
        if (found.Value is not { } record)
        {
            return found;
        }

        if (!caller.May(Permission.ContentRead, record, gate.Site))
        {
            return MailGate.Forbidden(Permission.ContentRead, record.Tenant);
        }

        if (caller.ReasonMissing(record, reason, "add ?reason=", gate.Site) is { } missing)
        {
            return missing;
        }

        await auditor.RecordAsync(caller, "message.content", record.Tenant, record.Reference, "Read the words that rules found", cancellationToken, reason ?? "");
        return caller.Seen(Permission.ContentRead, record, gate.Site);
    }

    private static OperationProblem NotFound(string reference) =>
        new(OperationFailure.NotFound, $"there is no message {reference} in the log; it may be older than the log's retention");
}
