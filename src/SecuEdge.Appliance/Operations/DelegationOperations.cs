using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>A customer lets somebody from outside help, for a few days and in writing.</summary>
internal sealed class DelegationOperations(AccountStore store, GrantBook grants, SiteHolder sites, Auditor auditor, TimeProvider timeProvider)
{
    public const int MaxDays = 7;
    private const int MaxPerNode = 100;

    /// <summary>Newest first: those of nodes the caller looks after, and those given to himself.</summary>
    public IEnumerable<Delegation> List(Caller caller) =>
        store.Delegations.Where(d => MaySee(caller, d)).OrderByDescending(d => d.CreatedAt).ThenBy(d => d.Id, StringComparer.Ordinal);

    public Outcome<Delegation> Find(Caller caller, string id) =>
        store.FindDelegation(id) is { } delegation && MaySee(caller, delegation) ? delegation : NotFound(id);

    public bool IsActive(Delegation delegation) => delegation.ExpiresAt > timeProvider.GetUtcNow();

    /// <summary>The answer does not tell whether there is such a user: names of other nodes are not the customer's to know.</summary>
    public async Task<Outcome<Delegation>> CreateAsync(Caller caller, DelegationDraft draft, CancellationToken cancellationToken)
    {
        if (!grants.HasNode(draft.Node) || !caller.May(Permission.AccessManage, draft.Node, sites.Current))
        {
            return new OperationProblem(OperationFailure.Invalid, $"node: there is no node '{draft.Node}'", "node");
        }

        if (Check(caller, draft) is { } problem)
        {
            return problem;
        }

        var now = timeProvider.GetUtcNow();
        var delegation = new Delegation
        {
            Id = Secrets.NewId("d"),
            Node = draft.Node.ToLowerInvariant(),
            Role = Roles.Word(draft.Role),
            UserName = draft.User,
            AccountId = draft.User.Length > 0 ? store.FindAccountByName(draft.User)?.Id : null,
            StaffOf = draft.StaffOf.ToLowerInvariant(),
            Consent = draft.Consent,
            CreatedAt = now,
            CreatedBy = caller.Name,
            ExpiresAt = draft.ExpiresAt,
        };
        var isFull = await auditor.ChangeAsync(
            store,
            changes =>
            {
                if (store.Delegations.Count(d => d.Node.Equals(delegation.Node, StringComparison.OrdinalIgnoreCase) && IsActive(d)) >= MaxPerNode)
                {
                    return true;
                }

                changes.Put(delegation);
                return false;
            },
            _ => new Deed(
                caller,
                "delegation.create",
                delegation.Node,
                delegation.Id,
                $"{delegation.Role} for {(delegation.StaffOf.Length > 0 ? $"the staff of {delegation.StaffOf}" : delegation.UserName)} until {delegation.ExpiresAt:u}.",
                delegation.Consent),
            cancellationToken);
        return isFull ? new OperationProblem(OperationFailure.Conflict, $"the node has {MaxPerNode} delegations; revoke those that are done") : delegation;
    }

    /// <summary>Over from this moment. By who looks after the node; who it was given to can give it back.</summary>
    public Task<Outcome<Delegation>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        auditor.ChangeAsync<Outcome<Delegation>>(
            store,
            draft =>
            {
                if (store.FindDelegation(id) is not { } delegation || !MaySee(caller, delegation))
                {
                    return NotFound(id);
                }

                var isHis = caller.AccountId is not null && caller.AccountId == delegation.AccountId;
                if (!isHis && !caller.May(Permission.AccessManage, delegation.Node, sites.Current))
                {
                    return new OperationProblem(OperationFailure.Forbidden, "it was given to all of you; only the customer can take it back");
                }

                draft.Remove(delegation);
                return delegation;
            },
            revoked => new Deed(caller, "delegation.revoke", revoked.Value!.Node, revoked.Value.Id, $"{revoked.Value.Role} given by {revoked.Value.CreatedBy}."),
            cancellationToken);

    private static OperationProblem NotFound(string id) => new(OperationFailure.NotFound, $"there is no delegation '{id}'");

    private bool MaySee(Caller caller, Delegation delegation) =>
        (caller.AccountId is { } id && store.FindAccount(id) is { } account && grants.DelegationsFor(account).Any(d => d.Id == delegation.Id))
        || caller.May(Permission.AccessManage, delegation.Node, sites.Current);

    private OperationProblem? Check(Caller caller, DelegationDraft draft)
    {
        if (draft.User.Length == 0 == (draft.StaffOf.Length == 0))
        {
            return Invalid("user", "give either user or staffOf");
        }

        if (draft.StaffOf.Length > 0 && !(grants.HasNode(draft.StaffOf) && sites.Current.IsWithin(draft.Node, draft.StaffOf)))
        {
            return Invalid("staffOf", $"'{draft.StaffOf}' is not a node above '{draft.Node}'; support comes from there");
        }

        if (draft.Role is Role.Provider or Role.Reseller or Role.MailboxUser)
        {
            return Invalid("role", $"{Roles.Word(draft.Role)} cannot be lent; take customerAdmin, helpdesk, quarantineManager or auditor");
        }

        var now = timeProvider.GetUtcNow();
        if (draft.ExpiresAt <= now || draft.ExpiresAt > now.AddDays(MaxDays))
        {
            return Invalid("expiresAt", $"must be within the next {MaxDays} days; a longer need is a role");
        }

        if (caller.IsBound)
        {
            return new OperationProblem(OperationFailure.Forbidden, "a token that ends or is bound to addresses lends nothing, because what is lent is bound to neither; let a user do it, or a token without limits");
        }

        return caller.Lacks(grants.GrantOf(draft.Role, draft.Node, null)!, sites.Current) is { Count: > 0 } lacking
            ? Invalid("role", $"{Roles.Word(draft.Role)} on '{draft.Node}' has {PermissionWords.List(lacking)}, which you do not have there yourself, and nobody can give what he has not")
            : null;
    }

    private static OperationProblem Invalid(string field, string detail) => new(OperationFailure.Invalid, $"{field}: {detail}", field);
}

/// <summary>A delegation to be made.</summary>
/// <param name="User">Name; empty when it is for <paramref name="StaffOf"/>.</param>
internal sealed record DelegationDraft(string Node, Role Role, string User, string StaffOf, string Consent, DateTimeOffset ExpiresAt);
