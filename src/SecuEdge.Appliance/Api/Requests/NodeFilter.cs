using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Api.Requests;

/// <summary>
/// A list that is asked for one node answers the same everywhere when there is none of that name, or none that the caller may see: 404, where an
/// empty list would say that nothing ever happened there. What was deleted is still known to the provider, whose history and log have it.
/// </summary>
internal static class NodeFilter
{
    private static readonly string[] Names = ["tenant", "node", "parent"];

    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext factory, EndpointFilterDelegate next)
    {
        // Those with a default come from the query; without one they are part of the address, and the operation looks at them.
        var parameters = factory.MethodInfo.GetParameters();
        var index = Array.FindIndex(parameters, p => p.HasDefaultValue && p.ParameterType == typeof(string) && Names.Contains(p.Name));
        return index < 0 ? next : context =>
            HttpMethods.IsGet(context.HttpContext.Request.Method)
            && context.Arguments[index] is string { Length: > 0 } node
            && context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<EndpointPermission>() is { } needed
            && !IsKnown(context.HttpContext, needed, node)
                ? ValueTask.FromResult<object?>(SiteEditor.NoTenant(node).ToProblem())
                : next(context);
    }

    private static bool IsKnown(HttpContext http, EndpointPermission needed, string node)
    {
        var site = http.RequestServices.GetRequiredService<SiteHolder>().Current;
        var caller = http.User.ToCaller();
        // The owner of a mailbox sees a part of its tenant.
        return site.FindTenant(node) is not null
            ? caller.Grants.Any(g => g.Permissions.Contains(needed.Permission) && site.IsWithin(node, g.Node))
            : caller.MayAtRoot(needed.Permission)
                && (node.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase)
                    || http.RequestServices.GetRequiredService<ISettingsStore>().Documents.ContainsKey(SiteDocuments.TombstoneOf(node.ToLowerInvariant())));
    }
}
