using System.Collections.Concurrent;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>Who asks for an operation, and what he may do where. The name goes into timelines, revisions and the audit log.</summary>
internal sealed record Caller(string Name)
{
    /// <summary>The operator at the machine itself, through the control socket that only the data folder's owner can open.</summary>
    public static Caller Local { get; } = new("local") { Grants = [new Grant(Tenant.Root, Grant.All)] };

    public IReadOnlyList<Grant> Grants { get; init; } = [];

    /// <summary>Where the request came from; empty at the machine itself.</summary>
    public string Address { get; init; } = "";

    /// <summary>Id of the user who asks; null for tokens and at the machine itself.</summary>
    public string? AccountId { get; init; }

    /// <summary>Id of his session; null when it is not a browser.</summary>
    public string? SessionId { get; init; }

    /// <summary>The token that asks; null for people.</summary>
    public ApiToken? Token { get; init; }

    /// <summary>
    /// Whether he works only for a time or from some addresses. What he makes must not outlive that: a user or a delegation is good from
    /// anywhere, so that with one of them he would be worth more than he is.
    /// </summary>
    public bool IsBound => Token is { ExpiresAt: not null } or { Networks.Count: > 0 };

    /// <summary>Delegations that a question to this caller was answered by, to be audited at the end of the request.</summary>
    public ConcurrentDictionary<string, Grant> UsedDelegations { get; init; } = new();

    /// <summary>Lets an endpoint's handler take a parameter <c>Caller caller</c>.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(context.User.ToCaller());

    /// <summary>Whether he may do this to the node. An unknown node is nobody's.</summary>
    public bool May(Permission permission, string node, SiteDirectory site) =>
        Grants.Any(g => g.Delegation is null && Gives(g, permission, node, site))
        || Grants.FirstOrDefault(g => g.Delegation is not null && Gives(g, permission, node, site)) is { } lent && Use(lent);

    /// <summary>On the whole appliance: nothing is hidden from him.</summary>
    public bool MayAtRoot(Permission permission) =>
        Grants.Any(g => g.Delegation is null && IsAtRoot(g, permission))
        || (Grants.FirstOrDefault(g => g.Delegation is not null && IsAtRoot(g, permission)) is { } lent && Use(lent));

    /// <summary>Whether he may do it anywhere at all: what an endpoint asks before it looks at the object.</summary>
    public bool May(Permission permission) => Grants.Any(g => g.Permissions.Contains(permission));

    /// <summary>Whether he has all of this himself, so that he may give it to others. What is only lent to him does not count.</summary>
    public bool Covers(Grant grant, SiteDirectory site) => Lacks(grant, site).Count == 0;

    /// <summary>What he would give without having it.</summary>
    public IReadOnlyList<Permission> Lacks(Grant grant, SiteDirectory site) =>
        [.. grant.Permissions.Where(p => !Grants.Any(g =>
            g.Delegation is null
            && (g.Mailbox is null || g.Mailbox.Equals(grant.Mailbox, StringComparison.OrdinalIgnoreCase))
            && g.Permissions.Contains(p)
            && site.IsWithin(grant.Node, g.Node))).Order()];

    /// <summary>The tenants whose objects he may see in a list; null = all of them.</summary>
    public IReadOnlySet<string>? Visible(Permission permission, SiteDirectory site)
    {
        var grants = Grants.Where(g => g.Mailbox is null && g.Permissions.Contains(permission)).ToList();
        grants.ForEach(g => Use(g));
        return grants.Any(g => g.Node.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase))
            ? null
            : grants.SelectMany(g => site.Subtree(g.Node)).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsAtRoot(Grant grant, Permission permission) =>
        grant.Mailbox is null && grant.Permissions.Contains(permission) && grant.Node.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase);

    private static bool Gives(Grant grant, Permission permission, string node, SiteDirectory site) =>
        grant.Mailbox is null && grant.Permissions.Contains(permission) && site.IsWithin(node, grant.Node);

    private bool Use(Grant grant)
    {
        if (grant.Delegation is { } delegation)
        {
            UsedDelegations.TryAdd(delegation, grant);
        }

        return true;
    }

    /// <summary>The node under which something that concerns all he sees is audited: his only one, else the appliance.</summary>
    public string Home(Permission permission)
    {
        var nodes = Grants.Where(g => g.Mailbox is null && g.Permissions.Contains(permission)).Select(g => g.Node).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return nodes is [var only] && !only.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase) ? only : "";
    }
}

/// <summary>How an operation ended when it did not succeed; endpoints turn it into problem details.</summary>
/// <param name="Detail">What to do about it.</param>
/// <param name="Field">Place of the input that is wrong, <c>rules[2].when</c>; null when it is none in particular.</param>
internal sealed record OperationProblem(OperationFailure Failure, string Detail, string? Field = null)
{
    /// <summary>Everything that is wrong, when there is more than one thing.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>Errors name a place in the tenant's record; whoever sent a part of it wants the place in what he sent.</summary>
    /// <param name="fieldOf">The field as it was sent, of the field as it was found.</param>
    public OperationProblem At(Func<string, string> fieldOf)
    {
        List<FieldError> errors = [.. Errors.Select(e => e with { Field = fieldOf(e.Field) })];
        return errors.Count == 0
            ? this
            : this with { Detail = string.Join("\n", errors.Select(e => e.Field.Length == 0 ? e.Detail : $"{e.Field}: {e.Detail}")), Field = errors[0].Field, Errors = errors };
    }
}

/// <summary>One wrong field and the remedy.</summary>
public sealed record FieldError(string Field, string Detail);

internal enum OperationFailure
{
    /// <summary>There is none, or none that the caller may know of: the answer is the same.</summary>
    NotFound,
    Invalid,

    /// <summary>The caller may see the object, but not do this to it.</summary>
    Forbidden,

    /// <summary>The object changed since the caller read it (If-Match).</summary>
    Stale,

    /// <summary>The object is in a state that does not allow it.</summary>
    Conflict,

    /// <summary>The caller did more of it than a day takes.</summary>
    TooMany,

    /// <summary>Our own trouble (disk, engine): try again.</summary>
    Unavailable,
}

/// <summary>A value, or why there is none.</summary>
internal sealed record Outcome<T>(T? Value, OperationProblem? Problem)
{
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(OperationProblem problem) => new(default, problem);
}
