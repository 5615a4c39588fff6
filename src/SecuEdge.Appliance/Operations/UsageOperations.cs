using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Usage;
using SecuEdge.Filter;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Operations;

/// <summary>What customers used, for those who bill them. Everybody sees the tenants whose usage he may read.</summary>
internal sealed class UsageOperations(IUsageLog usage, SiteHolder sites, DirectoryRecipients directories, TimeProvider timeProvider)
{
    /// <param name="month"><c>2026-11</c>; null = this month.</param>
    public async Task<Outcome<IReadOnlyList<UsageReport>>> ReportAsync(Caller caller, string? month, CancellationToken cancellationToken)
    {
        if (Month(month) is not { } number)
        {
            return WrongMonth(month);
        }

        var site = sites.Current;
        var visible = caller.Visible(Permission.UsageRead, site);
        var found = await usage.FindAsync(number, cancellationToken, visible);
        var mailboxes = found.Mailboxes.ToDictionary(m => m.Tenant, StringComparer.OrdinalIgnoreCase);
        var days = found.Days.ToLookup(d => d.Tenant, StringComparer.OrdinalIgnoreCase);

        // Tenants that are gone since still have a month to be billed; only who sees everything sees them.
        return site.Site.Tenants.Select(t => t.Name)
            .Concat(visible is null ? mailboxes.Keys.Concat(days.Select(d => d.Key)) : [])
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(n => visible?.Contains(n) != false)
            .Where(n => site.FindTenant(n) is not { Tenant: { Kind: not TenantKind.Customer, Domains.Count: 0 } } || days.Contains(n))
            .Order(StringComparer.Ordinal)
            .Select(n => Report(site, n, number, mailboxes.GetValueOrDefault(n), days[n]))
            .ToList();
    }

    public async Task<Outcome<IReadOnlyList<UsageMailbox>>> MailboxesAsync(
        Caller caller, string tenant, string? month, string? after, int limit, CancellationToken cancellationToken)
    {
        if (!Sees(caller, tenant))
        {
            return SiteEditor.NoTenant(tenant);
        }

        return Month(month) is { } number
            ? (await usage.MailboxesAsync(number, tenant, after, limit, cancellationToken)).Select(m => new UsageMailbox(m.Address, m.HasReceived, m.HasSent, m.Since) { CountsAs = m.Standing }).ToList()
            : WrongMonth(month);
    }

    public async Task<Outcome<IReadOnlyList<UsageDay>>> DaysAsync(Caller caller, string tenant, string? month, CancellationToken cancellationToken)
    {
        if (!Sees(caller, tenant))
        {
            return SiteEditor.NoTenant(tenant);
        }

        return Month(month) is { } number
            ? (await usage.FindAsync(number, cancellationToken, [tenant])).Days.OrderBy(d => d.Day).ToList()
            : WrongMonth(month);
    }

    private bool Sees(Caller caller, string tenant) =>
        caller.May(Permission.UsageRead, tenant, sites.Current) && (sites.Current.FindTenant(tenant) is not null || tenant == Tenant.Root);

    /// <summary>Null when it is none, or has not begun: zeros would look like a month without mail.</summary>
    private int? Month(string? month) =>
        UsageMonth.Of(timeProvider.GetUtcNow()) is var current && month is null ? current
        : UsageMonth.Parse(month!) is { } wanted && wanted <= current ? wanted
        : null;

    private UsageReport Report(SiteDirectory site, string name, int month, MailboxCount? mailboxes, IEnumerable<UsageDay> days)
    {
        var route = site.FindTenant(name);
        var tenant = route?.Tenant;
        var configured = route is null ? default : ConfiguredMailboxes.Of(route, directories);
        var byDirection = days.ToLookup(d => d.Direction);
        return new UsageReport
        {
            Month = UsageMonth.Text(month),
            Tenant = name,
            DisplayName = tenant is { DisplayName.Length: > 0 } ? tenant.DisplayName : name,
            Reseller = ResellerOf(site, tenant),
            MailboxesUsed = mailboxes?.Used ?? 0,
            MailboxesReceiving = mailboxes?.Received ?? 0,
            MailboxesSending = mailboxes?.Sent ?? 0,
            MailboxesUnlisted = mailboxes?.Unlisted ?? 0,
            MailboxesFormer = mailboxes?.Former ?? 0,
            MailboxesConfigured = configured.Count,
            AcceptsAnyRecipient = configured.AcceptsAny,
            MailboxQuota = tenant?.Service.MailboxQuota,
            Inbound = Traffic(byDirection[Direction.Inbound]),
            Outbound = Traffic(byDirection[Direction.Outbound]),
        };
    }

    private static string ResellerOf(SiteDirectory site, Tenant? tenant)
    {
        for (var at = tenant?.Parent; at is not null; at = site.FindTenant(at)?.Tenant.Parent)
        {
            if (site.FindTenant(at)?.Tenant.Kind == TenantKind.Reseller)
            {
                return at;
            }
        }

        return Tenant.Root;
    }

    private static UsageTraffic Traffic(IEnumerable<UsageDay> days) => days.Aggregate(new UsageTraffic(), (sum, day) => new UsageTraffic
    {
        Messages = sum.Messages + day.Messages,
        Bytes = sum.Bytes + day.Bytes,
        Delivered = sum.Delivered + day.Delivered,
        Quarantined = sum.Quarantined + day.Quarantined,
        Blocked = sum.Blocked + day.Blocked,
    });

    private static OperationProblem WrongMonth(string? month) => new(
        OperationFailure.Invalid,
        UsageMonth.Parse(month!) is null ? $"month: '{month}' is not a month, such as 2026-11" : $"month: '{month}' has not begun; the newest is this month, in UTC",
        "month");
}
