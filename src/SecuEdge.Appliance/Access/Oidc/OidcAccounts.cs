using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>
/// Which user somebody is whom the provider vouches for. He is found by issuer and subject and by nothing else: a name or an address that
/// looks the same makes nobody the owner of a user that is already there.
/// </summary>
internal sealed class OidcAccounts(OidcOptions options, AccountStore store, UserOperations users, GrantBook grants, SiteHolder sites)
{
    /// <summary>As users are shown in lists.</summary>
    private const int MaxDisplayName = 200;

    private readonly IReadOnlyList<GroupRole> _map = [.. options.Roles.Select(GroupRole.Parse).OfType<GroupRole>()];

    /// <summary>Finds him, or makes him where that is allowed.</summary>
    public async Task<OidcUser> FindAsync(OidcIdentity identity, string address, CancellationToken cancellationToken)
    {
        var roles = RolesFor(identity.Groups);
        if (store.Accounts.FirstOrDefault(a => a.ExternalId == identity.ExternalId) is not { } account)
        {
            return await CreateAsync(identity, roles, address, cancellationToken);
        }

        if (account.IsDisabled)
        {
            return new OidcUser(account, LoginFailure.Disabled, "");
        }

        if (_map.Count > 0 && Within(roles, account).Count == 0)
        {
            await StripAsync(account, address, cancellationToken);
            return new OidcUser(account, LoginFailure.Oidc, "None of the groups gives a role at the node the user belongs to.");
        }

        return new OidcUser(account, null, "");
    }

    /// <summary>The user as he is to be from now on; null when he is no longer this person's.</summary>
    public Account? Refresh(Account newest, OidcIdentity identity) =>
        newest.ExternalId != identity.ExternalId ? null
        : _map.Count == 0 ? newest
        : Within(RolesFor(identity.Groups), newest) is { Count: > 0 } roles ? newest with { Roles = roles }
        : null;

    /// <summary>In the order of the map, each once. A node that is gone gives nothing.</summary>
    private List<AccountRole> RolesFor(IReadOnlyList<string> groups) =>
        [.. _map.Where(m => groups.Contains(m.Group) && grants.GrantOf(m.Role) is not null).Select(m => m.Role).Distinct()];

    /// <summary>Who manages a node's users must not come to manage somebody who is more than he.</summary>
    private List<AccountRole> Within(List<AccountRole> roles, Account account) =>
        [.. roles.Where(r => grants.HasNode(account.Node) && sites.Current.IsWithin(r.Node, account.Node))];

    private async Task<OidcUser> CreateAsync(OidcIdentity identity, List<AccountRole> roles, string address, CancellationToken cancellationToken)
    {
        if (!options.CreateUsers)
        {
            return new OidcUser(null, LoginFailure.UnknownUser, "");
        }

        if (roles.Count == 0)
        {
            return new OidcUser(null, LoginFailure.Oidc, "None of the groups gives a role; no user was made.");
        }

        var displayName = new string([.. identity.DisplayName.Where(c => !char.IsControl(c)).Take(MaxDisplayName)]);
        var email = MailPath.TryParse(identity.Email, out _) ? identity.Email : "";
        var outcome = await users.CreateAsync(
            Provider(address),
            new UserDraft(identity.Name, NodeOf(roles), displayName, email, "", roles, null, identity.ExternalId),
            cancellationToken);
        return outcome.Problem is { } problem
            ? new OidcUser(null, LoginFailure.Oidc, $"No user could be made: {problem.Detail}.")
            : new OidcUser(outcome.Value, null, "");
    }

    /// <summary>What a group gave goes with it, also from the tokens he made.</summary>
    private async Task StripAsync(Account account, string address, CancellationToken cancellationToken)
    {
        if (account.Roles.Count > 0)
        {
            await users.ChangeAsync(Provider(address), account.Name, new UserChange(null, null, null, [], null, null), cancellationToken);
        }
    }

    /// <summary>The lowest node that all the roles are within: whoever manages it has them all.</summary>
    private string NodeOf(List<AccountRole> roles)
    {
        var at = sites.Current.FindTenant(roles[0].Node);
        while (at is not null && !roles.TrueForAll(r => sites.Current.IsWithin(r.Node, at.Tenant.Name)))
        {
            at = at.Parent;
        }

        return at?.Tenant.Name ?? Tenant.Root;
    }

    /// <summary>The administrator who wrote the map acts here; it is he who gives the roles.</summary>
    private static Caller Provider(string address) => new("oidc") { Grants = [new Grant(Tenant.Root, Grant.All)], Address = address };
}

/// <param name="Account">Null when there is none.</param>
/// <param name="Failure">Null when he may come in.</param>
/// <param name="Reason">More than the failure says by itself; empty = nothing.</param>
internal sealed record OidcUser(Account? Account, LoginFailure? Failure, string Reason);
