using System.Text.RegularExpressions;
using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>
/// How to ask an endpoint about an object of a tenant, and what the answer depends on. The permission itself is not here: that is read from the
/// OpenAPI document.
/// </summary>
/// <param name="Operation">Method and path as in the document: <c>GET /api/v1/messages/{reference}</c>.</param>
/// <param name="Ask">Makes the request. An endpoint that uses up its object gets a new one.</param>
/// <param name="Allowed">Status for whoever may.</param>
internal sealed partial record EndpointExample(string Operation, Func<TenantTree, string, Task<Ask>> Ask, int Allowed = 200)
{
    /// <summary>Status for whoever has the permission, but not on this tenant. A list is shown all the same, without the tenant's objects.</summary>
    public int Foreign { get; init; } = 404;

    /// <summary>What the document must say of it: a wall that is declared too low would otherwise be tested as low as it is.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>Whoever has this on the tenant knows of the object, and is told 403 instead of <see cref="Foreign"/>. Null = the endpoint's own permission.</summary>
    public Permission? SeenWith { get; init; }

    /// <summary>What the operation asks for on the tenant where the endpoint itself asks only for a caller; null = it is about himself.</summary>
    public Permission? Decides { get; init; }

    /// <summary>What a signed-in user would do to himself with it ends his session or counts as a wrong password; tokens are told that it is not for them.</summary>
    public bool IsOnlyAskedByTokens { get; init; }

    /// <summary>Whose object it is.</summary>
    public string Node { get; init; } = TenantTree.Own;

    /// <summary>Gives a login or lends something, which outlives a token that is bound to addresses: that is told 403.</summary>
    public bool IsNotForBoundTokens { get; init; }

    /// <summary>It needs the permission on the node above the tenant; whoever has it on the tenant only is told 403.</summary>
    public bool IsDecidedAbove { get; init; }

    /// <summary>Makes the tenant as it was, after whoever may.</summary>
    public Func<TenantTree, string, Task>? Undo { get; init; }

    /// <summary>The same request about something that does not exist; null where there is no object.</summary>
    public Func<TenantTree, string, Ask>? Missing { get; init; }

    /// <summary>The body names the tenant.</summary>
    public static EndpointExample InBody(string operation, Func<TenantTree, string, string> body, int allowed = 200, string missing = "nobody")
    {
        return new EndpointExample(operation, (t, c) => Task.FromResult(AskFor(t, c)), allowed) { Missing = (t, _) => AskFor(t, missing) };

        Ask AskFor(TenantTree tree, string tenant) => new(operation.Split(' ')[1], body(tree, tenant)) { Object = tenant };
    }

    public static EndpointExample List(string operation) => new(operation, (_, _) => Task.FromResult(new Ask(operation.Split(' ')[1]))) { Foreign = 200 };

    /// <summary>An object whose name or reference stands in the path of the operation.</summary>
    public static EndpointExample Object(
        string operation, string missing, Func<TenantTree, string, Task<string>> find, int allowed = 200, Permission? seenWith = null, string query = "", string? body = null, string type = "application/json")
    {
        return new EndpointExample(operation, async (tree, tenant) => AskFor(await find(tree, tenant)), allowed) { SeenWith = seenWith, Missing = (_, _) => AskFor(missing) };

        Ask AskFor(string name) => new(Placeholder().Replace(operation.Split(' ')[1], name, 1) + query, body, type) { Object = name };
    }

    /// <summary>What belongs to the appliance.</summary>
    public static EndpointExample Plain(string operation, int allowed = 200, string? path = null, string? body = null, string type = "application/json") =>
        new(operation, (_, _) => Task.FromResult(new Ask(path ?? operation.Split(' ')[1], body, type)), allowed) { Scope = "root" };

    /// <summary>A path to nothing, for those who must not get so far as to learn it.</summary>
    public static string WithoutPlaceholders(string path) => Placeholder().Replace(path, "1");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Placeholder();
}

/// <summary>One request.</summary>
internal sealed record Ask(string Path, string? Body = null, string Type = "application/json")
{
    /// <summary>What it asks for, as it stands in the answer; empty when there is no object.</summary>
    public string Object { get; init; } = "";
}
