using System.Collections.Frozen;
using System.Text.RegularExpressions;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Making and revoking API tokens. Nobody gives what he has not: neither permissions nor, when he is a token himself, more time or more
/// addresses than his own.
/// </summary>
internal sealed partial class TokenOperations(AccountStore store, GrantBook grants, SiteHolder sites, Auditor auditor, TimeProvider timeProvider)
{
    // More than any integration needs; keeps one tenant from filling the memory of all.
    private const int MaxPerNode = 500;
    private const int MaxNetworks = 100;

    /// <summary>In order of id.</summary>
    /// <param name="node">Only of it and below; null = all that the caller may see.</param>
    public IEnumerable<ApiToken> List(Caller caller, string? node)
    {
        var visible = caller.Visible(Permission.AccessManage, sites.Current);
        return store.Tokens
            .Where(t => visible?.Contains(t.Node) != false && (node is null || (grants.HasNode(node) && sites.Current.IsWithin(t.Node, node))))
            .OrderBy(t => t.Id, StringComparer.Ordinal);
    }

    public Outcome<ApiToken> Find(Caller caller, string id) =>
        store.FindToken(id) is { } token && caller.May(Permission.AccessManage, token.Node, sites.Current)
            ? token
            : new OperationProblem(OperationFailure.NotFound, $"there is no token '{id}'");

    /// <returns>The record and the token itself, which is shown this once.</returns>
    public async Task<Outcome<(ApiToken Token, string Secret)>> CreateAsync(Caller caller, TokenDraft draft, CancellationToken cancellationToken)
    {
        if (!grants.HasNode(draft.Node) || !caller.May(Permission.AccessManage, draft.Node, sites.Current))
        {
            return new OperationProblem(OperationFailure.Invalid, $"node: there is no node '{draft.Node}'", "node");
        }

        if (Check(caller, draft) is { } problem)
        {
            return problem;
        }

        var secret = Secrets.NewToken();
        var token = new ApiToken
        {
            Id = Secrets.NewId("t"),
            Name = draft.Name,
            Hash = Secrets.Hash(secret),
            Node = draft.Node.ToLowerInvariant(),
            Permissions = [.. draft.Permissions.Distinct().Order().Select(PermissionWords.Of)],
            Comment = draft.Comment,
            ExpiresAt = draft.ExpiresAt,
            Networks = draft.Networks,
            CreatedAt = timeProvider.GetUtcNow(),
            CreatedBy = caller.Name,

            // A token of a user's token is that user's, too.
            CreatorId = caller.AccountId ?? caller.Token?.CreatorId,
        };
        var isFull = await auditor.ChangeAsync(
            store,
            changes =>
            {
                if (store.Tokens.Count(t => t.Node.Equals(token.Node, StringComparison.OrdinalIgnoreCase)) >= MaxPerNode)
                {
                    return true;
                }

                changes.Put(token);
                return false;
            },
            _ => DeedOf(caller, "token.create", token),
            cancellationToken);
        if (isFull)
        {
            return new OperationProblem(OperationFailure.Conflict, $"the node has {MaxPerNode} tokens; delete those that nobody uses");
        }

        return (token, secret);
    }

    public Task<Outcome<ApiToken>> ChangeAsync(Caller caller, string id, TokenChange change, CancellationToken cancellationToken) =>
        auditor.ChangeAsync(
            store,
            draft =>
            {
                var found = Find(caller, id);
                if (found.Value is not { } token)
                {
                    return found;
                }

                var changed = token with
                {
                    Comment = change.Comment ?? token.Comment,
                    ExpiresAt = change.ExpiresAt ?? token.ExpiresAt,
                    Networks = change.Networks ?? token.Networks,
                };

                // Longer or from elsewhere is a gift, too.
                var scope = new Grant(token.Node, PermissionWords.Read(token.Permissions));
                if (caller.Lacks(scope, sites.Current) is { Count: > 0 } lacking)
                {
                    return new OperationProblem(OperationFailure.Forbidden, $"the token may do what you may not ({PermissionWords.List(lacking)}); you can only delete it");
                }

                if (CheckLimits(caller, change.ExpiresAt is null ? null : changed.ExpiresAt, change.ExpiresAt is not null, change.Networks) is { } problem)
                {
                    return problem;
                }

                draft.Put(changed);
                return changed;
            },
            outcome => DeedOf(caller, "token.change", outcome.Value!),
            cancellationToken);

