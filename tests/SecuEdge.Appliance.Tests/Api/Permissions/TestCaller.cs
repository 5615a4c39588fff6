using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Somebody who calls the API, and what he was granted.</summary>
/// <param name="Node">Null = he has no token.</param>
public sealed record TestCaller(string Name, string? Node, IReadOnlyList<Permission> Permissions)
{
    private static readonly IReadOnlyList<Permission> Everything = Enum.GetValues<Permission>();

    private static readonly IReadOnlyList<Permission> Reading =
    [
        Permission.MessagesRead, Permission.QuarantineRead, Permission.QueueRead, Permission.TenantsRead, Permission.PolicyRead, Permission.AuditRead, Permission.UsageRead,
    ];

    public static IReadOnlyList<TestCaller> All { get; } =
    [
        new("anonymous", null, []),
        new("nonsense", null, []) { Secret = "se_nonsense" },
        new("provider", TenantTree.Provider, Everything),
        new("reader of everything", TenantTree.Provider, Reading),
        new("admin of the parent", TenantTree.ParentOne, Everything),
        new("admin of another parent", TenantTree.ParentTwo, Everything),
        new("admin of the node", TenantTree.Own, Everything),
        new("reader of the node", TenantTree.Own, Reading),
        new("sibling customer", TenantTree.Sibling, Everything),
        new("wrong tenant", TenantTree.Stranger, Everything),
        new("has one permission only", TenantTree.Own, [Permission.PrivacyManage]),
        new("expired token", TenantTree.Own, Everything) { IsExpired = true },
        new("token out of its addresses", TenantTree.Own, Everything) { Networks = ["192.0.2.0/24"] },
        new("token from its addresses", TenantTree.Own, Everything) { Networks = ["127.0.0.0/8"] },
        new("owner of another mailbox", TenantTree.Own, [.. Roles.PermissionsOf(Role.MailboxUser, isRoot: false)]) { Mailbox = $"colleague@{TenantTree.Own}.example" },
    ];

    public string? Secret { get; init; }

    public bool IsExpired { get; init; }

    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>He is a signed-in user who sees the mail of this address and nothing else, not a token.</summary>
    public string? Mailbox { get; init; }

    public bool IsKnown => Node is not null && !IsExpired && !Networks.Contains("192.0.2.0/24");

    public bool Has(Permission permission) => Permissions.Contains(permission);

    public bool Has(Permission permission, string tenant) => Has(permission) && Mailbox is null && TenantTree.IsWithin(tenant, Node!);

    public override string ToString() => Name;
}
