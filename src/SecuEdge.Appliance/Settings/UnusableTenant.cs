using System.Text.Json;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>A tenant whose stored settings cannot be used. The document stays as it is; roll-back, import or deletion end it.</summary>
/// <param name="StandIn">In force instead: suspended, so that its mail and that of everybody below waits. Null when there is not even a place for that.</param>
internal sealed record UnusableTenant(string Name, string Reason, Tenant? StandIn)
{
    // Nothing is sent there: the tenant is suspended.
    private const string NoHop = "unknown.invalid:25";

    /// <summary>For the administrator.</summary>
    public string Sentence =>
        $"settings: what is stored of tenant '{Name}' cannot be used ({Reason}); its mail, and that of all below it, is answered 451. Roll it back with POST /api/v1/config/revisions/NUMBER:rollback?tenant={Name}, import it anew, or delete it";

    /// <summary>As far as it can be read: whose domains and networks wait. Everything else of it is unknown.</summary>
    public static Tenant StandInOf(string name, string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = SiteJson.Options.MaxDepth });
        var root = document.RootElement;
        return new Tenant
        {
            Name = name,
            Kind = name == Tenant.Root ? TenantKind.Provider : Text(root, "kind") is "customer" or null ? TenantKind.Customer : TenantKind.Reseller,
            Parent = name == Tenant.Root ? null : Text(root, "parent"),
            State = TenantState.Suspended,
            Domains =
            [
                .. Items(root, "domains").Where(d => Uri.CheckHostName(Text(d, "name")) == UriHostNameType.Dns).DistinctBy(d => Text(d, "name"), StringComparer.OrdinalIgnoreCase)
                    .Select(d => new Domain { Name = Text(d, "name")!, NextHops = Hops(d), Ownership = Ownership(d) }),
            ],
            Outbound = new Outbound { Networks = [.. Property(root, "outbound") is { } outbound ? Texts(outbound, "networks").Where(n => SiteValidation.ParseNetwork(n) is not null) : []] },
        };
    }

    private static IReadOnlyList<string> Hops(JsonElement domain) => [.. Texts(domain, "nextHops").Where(h => SmtpEndpoint.TryParse(h, out _)).DefaultIfEmpty(NoHop)];

    /// <summary>A claim that nobody has proven holds back nobody's mail.</summary>
    private static DomainOwnership Ownership(JsonElement domain) => Text(domain, "ownership") switch
    {
        "pending" => DomainOwnership.Pending,
        "proven" => DomainOwnership.Proven,
        _ => DomainOwnership.Vouched,
    };

    private static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement element, string name) => Property(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static IEnumerable<string> Texts(JsonElement element, string name) =>
        Items(element, name).Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!);
}
