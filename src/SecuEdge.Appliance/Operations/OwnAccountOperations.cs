using SecuEdge.Appliance.Access;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// What a signed-in user does with his own account. Everything that could lock him out or keep a thief in asks for his password again: a
/// session left open is not enough.
/// </summary>
internal sealed class OwnAccountOperations(
    AccountStore store, SessionBook sessions, PasswordHasher hasher, OwnProof proof, Auditor auditor, TimeProvider timeProvider)
{
    private const string Issuer = "SecuEdge";

    /// <summary>Who is signed in; a token is nobody.</summary>
    public Account? Find(Caller caller) => proof.Find(caller);

    /// <summary>Ends every other session: who had the old password is out.</summary>
    public async Task<Outcome<int>> ChangePasswordAsync(Caller caller, string current, string next, CancellationToken cancellationToken)
    {
        var proven = await proof.ByPasswordAsync(caller, current, cancellationToken);
        if (proven.Value is not { } account)
        {
            return proven.Problem!;
        }

        if (PasswordPolicy.Judge(next, account.Name, account.Email) is { } wrong)
        {
            return new OperationProblem(OperationFailure.Invalid, $"newPassword: {wrong}", "newPassword");
        }

        string hash;
        try
        {
            hash = await hasher.HashAsync(next, cancellationToken);
        }
        catch (PasswordsBusyException)
        {
            return OwnProof.Busy;
        }

        return await ChangeAsync(
            caller,
            account,
            "user.password",
            "Changed his own password; his other sessions ended.",
            (draft, newest) =>
            {
                draft.Put(newest with { PasswordHash = hash, PasswordChangedAt = timeProvider.GetUtcNow() });
                return sessions.End(draft, account.Id, caller.SessionId);
            },
            cancellationToken);
    }

    /// <summary>A secret for the authenticator program; in force after <see cref="ConfirmTotpAsync"/> has seen a code of it.</summary>
    public async Task<Outcome<TotpStart>> StartTotpAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var proven = await proof.ByPasswordAsync(caller, password, cancellationToken);
        if (proven.Value is not { } account)
        {
            return proven.Problem!;
        }

        if (account.TotpSecret.Length > 0)
        {
            return new OperationProblem(OperationFailure.Conflict, "one-time codes are already on; switch them off first to move to another device");
        }

        var secret = Totp.NewSecret();
        return await ChangeAsync(
            caller,
            account,
            "user.totp-start",
            "Asked for a secret for one-time codes.",
            (draft, newest) =>
            {
                draft.Put(newest with { PendingTotpSecret = secret });
                return new TotpStart(secret, Totp.Address(secret, Issuer, account.Name));
            },
            cancellationToken);
    }

    /// <returns>The recovery codes, shown this once.</returns>
    public async Task<Outcome<IReadOnlyList<string>>> ConfirmTotpAsync(Caller caller, string code, CancellationToken cancellationToken)
    {
        if (Find(caller) is not { } account)
        {
            return OwnProof.NotAPerson;
        }

        var codes = Secrets.NewRecoveryCodes();
        var confirmed = await auditor.ChangeAsync(
            store,
            draft =>
            {
                var newest = store.FindAccount(account.Id);
                if (newest is not { PendingTotpSecret.Length: > 0 } || Totp.Verify(newest.PendingTotpSecret, code, 0, timeProvider.GetUtcNow()) is not { } step)
                {
                    return false;
                }

                draft.Put(newest with
                {
                    TotpSecret = newest.PendingTotpSecret,
                    PendingTotpSecret = "",
                    TotpLastStep = step,
                    RecoveryCodeHashes = [.. codes.Select(Secrets.HashRecoveryCode)],
                });
                sessions.End(draft, account.Id, caller.SessionId);
                return true;
            },
            _ => new Deed(caller, "user.totp-on", account.Node, account.Name, "Switched on one-time codes; his other sessions ended."),
            cancellationToken);
        return confirmed
            ? new Outcome<IReadOnlyList<string>>(codes, null)
            : new OperationProblem(OperationFailure.Invalid, "code: is not the code of the secret handed out last; check the clock of the device", "code");
    }

    public async Task<Outcome<bool>> RemoveTotpAsync(Caller caller, string password, string code, CancellationToken cancellationToken)
    {
        var proven = await proof.TryPasswordAsync(caller, password, cancellationToken);
        if (proven.Value is not var (account, attempt))
        {
            return proven.Problem!;
        }

        var outcome = await ChangeAsync(
            caller,
            account,
            "user.totp-off",
            "Switched off one-time codes.",
            (draft, newest) =>
            {
                if (SecondFactor.Spend(newest, code, timeProvider.GetUtcNow()) is not { } spent)
                {
                    return false;
                }

                draft.Put(spent with { TotpSecret = "", RecoveryCodeHashes = spent.Passkeys.Count > 0 ? spent.RecoveryCodeHashes : [] });
                return true;
            },
            cancellationToken);
        if (outcome.Value || outcome.Problem is not null)
        {
            proof.Undo(caller, account, attempt);
            return outcome;
        }

        await proof.NoteWrongCodeAsync(caller, account, attempt, cancellationToken);
        return new OperationProblem(OperationFailure.Invalid, "code: is wrong or used; take the next one, or a recovery code", "code");
    }

    /// <summary>Ten new ones; what is left of the old is worthless.</summary>
    public async Task<Outcome<IReadOnlyList<string>>> RenewRecoveryCodesAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var proven = await proof.ByPasswordAsync(caller, password, cancellationToken);
        if (proven.Value is not { } account)
        {
            return proven.Problem!;
        }

        if (!account.HasSecondFactor)
        {
            return new OperationProblem(OperationFailure.Conflict, "recovery codes stand in for one-time codes and passkeys, and you have neither");
        }

        var codes = Secrets.NewRecoveryCodes();
        return await ChangeAsync(
            caller,
            account,
            "user.recovery-codes",
            "Made new recovery codes.",
            (draft, newest) =>
            {
                draft.Put(newest with { RecoveryCodeHashes = [.. codes.Select(Secrets.HashRecoveryCode)] });
                return codes;
            },
            cancellationToken);
    }

    private async Task<Outcome<T>> ChangeAsync<T>(
        Caller caller, Account account, string action, string detail, Func<AccountDraft, Account, T> change, CancellationToken cancellationToken)
    {
        var (isDone, value) = await auditor.ChangeAsync(
            store,
            draft => store.FindAccount(account.Id) is { } newest && newest.PasswordHash == account.PasswordHash
                ? (true, change(draft, newest))
                : (false, default(T)!),
            _ => new Deed(caller, action, account.Node, account.Name, detail),
            cancellationToken);
        return isDone ? value : new OperationProblem(OperationFailure.Stale, "your account was changed meanwhile; try again");
    }
}

/// <param name="Secret">To be typed into the authenticator program.</param>
/// <param name="Address">The same as <c>otpauth:</c> address, for a QR code.</param>
internal sealed record TotpStart(string Secret, Uri Address);
