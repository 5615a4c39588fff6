using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>Where something is done when nobody says where: at the provider for whoever may there, otherwise at the caller's only node.</summary>
internal static class OwnNode
{
    /// <summary>More names than this help nobody to choose.</summary>
    private const int MaxNamed = 10;

    /// <param name="field">What to write when there are several, or none.</param>
    public static Outcome<string> Of(Caller caller, Permission permission, SiteDirectory site, string field)
    {
        if (caller.May(permission, Tenant.Root, site))
        {
            return Tenant.Root;
        }

        List<string> nodes = [.. Nodes(caller, permission, site)];
        return nodes is [var only]
            ? only
            : nodes.Count == 0 ? new OperationProblem(OperationFailure.Forbidden, "there is no node on which you may do this", field)
            : new OperationProblem(OperationFailure.Invalid, $"name the node; you may do this on {string.Join(", ", nodes.Take(MaxNamed).Select(n => $"'{n}'"))}", field);
    }

    /// <summary>Those of his grants, the topmost ones only.</summary>
    private static IEnumerable<string> Nodes(Caller caller, Permission permission, SiteDirectory site)
    {
        var nodes = caller.Grants.Where(g => g.Mailbox is null && g.Permissions.Contains(permission) && site.FindTenant(g.Node) is not null)
            .Select(g => site.FindTenant(g.Node)!.Tenant.Name).Distinct().ToList();
        return nodes.Where(n => !nodes.Exists(other => other != n && site.IsWithin(n, other))).Order(StringComparer.Ordinal);
    }
}
