using System.Text.Json;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Settings;

/// <summary>The site as documents of the settings store, one a tenant: <c>tenant/acme</c>.</summary>
internal static class SiteDocuments
{
    private const string Prefix = "tenant/";

    private static readonly JsonSerializerOptions Compact = new(SiteJson.Options) { WriteIndented = false };

    public static string NameOf(string tenant) => Prefix + tenant;

    /// <summary>Null when the document is no tenant.</summary>
    public static string? TenantOf(string document) => document.StartsWith(Prefix, StringComparison.Ordinal) ? document[Prefix.Length..] : null;

    /// <summary>What stays of a deleted tenant: its name, so that nobody else's new tenant inherits mail, users or history by it.</summary>
    public static string TombstoneOf(string tenant) => "deleted/" + tenant;

    public static string WriteTombstone(Tenant tenant) => JsonSerializer.Serialize(new Tombstone(tenant.Parent ?? Tenant.Root), Compact);

    /// <summary>The node below which it stood.</summary>
    public static string? FormerParent(SettingsDocument? tombstone) => tombstone is null ? null : JsonSerializer.Deserialize<Tombstone>(tombstone.Json, Compact)?.Parent;

    public static string Write(Tenant tenant) => JsonSerializer.Serialize(tenant, Compact);

    /// <summary>The tenants by name, or what cannot be read.</summary>
    public static (Site Site, IReadOnlyList<string> Errors) Read(IReadOnlyDictionary<string, SettingsDocument> documents)
    {
        var tenants = new List<Tenant>();
        var errors = new List<string>();
        foreach (var (name, document) in documents.Where(d => TenantOf(d.Key) is not null).OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            var (tenant, wrong) = SiteJson.Parse<Tenant>(document.Json);
            if (tenant is null)
            {
                errors.AddRange(wrong.Select(e => $"{name}: {e}"));
            }
            else
            {
                tenants.Add(tenant);
            }
        }

        return (new Site { Tenants = tenants }, errors);
    }

    /// <summary>Whether two tenants say the same. Records compare lists by reference, so the text decides.</summary>
    public static bool AreSame(Tenant one, Tenant other) => ReferenceEquals(one, other) || Write(one) == Write(other);

    private sealed record Tombstone(string Parent);
}
