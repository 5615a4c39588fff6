using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>Settings of a tenant's services, its own or those of the nearest node above that has them.</summary>
internal readonly struct TenantServices(SiteDirectory site)
{
    public string LanguageOf(string tenant) => Nearest(tenant, s => s.Language) ?? "en";

    /// <summary>Addresses of the administrators.</summary>
    public IReadOnlyList<string> ContactsOf(string tenant) => Nearest(tenant, s => s.Contacts is { Count: > 0 } ? s.Contacts : null) ?? [];

    private T? Nearest<T>(string tenant, Func<ServiceSettings, T?> read)
        where T : class
    {
        // The root may be in the list like any other; parents end there.
        var isRoot = false;
        for (string? at = tenant; at is not null;)
        {
            var found = site.FindTenant(at)?.Tenant;
            if (found is not null && read(found.Service) is { } value)
            {
                return value;
            }

            isRoot |= at.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase);
            at = isRoot ? null : found?.Parent ?? Tenant.Root;
        }

        return null;
    }
}
