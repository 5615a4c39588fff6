using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Privacy;

namespace SecuEdge.Appliance.Directories;

/// <summary>What was read of a tenant's directories, exported and erased with the tenant.</summary>
internal sealed class TenantDirectories(DirectoryShelf shelf, DirectorySecrets secrets) : ITenantData
{
    public string EntryName => "directories.jsonl";

    public Task ExportAsync(string tenant, Stream output, CancellationToken cancellationToken) =>
        TenantLines.WriteAsync(output, KeysOf(tenant).SelectMany(LinesOf).ToAsyncEnumerable(), cancellationToken);

    public Task EraseAsync(string tenant, CancellationToken cancellationToken)
    {
        foreach (var key in KeysOf(tenant))
        {
            shelf.Remove(key);
        }

        secrets.Remove(key => key.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase));
        return Task.CompletedTask;
    }

    private List<DirectoryKey> KeysOf(string tenant) => [.. shelf.Keys.Where(k => k.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase))];

    private IEnumerable<Line> LinesOf(DirectoryKey key) => shelf.Find(key) is { } snapshot
        ? snapshot.Entries.Select(e => new Line(key.Name, e.Addresses, [.. e.Groups.Select(g => snapshot.Groups[g].Name)]))
        : [];

    private sealed record Line(string Directory, IReadOnlyList<string> Addresses, IReadOnlyList<string> Groups);
}
