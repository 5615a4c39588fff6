using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>What notes and notices ask of a tenant's settings, as it has or inherits them.</summary>
internal readonly struct TenantServices(SiteDirectory site)
{
    public string LanguageOf(string tenant) => site.FindTenant(tenant)?.Service.Language ?? "en";

    /// <summary>Addresses of the administrators.</summary>
    public IReadOnlyList<string> ContactsOf(string tenant) => site.FindTenant(tenant)?.Service.Contacts ?? [];
}
