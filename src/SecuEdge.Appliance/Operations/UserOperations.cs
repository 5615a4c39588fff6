using System.Text.RegularExpressions;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Making and changing users. Two questions at every change: may the caller manage the users of the node, and has he himself everything that
/// the user has or gets? Who may reset a password can sign in with it.
/// </summary>
internal sealed partial class UserOperations(
    AccountStore store, GrantBook grants, SessionBook sessions, PasswordHasher hasher, SiteHolder sites, Auditor auditor, TimeProvider timeProvider)
{
    private const int MaxRoles = 100;

    /// <summary>Would read like somebody else in the audit log.</summary>
    private static readonly string[] Reserved = ["setup", "local", "unknown", "system", "secuedge", "oidc"];

    /// <summary>In order of name.</summary>
    /// <param name="node">Only of it and below; null = all that the caller may see.</param>
    public IEnumerable<Account> List(Caller caller, string? node)
    {
        var visible = caller.Visible(Permission.AccessManage, sites.Current);
        return store.Accounts
            .Where(a => visible?.Contains(a.Node) != false && (node is null || (grants.HasNode(node) && sites.Current.IsWithin(a.Node, node))))
            .OrderBy(a => a.Name, StringComparer.Ordinal);
    }

    public Outcome<Account> Find(Caller caller, string name) =>
        store.FindAccountByName(name) is { } account && caller.May(Permission.AccessManage, account.Node, sites.Current)
            ? account
            : new OperationProblem(OperationFailure.NotFound, $"there is no user '{name}'");

    public async Task<Outcome<Account>> CreateAsync(Caller caller, UserDraft draft, CancellationToken cancellationToken)
    {
        if (!grants.HasNode(draft.Node) || !caller.May(Permission.AccessManage, draft.Node, sites.Current))
        {
            return new OperationProblem(OperationFailure.Invalid, $"node: there is no node '{draft.Node}'", "node");
        }

        if (caller.IsBound)
        {
            return Bound;
        }

        var account = new Account
        {
            Id = Secrets.NewId("u"),
            Name = draft.Name.ToLowerInvariant(),
            Node = draft.Node.ToLowerInvariant(),
            DisplayName = draft.DisplayName,
            Email = draft.Email,
            Language = draft.Language,
            Roles = draft.Roles,
            ExternalId = draft.ExternalId,
            CreatedAt = timeProvider.GetUtcNow(),
            CreatedBy = caller.Name,
        };
        if (Check(caller, account, draft.Password) is { } problem)
        {
            return problem;
        }

        var hash = await HashAsync(draft.Password, cancellationToken);
        if (hash.Value is null)
        {
            return hash.Problem!;
        }

        account = account with { PasswordHash = hash.Value, PasswordChangedAt = draft.Password is null ? null : account.CreatedAt };
        var taken = await auditor.ChangeAsync(
            store,
            changes =>
            {
                if (Taken(account) is { } conflict)
                {
                    return conflict;
                }

                changes.Put(account);
                return null;
            },
            _ => new Deed(caller, "user.create", account.Node, account.Name, Describe(account)),
            cancellationToken);
        return taken is null ? account : taken;
    }

    public Task<Outcome<Account>> ChangeAsync(Caller caller, string name, UserChange change, CancellationToken cancellationToken) =>
        ManageAsync(
            caller,
            name,
            "user.change",
            Describe,
            (draft, account) =>
            {
                var changed = account with
                {
                    DisplayName = change.DisplayName ?? account.DisplayName,
                    Email = change.Email ?? account.Email,
                    Language = change.Language ?? account.Language,
                    Roles = change.Roles ?? account.Roles,
                    IsDisabled = change.IsDisabled ?? account.IsDisabled,
                    ExternalId = change.ExternalId ?? account.ExternalId,
                };
                if (changed.IsDisabled && account.Id == caller.AccountId)
                {
                    return new OperationProblem(OperationFailure.Conflict, "you cannot disable yourself; another administrator can", "isDisabled");
                }

                if (caller.IsBound && (change.Roles is not null || change.ExternalId is not null || change.IsDisabled == false))
                {
                    return Bound;
                }

                if ((Check(caller, changed, null) ?? Taken(changed)) is { } problem)
                {
                    return problem;
                }

                if (changed.IsDisabled || changed.ExternalId != account.ExternalId)
                {
                    sessions.End(draft, account.Id);
                }

                // From now on his identity provider says whether he may come in: nothing that he had here lets him in after it has closed its door.
                var isLinked = changed.ExternalId.Length > 0 && changed.ExternalId != account.ExternalId;
                changed = isLinked ? PasskeyOperations.Without(changed with { PasswordHash = "", TotpSecret = "", PendingTotpSecret = "" }, _ => true) : changed;
                draft.Put(changed);
                return changed;
            },
            cancellationToken);

    /// <summary>With his sessions, the tokens he made and what was delegated to him.</summary>
    /// <param name="auditedAs">What the audit log calls him; null = his name.</param>
    public Task<Outcome<Account>> DeleteAsync(Caller caller, string name, CancellationToken cancellationToken, string? auditedAs = null)
    {
        var tokens = 0;
        return ManageAsync(
            caller,
            name,
            "user.delete",
            _ => $"With his sessions and {tokens} tokens he had made.",
            (draft, account) =>
            {
                if (RefusedDeletion(caller, account) is { } refusal)
                {
                    return refusal;
                }

                var made = store.Tokens.Where(t => t.CreatorId == account.Id).ToList();
                tokens = made.Count;
                made.ForEach(draft.Remove);
                store.Delegations.Where(d => d.AccountId == account.Id).ToList().ForEach(draft.Remove);
                sessions.End(draft, account.Id);
                draft.Remove(account);
                return account;
            },
            cancellationToken,
            auditedAs);
    }

    /// <returns>Why the caller, who manages access there, may not delete this user; null when he may.</returns>
    public OperationProblem? RefusedDeletion(Caller caller, Account account) =>
        account.Id == caller.AccountId ? new OperationProblem(OperationFailure.Conflict, "you cannot delete yourself; another administrator can") : MoreThan(caller, account);

    /// <summary>By an administrator; ends all sessions of the user.</summary>
    public async Task<Outcome<Account>> SetPasswordAsync(Caller caller, string name, string password, CancellationToken cancellationToken)
    {
        var found = Find(caller, name);
        if (found.Value is not { } account)
        {
            return found;
        }

        if (PasswordPolicy.Judge(password, account.Name, account.Email) is { } wrong)
        {
            return new OperationProblem(OperationFailure.Invalid, $"password: {wrong}", "password");
        }

        var hash = await HashAsync(password, cancellationToken);
        if (hash.Value is null)
        {
            return hash.Problem!;
        }

        return await ManageAsync(
            caller,
            name,
            "user.password",
            _ => "Set by an administrator; all sessions ended.",
            (draft, newest) =>
            {
                if (caller.IsBound)
                {
                    return Bound;
                }

                if (newest.ExternalId.Length > 0)
                {
                    return new OperationProblem(OperationFailure.Conflict, "password: the user signs in at the identity provider; take out 'externalId' first", "password");
                }

                sessions.End(draft, newest.Id);
                grants.LoansBeyond(caller, newest).ForEach(draft.Remove);
                var changed = newest with { PasswordHash = hash.Value, PasswordChangedAt = timeProvider.GetUtcNow() };
                draft.Put(changed);
                return changed;
            },
            cancellationToken);
    }

    /// <summary>For somebody who lost his device and his recovery codes.</summary>
    public Task<Outcome<Account>> ResetSecondFactorAsync(Caller caller, string name, CancellationToken cancellationToken) => StripAsync(
        caller,
        name,
        account => account with { TotpSecret = "", PendingTotpSecret = "", RecoveryCodeHashes = [] },
        "user.totp-off",
        "Switched off by an administrator; all sessions ended.",
        cancellationToken);

    /// <summary>For a device that is lost.</summary>
    /// <param name="id">Null = all of them.</param>
    public Task<Outcome<Account>> RemovePasskeysAsync(Caller caller, string name, string? id, CancellationToken cancellationToken) => StripAsync(
        caller,
        name,
        account => id is not null && account.Passkeys.All(p => p.Id != id)
            ? new OperationProblem(OperationFailure.NotFound, $"there is no passkey '{id}'")
            : PasskeyOperations.Without(account, p => id is null || p.Id == id),
        "user.passkey-remove",
        $"Removed {(id is null ? "all passkeys" : $"passkey {id}")} as an administrator; all sessions ended.",
        cancellationToken);

    private static OperationProblem Bound =>
        new(OperationFailure.Forbidden, "a token that ends or is bound to addresses gives nobody a login, which is bound to neither; let a user do it, or a token without limits");

    /// <summary>Takes something away that he signs in with, and his sessions with it.</summary>
    private Task<Outcome<Account>> StripAsync(
        Caller caller, string name, Func<Account, Outcome<Account>> strip, string action, string detail, CancellationToken cancellationToken) =>
        ManageAsync(
            caller,
            name,
            action,
            _ => detail,
            (draft, account) =>
            {
                var stripped = caller.IsBound ? Bound : strip(account);
                if (stripped.Value is { } changed)
                {
                    draft.Put(changed);
                    sessions.End(draft, account.Id);
                    grants.LoansBeyond(caller, account).ForEach(draft.Remove);
                }

                return stripped;
            },
            cancellationToken);

    /// <summary>Runs a change on the newest record, when the caller may manage the user and has all that the user has.</summary>
    private Task<Outcome<Account>> ManageAsync(
        Caller caller,
        string name,
        string action,
        Func<Account, string> detail,
        Func<AccountDraft, Account, Outcome<Account>> change,
        CancellationToken cancellationToken,
        string? auditedAs = null) =>
        auditor.ChangeAsync(
            store,
            draft =>
            {
                var found = Find(caller, name);
                return found.Value is not { } account ? found : MoreThan(caller, account) is { } refusal ? refusal : change(draft, account);
            },
            outcome => new Deed(caller, action, outcome.Value!.Node, auditedAs ?? outcome.Value.Name, detail(outcome.Value)),
            cancellationToken);

    private OperationProblem? MoreThan(Caller caller, Account account) =>
        IsBeyond(caller, account.Roles) is { } more
            ? new OperationProblem(OperationFailure.Forbidden, $"the user is {more.Role} on '{more.Node}', which is more than you are; somebody who has that must do it")
            : null;

    /// <returns>A role that gives more than the caller has; null when there is none.</returns>
    private AccountRole? IsBeyond(Caller caller, IReadOnlyList<AccountRole> roles) =>
        roles.FirstOrDefault(r => grants.GrantOf(r) is { } grant && !caller.Covers(grant, sites.Current));

    private OperationProblem? Taken(Account account)
    {
        if (store.FindAccountByName(account.Name) is { } other && other.Id != account.Id)
        {
            return new OperationProblem(OperationFailure.Conflict, $"name: '{account.Name}' cannot be taken; an e-mail address is always free for its owner", "name");
        }

        return account.ExternalId.Length > 0 && store.Accounts.Any(a => a.Id != account.Id && a.ExternalId == account.ExternalId)
            ? new OperationProblem(OperationFailure.Conflict, "externalId: is another user's", "externalId")
            : null;
    }

    private OperationProblem? Check(Caller caller, Account account, string? password)
    {
        var errors = new List<FieldError>();
        if (!NamePattern.IsMatch(account.Name) || Reserved.Contains(account.Name))
        {
            errors.Add(new FieldError("name", $"must be 2-64 lower-case letters, digits, dots, dashes, underscores or an e-mail address, and none of {string.Join(", ", Reserved)}"));
        }

        if (account.Email.Length > 0 && !MailPath.TryParse(account.Email, out _))
        {
            errors.Add(new FieldError("email", $"'{account.Email}' is no e-mail address"));
        }

        if (account.Language is not ("" or "en" or "fr"))
        {
            errors.Add(new FieldError("language", $"'{account.Language}' is not one of en, fr"));
        }

        // Who signs in where is between the appliance and its identity provider: otherwise a tenant could lay claim to somebody else's login.
        if (account.ExternalId.Length > 0 && store.FindAccount(account.Id)?.ExternalId != account.ExternalId && !caller.May(Permission.AccessManage, Tenant.Root, sites.Current))
        {
            errors.Add(new FieldError("externalId", "can only be set by the provider"));
        }

        if (password is not null && account.ExternalId.Length > 0)
        {
            errors.Add(new FieldError("password", "is not for a user who signs in at the identity provider; leave it or 'externalId' out"));
        }
        else if (password is not null && PasswordPolicy.Judge(password, account.Name, account.Email) is { } wrong)
        {
            errors.Add(new FieldError("password", wrong));
        }

        if (account.Roles.Count > MaxRoles)
        {
            errors.Add(new FieldError("roles", $"are more than {MaxRoles}; give a role on a node further up"));
        }

        for (var i = 0; i < Math.Min(account.Roles.Count, MaxRoles); i++)
        {
            if (JudgeRole(caller, account, account.Roles[i]) is { } why)
            {
                errors.Add(new FieldError($"roles[{i}]", why));
            }
        }

        return errors.Count == 0 ? null : new OperationProblem(OperationFailure.Invalid, string.Join("; ", errors.Select(e => $"{e.Field}: {e.Detail}")), errors[0].Field) { Errors = errors };
    }

    private string? JudgeRole(Caller caller, Account account, AccountRole role)
    {
        if (Roles.Find(role.Role) is not { } known)
        {
            return $"'{role.Role}' is not one of {string.Join(", ", Enum.GetValues<Role>().Select(Roles.Word))}";
        }

        if (!grants.HasNode(role.Node) || !sites.Current.IsWithin(role.Node, account.Node))
        {
            return $"there is no node '{role.Node}' within '{account.Node}', where the user belongs";
        }

        if (known == Role.MailboxUser != role.Address is not null)
        {
            return "address: only a mailboxUser has one, and he must";
        }

        if (role.Address is { } address
            && !(MailPath.TryParse(address, out var path) && sites.Current.FindDomain(path.Domain) is { } domain && sites.Current.IsWithin(domain.Tenant.Tenant.Name, role.Node)))
        {
            return $"address: '{address}' is no address in a domain of '{role.Node}'";
        }

        return grants.GrantOf(role) is not { } grant ? $"{role.Role} has no meaning on '{role.Node}'; it is for the provider alone"
            : caller.Lacks(grant, sites.Current) is { Count: > 0 } lacking
            ? $"{role.Role} on '{role.Node}' has {PermissionWords.List(lacking)}, which you do not have there yourself, and nobody can give what he has not"
            : null;
    }

    private async Task<Outcome<string>> HashAsync(string? password, CancellationToken cancellationToken)
    {
        try
        {
            return password is null ? "" : await hasher.HashAsync(password, cancellationToken);
        }
        catch (PasswordsBusyException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "too many logins at once; try again in a moment");
        }
    }

    private static string Describe(Account account) =>
        (account.Roles.Count == 0 ? "No roles" : string.Join(", ", account.Roles.Select(r => $"{r.Role} on {r.Node}{(r.Address is null ? "" : $" for {r.Address}")}")))
        + (account.IsDisabled ? "; disabled." : ".");

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._+-]{1,63}\z|^[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,100}\z")]
    private static partial Regex NamePattern { get; }
}
