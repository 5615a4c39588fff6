using SecuEdge.Appliance.Access;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>Seeing and ending the sessions of oneself, and of users one looks after.</summary>
internal sealed class SessionOperations(AccountStore store, SessionBook sessions, UserOperations users, Auditor auditor)
{
    /// <summary>One's own; of somebody else with <paramref name="user"/>.</summary>
    public Outcome<IReadOnlyList<LoginSession>> List(Caller caller, string? user)
    {
        if (user is null)
        {
            return new Outcome<IReadOnlyList<LoginSession>>(caller.AccountId is { } id ? [.. sessions.Of(id)] : [], null);
        }

        var found = users.Find(caller, user);
        return found.Value is { } account
            ? new Outcome<IReadOnlyList<LoginSession>>([.. sessions.Of(account.Id)], null)
            : found.Problem!;
    }

    /// <summary>One's own, or one of a user one looks after; any other is as if it were not there.</summary>
    public async Task<Outcome<string>> EndAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var ended = await auditor.ChangeAsync(
            store,
            draft =>
            {
                if (store.FindSession(id) is not { } session || store.FindAccount(session.AccountId) is not { } account
                    || !(account.Id == caller.AccountId || users.Find(caller, account.Name).Value is not null))
                {
                    return null;
                }

                draft.Remove(session);
                return account;
            },
            account => new Deed(caller, "session.end", account!.Node, account.Name, $"Session {id} ended."),
            cancellationToken);
        return ended is null ? new OperationProblem(OperationFailure.NotFound, $"there is no session '{id}'") : id;
    }

    /// <summary>Everywhere, at once.</summary>
    public async Task<Outcome<int>> EndAllAsync(Caller caller, string user, CancellationToken cancellationToken)
    {
        var found = users.Find(caller, user);
        if (found.Value is not { } account)
        {
            return found.Problem!;
        }

        return await auditor.ChangeAsync(
            store,
            draft => sessions.End(draft, account.Id),
            count => new Deed(caller, "session.end", account.Node, account.Name, $"All {count} sessions ended."),
            cancellationToken);
    }

    /// <summary>Ends the session that asks.</summary>
    public async Task<Outcome<string>> LogoutAsync(Caller caller, CancellationToken cancellationToken) => caller.SessionId is { } id
        ? await EndAsync(caller, id, cancellationToken)
        : new OperationProblem(OperationFailure.Conflict, "there is no session to end: this call came with a token");
}
