using System.Collections.Frozen;

namespace SecuEdge.Appliance.Access;

/// <summary>Permissions on one node and everything below it.</summary>
/// <param name="Node">Name of the tenant; <see cref="Settings.Tenant.Root"/> for the whole appliance.</param>
/// <param name="Mailbox">Only what concerns this address; null = all of the node. A mailbox user sees his own mail and nothing else.</param>
/// <param name="Delegation">Id of the consent it comes from; null = his own. What is lent can be used, not given on.</param>
internal sealed record Grant(string Node, FrozenSet<Permission> Permissions, string? Mailbox = null, string? Delegation = null)
{
    public static FrozenSet<Permission> All { get; } = Enum.GetValues<Permission>().ToFrozenSet();
}
