using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// The site file that the configuration names, imported at a start when it is another than last time. What was changed or made meanwhile through the
/// API stays: only tenants that an earlier version of the file named, and this one does not, are deleted.
/// </summary>
internal sealed class SiteFile(SiteOperations operations, IStateFiles states)
{
    private const string StateName = "site-file";

    /// <returns>What is wrong with the file; null when it is in force.</returns>
    public async Task<OperationProblem?> ImportAsync(string path, CancellationToken cancellationToken)
    {
        var json = await File.ReadAllTextAsync(path, cancellationToken);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        var last = Read();
        if (last?.Hash == hash)
        {
            return null;
        }

        var (site, errors) = SiteJson.Parse<Site>(json);
        if (site is null)
        {
            return SiteEditor.Invalid(errors);
        }

        var scope = new SiteScope(Tenant.Root, KeepOthers: true) { Gone = (last?.Tenants ?? []).ToHashSet() };
        var outcome = await operations.ImportAsync(Caller.Local, json, scope, $"start with {Path.GetFileName(path)}", plan: false, cancellationToken);
        if (outcome.Problem is null)
        {
            states.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(new Imported(hash, [.. site.Tenants.Select(t => t.Name)])));
        }

        return outcome.Problem;
    }

    /// <summary>An unreadable note only means that the file is imported once more.</summary>
    private Imported? Read()
    {
        try
        {
            return states.Read(StateName) is { } bytes ? JsonSerializer.Deserialize<Imported>(bytes) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Imported(string Hash, IReadOnlyList<string> Tenants);
}
