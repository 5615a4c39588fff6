using System.Collections.Frozen;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// What users and tokens may do now. Always worked out from what is in force, never remembered: a role taken away, a node deleted or a
/// delegation over is gone from the next request on.
/// </summary>
internal sealed class GrantBook(AccountStore store, SiteHolder sites, TimeProvider timeProvider)
{
    /// <summary>Only the node itself says whether it is there: <see cref="SiteDirectory.IsWithin"/> puts everything below the root.</summary>
    public bool HasNode(string node) =>
        node.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase) || sites.Current.FindTenant(node) is not null;

    public Grant? GrantOf(AccountRole role) => Roles.Find(role.Role) is { } known ? GrantOf(known, role.Node, role.Address) : null;

    /// <summary>Null when the node is not there or the role has no meaning on it.</summary>
    public Grant? GrantOf(Role role, string node, string? address)
    {
        var isRoot = node.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase);

        // A mailbox user whose address got lost must not become somebody who sees the whole node.
        var isWhole = role == Role.MailboxUser ? !string.IsNullOrEmpty(address) : address is null;
        return HasNode(node) && isWhole && (isRoot || role != Role.Provider)
            ? new Grant(node, Roles.PermissionsOf(role, isRoot), address)
            : null;
    }

    /// <summary>
    /// His own; without what is lent to him. A customer that moved to another reseller took itself out of the hands of the former one's people.
    /// </summary>
    public IReadOnlyList<Grant> OwnGrantsOf(Account account) =>
        account.IsDisabled || !HasNode(account.Node)
            ? []
            : [.. account.Roles.Where(r => sites.Current.IsWithin(r.Node, account.Node)).Select(GrantOf).OfType<Grant>()];

    public IReadOnlyList<Grant> GrantsOf(Account account) =>
        account.IsDisabled || !HasNode(account.Node)
            ? []
            : [.. OwnGrantsOf(account), .. DelegationsFor(account).Select(Lend).OfType<Grant>()];

    /// <summary>Never more than its creator has now.</summary>
    public IReadOnlyList<Grant> GrantsOf(ApiToken token)
    {
        var permissions = PermissionWords.Read(token.Permissions);
        if (token.CreatorId is { } creatorId)
        {
            var own = store.FindAccount(creatorId) is { } creator ? OwnGrantsOf(creator) : [];
            permissions = permissions
                .Where(p => own.Any(g => g.Mailbox is null && g.Permissions.Contains(p) && sites.Current.IsWithin(token.Node, g.Node)))
                .ToFrozenSet();
        }

        return HasNode(token.Node) && permissions.Count > 0 ? [new Grant(token.Node, permissions)] : [];
    }

    /// <summary>The delegations that this user may use now.</summary>
    public IEnumerable<Delegation> DelegationsFor(Account account) =>
        store.Delegations.Where(d => d.ExpiresAt > timeProvider.GetUtcNow() && (d.AccountId == account.Id || IsStaff(account, d.StaffOf)));

    /// <summary>
    /// What was lent to a person and the caller does not have. Whoever gives somebody else a new way to sign in may come in by it himself: what
    /// others lent to that person is not for him.
    /// </summary>
    public List<Delegation> LoansBeyond(Caller caller, Account account) =>
        account.Id == caller.AccountId
            ? []
            : [.. store.Delegations.Where(d => d.AccountId == account.Id && !(Lend(d) is { } lent && caller.Covers(lent, sites.Current)))];

    /// <summary>Users that a node calls its own, mailbox users aside.</summary>
    private static bool IsStaff(Account account, string node) =>
        node.Length > 0
        && account.Node.Equals(node, StringComparison.OrdinalIgnoreCase)
        && account.Roles.Any(r => Roles.Find(r.Role) is not (null or Role.MailboxUser));

    private Grant? Lend(Delegation delegation) => Roles.Find(delegation.Role) is { } role && GrantOf(role, delegation.Node, null) is { } grant
        ? grant with { Delegation = delegation.Id }
        : null;
}
