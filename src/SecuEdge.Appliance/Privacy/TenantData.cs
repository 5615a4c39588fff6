using System.Text.Json;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Writes things as JSON lines into the export of a tenant.</summary>
internal static class TenantLines
{
    public static async Task WriteAsync<T>(Stream output, IAsyncEnumerable<T> items, CancellationToken cancellationToken)
    {
        var end = "\n"u8.ToArray();
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(output, item, ApiJson.Options, cancellationToken);
            await output.WriteAsync(end, cancellationToken);
        }
    }
}

/// <summary>Stories of messages.</summary>
internal sealed class TenantMessages(IMessageLog messageLog, IMessageUpkeep upkeep) : ITenantData
{
    private const int StepSize = 500;

    public string EntryName => "messages.jsonl";

    public async Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await messageLog.SearchAsync(new MessageQuery { Tenant = tenant, Limit = 200, Cursor = cursor }, cancellationToken);
            await TenantLines.WriteAsync(output, page.Items.Select(m => m.WithoutWords()).ToAsyncEnumerable(), cancellationToken);
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    public async Task EraseAsync(string tenant, CancellationToken cancellationToken)
    {
        while (await upkeep.ExpireAsync(tenant, DateTimeOffset.MaxValue, StepSize, cancellationToken) == StepSize)
        {
            // In steps, so that mail of others is logged between them.
        }
    }
}

/// <summary>Quarantined mail: what there is of it. The bytes are <see cref="QuarantinedMail"/>'s, for those who may read them.</summary>
internal sealed class TenantQuarantine(IQuarantine quarantine) : ITenantData
{
    public string EntryName => "quarantine.jsonl";

    public async Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await quarantine.ListAsync(new QuarantineQuery { Tenant = tenant, Limit = 200, Cursor = cursor }, cancellationToken);
            await TenantLines.WriteAsync(output, page.Items.Select(e => e with { Message = e.Message.WithoutWords() }).ToAsyncEnumerable(), cancellationToken);
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    public async Task EraseAsync(string tenant, CancellationToken cancellationToken)
    {
        while (await quarantine.ListAsync(new QuarantineQuery { Tenant = tenant, Limit = 200 }, cancellationToken) is { Items.Count: > 0 } page)
        {
            foreach (var entry in page.Items)
            {
                await quarantine.DeleteAsync(entry.Reference, cancellationToken);
            }
        }
    }
}

/// <summary>Facts of messages.</summary>
internal sealed class TenantFacts(IFactsLog facts) : ITenantData
{
    public string EntryName => "facts.jsonl";

    public Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken) =>
        TenantLines.WriteAsync(output, facts.ReadAsync(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { tenant }, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancellationToken), cancellationToken);

    public Task EraseAsync(string tenant, CancellationToken cancellationToken) =>
        facts.EraseAsync(tenant, _ => true, cancellationToken);
}

/// <summary>Usage. The numbers were billed and stay; the addresses become pseudonyms whose key is then forgotten.</summary>
internal sealed class TenantUsage(IUsageLog usage, Pseudonyms pseudonyms) : ITenantData
{
    public string EntryName => "usage.jsonl";

    public async Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken)
    {
        foreach (var month in await usage.MonthsAsync(cancellationToken))
        {
            var days = (await usage.FindAsync(month, cancellationToken, [tenant])).Days;
            await TenantLines.WriteAsync(output, days.ToAsyncEnumerable(), cancellationToken);
            string? after = null;
            while (await usage.MailboxesAsync(month, tenant, after, 500, cancellationToken) is { Count: > 0 } mailboxes)
            {
                await TenantLines.WriteAsync(output, mailboxes.ToAsyncEnumerable(), cancellationToken);
                after = mailboxes[^1].Address;
            }
        }
    }

    public async Task EraseAsync(string tenant, CancellationToken cancellationToken)
    {
        await usage.RenameAsync(tenant, null, pseudonyms.Of(tenant).Address, cancellationToken);
        pseudonyms.Forget(tenant);
    }
}

/// <summary>Audit entries: exported, and kept until their retention ends, because they prove who did what.</summary>
internal sealed class TenantAudit(AuditLog audit) : ITenantData
{
    public string EntryName => "audit.jsonl";

    public Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken) =>
        TenantLines.WriteAsync(
            output,
            audit.ReadAsync(new AuditQuery { Tenants = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { tenant } }, cancellationToken).Select(e => e.InPart()),
            cancellationToken);

    public Task EraseAsync(string tenant, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Recipients that were refused.</summary>
internal sealed class TenantRefusals(RefusalLog refusals) : ITenantData
{
    public string EntryName => "refusals.jsonl";

    public Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken) =>
        TenantLines.WriteAsync(output, refusals.ReadAsync(new RefusalQuery { Tenant = tenant }, cancellationToken).Select(Api.RefusalDetail.Of), cancellationToken);

    public Task EraseAsync(string tenant, CancellationToken cancellationToken) =>
        refusals.EraseAsync(r => r.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase), cancellationToken);
}
