using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Who am I, and what may I do.</summary>
internal static class MeApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/me", (Caller caller) => Me(caller)).WithTags("Access").WithSummary("Who the caller is and what he may do where").NeedsOnlyCaller();

    private static Ok<MeDetail> Me(Caller caller) => TypedResults.Ok(new MeDetail
    {
        Name = caller.Name,
        Address = caller.Address,
        Grants = [.. caller.Grants.Select(GrantDetail.Of)],
    });
}

/// <summary>The caller as the appliance sees him.</summary>
public sealed record MeDetail
{
    /// <summary>Name of the user or token, as it stands in the audit log.</summary>
    public required string Name { get; init; }

    /// <summary>Where the request came from; empty at the machine itself.</summary>
    public required string Address { get; init; }

    /// <summary>What he may do where; everything below a node is included.</summary>
    public required IReadOnlyList<GrantDetail> Grants { get; init; }
}

/// <summary>Permissions on one node and everything below it.</summary>
public sealed record GrantDetail
{
    /// <summary>Name of the tenant; <c>provider</c> for the whole appliance.</summary>
    public required string Node { get; init; }

    /// <summary>In the order of the permission list.</summary>
    public required IReadOnlyList<Permission> Permissions { get; init; }

    /// <summary>Only what concerns this address; absent = all of the node.</summary>
    public string? Mailbox { get; init; }

    internal static GrantDetail Of(Grant grant) => new() { Node = grant.Node, Permissions = [.. grant.Permissions.Order()], Mailbox = grant.Mailbox };
}
