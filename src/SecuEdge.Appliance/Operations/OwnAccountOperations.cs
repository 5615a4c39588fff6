using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// What a signed-in user does with his own account. Everything that could lock him out or keep a thief in asks for his password again: a
/// session left open is not enough.
/// </summary>
internal sealed class OwnAccountOperations(
    AccountStore store, SessionBook sessions, PasswordHasher hasher, LoginLimiter limiter, LoginNotes notes, Auditor auditor, TimeProvider timeProvider)
{
    private const string Issuer = "SecuEdge";

    /// <summary>Who is signed in; a token is nobody.</summary>
    public Account? Find(Caller caller) => caller.AccountId is { } id ? store.FindAccount(id) : null;

    /// <summary>Ends every other session: who had the old password is out.</summary>
    public async Task<Outcome<int>> ChangePasswordAsync(Caller caller, string current, string next, CancellationToken cancellationToken)
    {
        var proven = await ProveAsync(caller, current, cancellationToken);
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
            return Busy;
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
        var proven = await ProveAsync(caller, password, cancellationToken);
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
            return NotAPerson;
        }

        var codes = Secrets.NewRecoveryCodes();
        var confirmed = await store.ChangeAsync(
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
            cancellationToken);
        if (!confirmed)
        {
            return new OperationProblem(OperationFailure.Invalid, "code: is not the code of the secret handed out last; check the clock of the device", "code");
        }

        await auditor.RecordAsync(caller, "user.totp-on", account.Node, account.Name, "Switched on one-time codes; his other sessions ended.", cancellationToken);
        return new Outcome<IReadOnlyList<string>>(codes, null);
    }

    public async Task<Outcome<bool>> RemoveTotpAsync(Caller caller, string password, string code, CancellationToken cancellationToken)
    {
        var proven = await TryPasswordAsync(caller, password, cancellationToken);
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

                draft.Put(spent with { TotpSecret = "", RecoveryCodeHashes = [] });
                return true;
            },
            cancellationToken);
        if (outcome.Value || outcome.Problem is not null)
        {
            limiter.Undo(account.Name, AddressRanges.Client(AddressOf(caller)), attempt);
            return outcome;
        }

        await notes.LoginFailedAsync(LoginFailure.SecondFactor, account.Name, account.Node, attempt.IsNowLocked, AddressOf(caller), cancellationToken);
        return new OperationProblem(OperationFailure.Invalid, "code: is wrong or used; take the next one, or a recovery code", "code");
    }

    /// <summary>Ten new ones; what is left of the old is worthless.</summary>
    public async Task<Outcome<IReadOnlyList<string>>> RenewRecoveryCodesAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var proven = await ProveAsync(caller, password, cancellationToken);
        if (proven.Value is not { } account)
        {
            return proven.Problem!;
        }

        if (account.TotpSecret.Length == 0)
        {
            return new OperationProblem(OperationFailure.Conflict, "recovery codes stand in for one-time codes, which are not on");
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

    private static OperationProblem Busy => new(OperationFailure.Unavailable, "too many logins at once; try again in a moment");

    private static OperationProblem NotAPerson => new(OperationFailure.Conflict, "this is for a signed-in user; a token has no password");

    private static IPAddress? AddressOf(Caller caller) => IPAddress.TryParse(caller.Address, out var address) ? address : null;

    /// <summary>His password once more, where nothing else is asked for.</summary>
    private async Task<Outcome<Account>> ProveAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var proven = await TryPasswordAsync(caller, password, cancellationToken);
        if (proven.Value is not { } proof)
        {
            return proven.Problem!;
        }

        // Not a success that forgives failures: elsewhere a code may still be asked for, and must not be guessed at will.
        limiter.Undo(proof.Account.Name, AddressRanges.Client(AddressOf(caller)), proof.Attempt);
        return proof.Account;
    }

    /// <summary>
    /// His password, with the same limits as a login. The attempt counts until everything that was asked for is right: many at once, each with
    /// another code, gain nothing.
    /// </summary>
    private async Task<Outcome<Proof>> TryPasswordAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        if (Find(caller) is not { } account)
        {
            return NotAPerson;
        }

        if (account.PasswordHash.Length == 0)
        {
            return new OperationProblem(OperationFailure.Conflict, "you sign in at an identity provider; password and codes are its business");
        }

        var address = AddressOf(caller);
        var client = AddressRanges.Client(address);
        var attempt = limiter.Begin(account.Name, client);
        if (attempt.Wait > TimeSpan.Zero)
        {
            notes.Paused();
            return new OperationProblem(OperationFailure.Unavailable, $"too many wrong passwords; try again in {Math.Ceiling(attempt.Wait.TotalSeconds)} seconds");
        }

        try
        {
            if (await hasher.VerifyAsync(account.PasswordHash, password, cancellationToken))
            {
                return new Proof(account, attempt);
            }
        }
        catch (PasswordsBusyException)
        {
            limiter.Undo(account.Name, client, attempt);
            return Busy;
        }

        await notes.LoginFailedAsync(LoginFailure.Password, account.Name, account.Node, attempt.IsNowLocked, address, cancellationToken);
        return new OperationProblem(OperationFailure.Invalid, "password: is not your present password", "password");
    }

    private async Task<Outcome<T>> ChangeAsync<T>(
        Caller caller, Account account, string action, string detail, Func<AccountDraft, Account, T> change, CancellationToken cancellationToken)
    {
        var (isDone, value) = await store.ChangeAsync(
            draft => store.FindAccount(account.Id) is { } newest && newest.PasswordHash == account.PasswordHash
                ? (true, change(draft, newest))
                : (false, default(T)!),
            cancellationToken);
        if (!isDone)
        {
            return new OperationProblem(OperationFailure.Stale, "your account was changed meanwhile; try again");
        }

        await auditor.RecordAsync(caller, action, account.Node, account.Name, detail, cancellationToken, succeeded: value is not false);
        return value;
    }
}

/// <summary>The password was right; the attempt still counts.</summary>
internal sealed record Proof(Account Account, LoginAttempt Attempt);

/// <param name="Secret">To be typed into the authenticator program.</param>
/// <param name="Address">The same as <c>otpauth:</c> address, for a QR code.</param>
internal sealed record TotpStart(string Secret, Uri Address);
