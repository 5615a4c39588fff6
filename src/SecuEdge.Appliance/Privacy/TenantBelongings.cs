using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Convictions;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Webhooks;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Users, tokens and delegations; the export has no secrets, not even their hashes.</summary>
internal sealed class TenantAccounts(AccountStore store, AccessSweep sweep) : ITenantData
{
    public string EntryName => "access.jsonl";

    public async Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken)
    {
        await TenantLines.WriteAsync(
            output,
            store.Accounts.Where(a => Is(a.Node, tenant)).OrderBy(a => a.Name, StringComparer.Ordinal)
                .Select(a => new { User = a.Name, a.DisplayName, a.Email, a.Language, a.Roles, a.IsDisabled, a.CreatedAt, a.CreatedBy, a.LastLoginAt }).ToAsyncEnumerable(),
            cancellationToken);
        await TenantLines.WriteAsync(
            output,
            store.Tokens.Where(t => Is(t.Node, tenant)).OrderBy(t => t.Id, StringComparer.Ordinal)
                .Select(t => new { Token = t.Name, t.Permissions, t.Comment, t.ExpiresAt, t.Networks, t.CreatedAt, t.CreatedBy, t.LastUsedAt, t.LastUsedFrom }).ToAsyncEnumerable(),
            cancellationToken);
        await TenantLines.WriteAsync(
            output,
            store.Delegations.Where(d => Is(d.Node, tenant)).OrderBy(d => d.Id, StringComparer.Ordinal)
                .Select(d => new { Delegation = d.Id, d.Role, d.UserName, d.StaffOf, d.Consent, d.CreatedAt, d.CreatedBy, d.ExpiresAt }).ToAsyncEnumerable(),
            cancellationToken);
    }

    public Task EraseAsync(string tenant, CancellationToken cancellationToken) => sweep.ForgetAsync(tenant, cancellationToken);

    private static bool Is(string node, string tenant) => node.Equals(tenant, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Webhooks, with what waits for them. The export has no secrets of theirs.</summary>
internal sealed class TenantWebhooks(WebhookStore store) : ITenantData, INodeBelongings
{
    public string EntryName => "webhooks.jsonl";

    public string Removal => "webhook.delete";

    public IEnumerable<NodeBelonging> Belongings => store.All.Select(h => new NodeBelonging(h.Tenant, h.Name, h.CreatedAt));

    public Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken) =>
        TenantLines.WriteAsync(
            output, Of(tenant).Select(h => new { h.Name, h.Url, h.Events, h.Enabled, h.CreatedAt, h.FailingSince, h.DisabledReason, h.Dropped }).ToAsyncEnumerable(), cancellationToken);

    public Task EraseAsync(string tenant, CancellationToken cancellationToken)
    {
        foreach (var hook in Of(tenant).ToList())
        {
            store.Remove(hook.Key);
        }

        store.Compact();
        return Task.CompletedTask;
    }

    public Task RemoveAsync(NodeBelonging belonging)
    {
        var key = Webhook.KeyOf(belonging.Node, belonging.Name);

        // Another one of that name may have been made while this was written down.
        if (store.Find(key)?.CreatedAt == belonging.Since)
        {
            store.Remove(key);
            store.Compact();
        }

        return Task.CompletedTask;
    }

    private IEnumerable<Webhook> Of(string tenant) => store.All.Where(h => h.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Its own lists of hashes; the export says what there was, the hashes were the tenant's own to begin with.</summary>
internal sealed class TenantHashLists(HashListStore lists) : ITenantData, INodeBelongings
{
    public string EntryName => "hash-lists.jsonl";

    public string Removal => "hash-list.delete";

    /// <summary>Without those of the appliance, which are nobody's.</summary>
    public IEnumerable<NodeBelonging> Belongings => lists.All.Where(l => l.Tenant.Length > 0).Select(l => new NodeBelonging(l.Tenant, l.Name, l.ChangedAt));

    public Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken) =>
        TenantLines.WriteAsync(output, Of(tenant).ToAsyncEnumerable(), cancellationToken);

    public async Task EraseAsync(string tenant, CancellationToken cancellationToken)
    {
        foreach (var list in Of(tenant).ToList())
        {
            await lists.RemoveAsync(list.Name, cancellationToken);
        }
    }

    public Task RemoveAsync(NodeBelonging belonging) =>
        lists.Find(belonging.Name) is { } list && list.ChangedAt == belonging.Since ? lists.RemoveAsync(belonging.Name, CancellationToken.None) : Task.CompletedTask;

    private IEnumerable<HashListInfo> Of(string tenant) => lists.All.Where(l => l.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Who got a file before it was convicted.</summary>
internal sealed class TenantRetroVerdicts(RetroVerdicts verdicts) : ITenantData
{
    public string EntryName => "retro-verdicts.jsonl";

    public Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken) =>
        TenantLines.WriteAsync(
            output,
            verdicts.All.Select(v => v with { Messages = [.. v.Messages.Where(m => m.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase))] })
                .Where(v => v.Messages.Count > 0).Select(v => v with { MessageCount = v.Messages.Count }).ToAsyncEnumerable(),
            cancellationToken);

    public Task EraseAsync(string tenant, CancellationToken cancellationToken) => verdicts.EraseAsync(tenant, cancellationToken);
}
