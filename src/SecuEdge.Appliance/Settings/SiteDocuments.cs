using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Settings;

/// <summary>The site as documents of the settings store, one a tenant: <c>tenant/acme</c>; long lists of mailboxes beside it, see <see cref="RecipientDocuments"/>.</summary>
internal static class SiteDocuments
{
    private const string Prefix = "tenant/";

    internal static JsonSerializerOptions Compact { get; } = new(SiteJson.Options)
    {
        WriteIndented = false,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RecipientDocuments.UseSummaries } },
    };

    public static string NameOf(string tenant) => Prefix + tenant;

    /// <summary>Null when the document is no tenant.</summary>
    public static string? TenantOf(string document) => document.StartsWith(Prefix, StringComparison.Ordinal) ? document[Prefix.Length..] : null;

    /// <summary>The tenant whose document or list of mailboxes it is; null for others.</summary>
    public static string? OwnerOf(string document) => RecipientDocuments.IsPiece(document) ? RecipientDocuments.TenantOf(document) : TenantOf(document);

    /// <summary>What stays of a deleted tenant: its name, so that nobody else's new tenant inherits mail, users or history by it.</summary>
    public static string TombstoneOf(string tenant) => "deleted/" + tenant;

    public static string WriteTombstone(Tenant tenant) => JsonSerializer.Serialize(new Tombstone(tenant.Parent ?? Tenant.Root), Compact);

    /// <summary>The node below which it stood.</summary>
    public static string? FormerParent(SettingsDocument? tombstone) => tombstone is null ? null : JsonSerializer.Deserialize<Tombstone>(tombstone.Json, Compact)?.Parent;

    public static string Write(Tenant tenant) => JsonSerializer.Serialize(tenant, Compact);

    /// <summary>All documents that a change of a tenant writes or deletes.</summary>
    /// <param name="pieces">Of its lists of mailboxes, as stored.</param>
    public static IEnumerable<DocumentWrite> Writes(string name, Tenant? before, Tenant? after, IReadOnlySet<string> pieces) =>
        RecipientDocuments.Writes(name, before, after, pieces).Prepend(new DocumentWrite(NameOf(name), after is null ? null : Write(after)));

    /// <summary>The tenants by name, and why others cannot be read.</summary>
    public static (Site Site, IReadOnlyDictionary<string, string> Unreadable) Read(IReadOnlyDictionary<string, SettingsDocument> documents)
    {
        var tenants = new List<Tenant>();
        var unreadable = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, document) in documents.Where(d => TenantOf(d.Key) is not null).OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            var (tenant, wrong) = SiteJson.Parse<Tenant>(document.Json, options: Compact);
            var error = wrong is [var first, ..] ? first : "";
            if (tenant is not null)
            {
                (tenant, error) = RecipientDocuments.Resolve(tenant, documents);
            }

            if (error.Length == 0)
            {
                tenants.Add(tenant!);
            }
            else
            {
                unreadable.Add(TenantOf(name)!, error);
            }
        }

        return (new Site { Tenants = tenants }, unreadable);
    }

    /// <summary>Whether two tenants say the same. Records compare lists by reference, so the text decides.</summary>
    public static bool AreSame(Tenant one, Tenant other) => ReferenceEquals(one, other) || Write(one) == Write(other);

    private sealed record Tombstone(string Parent);
}
