using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>What a caller may do to mail: to all of the nodes he was granted, and to what came for his own mailboxes.</summary>
internal static class MailAccess
{
    /// <summary>Null when he may.</summary>
    public static OperationProblem? RefusedAtRoot(this Caller caller, Permission permission) =>
        caller.MayAtRoot(permission)
            ? null
            : new OperationProblem(OperationFailure.Forbidden, $"this needs the permission {Word(permission)} on the whole appliance; GET /api/v1/me says what you may do");

    public static bool May(this Caller caller, Permission permission, MessageRecord record, SiteDirectory site) =>
        caller.May(permission, record.Tenant, site) || caller.Mailboxes(permission, site).Any(m => m.Covers(record));

    /// <summary>Mailboxes that he may look into without seeing the rest of the tenant.</summary>
    public static IReadOnlyList<MailboxView> Mailboxes(this Caller caller, Permission permission, SiteDirectory site)
    {
        var views = new List<MailboxView>();
        foreach (var grant in caller.Grants.Where(g => g.Mailbox is not null && g.Permissions.Contains(permission)))
        {
            // The domain may have moved to another tenant since: then the mailbox is not his any more.
            if (MailPath.TryParse(grant.Mailbox!, out var path)
                && site.FindDomain(path.Domain)?.Tenant.Tenant.Name is { } tenant
                && site.IsWithin(tenant, grant.Node))
            {
                views.Add(new MailboxView(tenant, grant.Mailbox!));
            }
        }

        return views;
    }

    /// <summary>The addresses of the message that are his, when he may see it only because of them; null when he may see all of it.</summary>
    public static IReadOnlySet<string>? OwnAddresses(this Caller caller, Permission permission, MessageRecord record, SiteDirectory site) =>
        caller.May(permission, record.Tenant, site)
            ? null
            : caller.Mailboxes(permission, site).Where(m => m.Covers(record)).Select(m => m.Address).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The record as he may read it. To whom else a message went is nothing for the owner of a mailbox, unless he sent it: the others may have
    /// been blind copies.
    /// </summary>
    public static MessageRecord Seen(this Caller caller, Permission permission, MessageRecord record, SiteDirectory site) =>
        caller.OwnAddresses(permission, record, site) is not { } own || IsSender(own, record) ? record : record.OnlyFor(own.Contains);

    /// <summary>The sender of incoming mail may be forged.</summary>
    public static bool IsSender(IReadOnlySet<string> own, MessageRecord record) => record.Direction == Direction.Outbound && own.Contains(record.ReversePath);

    /// <summary>
    /// Null when he may let it out. Being the owner of a mailbox is not enough for what an engine convicted, engines disagree about or nothing
    /// could scan: it would run in the company's network, not in his mailbox.
    /// </summary>
    public static OperationProblem? RefusedToRelease(this Caller caller, MessageRecord record, SiteDirectory site)
    {
        var why = record.Class == MessageClass.Infected ? "it is infected"
            : record.Findings.FirstOrDefault(f => f.Floor > VerdictAction.Deliver || f.Action == VerdictAction.Defer) is { } finding ? $"it is not known to be harmless ({finding.Code})"
            : null;
        return why is null || caller.May(Permission.MalwareRelease, record.Tenant, site)
            ? null
            : new OperationProblem(
                OperationFailure.Forbidden,
                $"{record.Reference} is not released: {why}, and that needs the permission {Word(Permission.MalwareRelease)} on '{(record.Tenant.Length == 0 ? Tenant.Root : record.Tenant)}'; administrators of the customer, its reseller and the provider have it");
    }

    /// <summary>Null when he says why he reads it, or need not: nobody does for his own mail.</summary>
    public static OperationProblem? ReasonMissing(this Caller caller, MessageRecord record, string? reason, string remedy, SiteDirectory site) =>
        string.IsNullOrWhiteSpace(reason) && caller.OwnAddresses(Permission.ContentRead, record, site) is null && site.AsksReason(record.Tenant)
            ? new OperationProblem(OperationFailure.Invalid, $"reason: is missing; '{record.Tenant}' wants to know why its mail is read: {remedy}", "reason")
            : null;

    /// <summary>As tokens and the OpenAPI document write it.</summary>
    public static string Word(Permission permission) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(permission.ToString());
}
