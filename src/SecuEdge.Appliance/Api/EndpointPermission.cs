using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// What an endpoint asks of its caller: one permission, on the node of the object or, for the appliance's own things, on the root. Declared
/// where the endpoint is mapped; the OpenAPI document, the check before the handler and the test of all endpoints read it from here.
/// </summary>
/// <param name="IsForRoot">The caller needs it on the root.</param>
internal sealed record EndpointPermission(Permission Permission, bool IsForRoot);

internal static class EndpointPermissions
{
    /// <summary>The object's node decides; the operation looks at it.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, Permission permission)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new EndpointPermission(permission, IsForRoot: false));

    /// <summary>Only whoever has it on the root.</summary>
    public static TBuilder NeedsAtRoot<TBuilder>(this TBuilder endpoint, Permission permission)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new EndpointPermission(permission, IsForRoot: true));
}