    /// <summary>Works no more from this moment.</summary>
    public Task<Outcome<ApiToken>> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        auditor.ChangeAsync(
            store,
            draft =>
            {
                var found = Find(caller, id);
                if (found.Value is { } token)
                {
                    draft.Remove(token);
                }

                return found;
            },
            outcome => DeedOf(caller, "token.delete", outcome.Value!),
            cancellationToken);

    /// <summary>Takes over the tokens of a version that kept name and hash only: they may do everything, as they always could.</summary>
    public Task AdoptAsync(IEnumerable<(string Name, string Hash, DateTimeOffset CreatedAt)> tokens, CancellationToken cancellationToken) =>
        store.ChangeAsync(
            draft =>
            {
                foreach (var (name, hash, createdAt) in tokens.Where(t => store.FindTokenByHash(t.Hash) is null))
                {
                    draft.Put(new ApiToken
                    {
                        Id = Secrets.NewId("t"),
                        Name = name,
                        Hash = hash,
                        Node = Tenant.Root,
                        Permissions = [ApiToken.Everything],
                        CreatedAt = createdAt,
                        CreatedBy = Caller.Local.Name,
                    });
                }

                return true;
            },
            cancellationToken);

    private OperationProblem? Check(Caller caller, TokenDraft draft)
    {
        if (!NamePattern.IsMatch(draft.Name))
        {
            return Invalid("name", "must be 1-64 letters, digits, dots, dashes, underscores or spaces");
        }

        if (draft.Permissions.Count == 0)
        {
            return Invalid("permissions", "are none; a token without any is of no use");
        }

        var missing = caller.Lacks(new Grant(draft.Node, [.. draft.Permissions]), sites.Current);
        return missing.Count > 0
            ? Invalid("permissions", $"{PermissionWords.List(missing)}: you do not have this on '{draft.Node}' yourself, and nobody can give what he has not")
            : CheckLimits(caller, draft.ExpiresAt, isExpirySet: true, draft.Networks);
    }

    /// <param name="isExpirySet">Whether the expiry is to be judged; no expiry at all is the longest.</param>
    private OperationProblem? CheckLimits(Caller caller, DateTimeOffset? expiresAt, bool isExpirySet, IReadOnlyList<string>? networks)
    {
        if (isExpirySet && expiresAt <= timeProvider.GetUtcNow())
        {
            return Invalid("expiresAt", "is over already; to end a token now, delete it");
        }

        if (isExpirySet && caller.Token?.ExpiresAt is { } own && !(expiresAt <= own))
        {
            return Invalid("expiresAt", $"must not be after {own:u}, when the token that asks expires itself");
        }

        if (networks is null)
        {
            return null;
        }

        if (networks.Count > MaxNetworks)
        {
            return Invalid("networks", $"are more than {MaxNetworks}; name the network around them");
        }

        for (var i = 0; i < networks.Count; i++)
        {
            if (SiteValidation.ParseNetwork(networks[i]) is null)
            {
                return Invalid($"networks[{i}]", $"'{networks[i]}' is not an address or CIDR network, such as 192.0.2.10 or 2001:db8::/32");
            }
        }

        return caller.Token is { Networks.Count: > 0 } token && (networks.Count == 0 || !networks.All(n => AddressRanges.IsWithin(n, token.Networks)))
            ? Invalid("networks", $"must be within {string.Join(", ", token.Networks)}, where the token that asks may be used itself")
            : null;
    }

    private static OperationProblem Invalid(string field, string detail) => new(OperationFailure.Invalid, $"{field}: {detail}", field);

    private static Deed DeedOf(Caller caller, string action, ApiToken token) => new(caller, action, token.Node, TokenBook.NameOf(token), Describe(token));

    private static string Describe(ApiToken token) =>
        $"{string.Join(", ", token.Permissions)}; {(token.ExpiresAt is { } at ? $"until {at:u}" : "no expiry")}; {(token.Networks.Count == 0 ? "from anywhere" : "from " + string.Join(", ", token.Networks))}.";

    [GeneratedRegex(@"^[\p{L}\p{Nd}][\p{L}\p{Nd}._ -]{0,63}\z")]
    private static partial Regex NamePattern { get; }
}

/// <summary>A token to be made.</summary>
internal sealed record TokenDraft(
    string Name, string Node, IReadOnlyList<Permission> Permissions, string Comment, DateTimeOffset? ExpiresAt, IReadOnlyList<string> Networks);

/// <summary>What is null stays.</summary>
internal sealed record TokenChange(string? Comment, DateTimeOffset? ExpiresAt, IReadOnlyList<string>? Networks);
