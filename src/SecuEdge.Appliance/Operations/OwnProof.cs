using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>A signed-in user says once more who he is, with the same limits as a login: a session left open is not enough for what follows.</summary>
internal sealed class OwnProof(
    AccountStore store, PasswordHasher hasher, PasskeyCeremonies passkeys, LoginLimiter limiter, LoginNotes notes, TimeProvider timeProvider)
{
    public static OperationProblem Busy => new(OperationFailure.Unavailable, "too many logins at once; try again in a moment");

    public static OperationProblem NotAPerson => new(OperationFailure.Conflict, "this is for a signed-in user; a token has no password");

    /// <summary>Who is signed in; a token is nobody.</summary>
    public Account? Find(Caller caller) => caller.AccountId is { } id ? store.FindAccount(id) : null;

    /// <summary>His password once more, where nothing else is asked for.</summary>
    public async Task<Outcome<Account>> ByPasswordAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var proven = await TryPasswordAsync(caller, password, cancellationToken);
        if (proven.Value is not var (account, attempt))
        {
            return proven.Problem!;
        }

        // Not a success that forgives failures: elsewhere a code may still be asked for, and must not be guessed at will.
        Undo(caller, account, attempt);
        return account;
    }

    /// <summary>
    /// His password, when more is asked for. The attempt counts until all of it is right (<see cref="Undo"/>): many at once, each with another code,
    /// gain nothing.
    /// </summary>
    public async Task<Outcome<PasswordProof>> TryPasswordAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var (account, attempt, problem) = Begin(caller);
        if (account is null)
        {
            return problem!;
        }

        try
        {
            if (await hasher.VerifyAsync(account.PasswordHash, password, cancellationToken))
            {
                return new PasswordProof(account, attempt);
            }
        }
        catch (PasswordsBusyException)
        {
            Undo(caller, account, attempt);
            return Busy;
        }

        await notes.LoginFailedAsync(LoginFailure.Password, account.Name, account.Node, attempt.IsNowLocked, AddressOf(caller), cancellationToken);
        return new OperationProblem(OperationFailure.Invalid, "password: is not your present password", "password");
    }

    /// <summary>With what he has at hand: a passkey, a one-time or recovery code, or the password.</summary>
    public async Task<Outcome<Account>> ByAnyAsync(Caller caller, OwnProofInput input, CancellationToken cancellationToken)
    {
        if (input.Passkey is null && input.Code.Length == 0)
        {
            return await ByPasswordAsync(caller, input.Password, cancellationToken);
        }

        var (account, attempt, problem) = Begin(caller);
        if (account is null)
        {
            return problem!;
        }

        var (failure, field) = input.Passkey is null ? (LoginFailure.SecondFactor, "code") : (LoginFailure.Passkey, "passkey");
        var answer = input.Passkey is null ? null : await passkeys.VerifyAsync(PasskeyPurpose.Proof, input.Passkey);
        var spent = await store.ChangeAsync(
            draft =>
            {
                var now = timeProvider.GetUtcNow();
                var next = store.FindAccount(account.Id) is not { HasSecondFactor: true } newest ? null
                    : answer is null ? SecondFactor.Spend(newest, input.Code, now)
                    : answer.Proof?.Spend(newest, now);
                if (next is not null)
                {
                    draft.Put(next);
                }

                return next;
            },
            cancellationToken);
        if (spent is not null)
        {
            Undo(caller, account, attempt);
            return spent;
        }

        await notes.LoginFailedAsync(failure, account.Name, account.Node, attempt.IsNowLocked, AddressOf(caller), cancellationToken, answer?.Refusal ?? "");
        return new OperationProblem(OperationFailure.Invalid, $"{field}: was not accepted; begin again, or send your password", field);
    }

    /// <summary>A guess at the code of a change that is his own to prove.</summary>
    public Task NoteWrongCodeAsync(Caller caller, Account account, LoginAttempt attempt, CancellationToken cancellationToken) =>
        notes.LoginFailedAsync(LoginFailure.SecondFactor, account.Name, account.Node, attempt.IsNowLocked, AddressOf(caller), cancellationToken);

    /// <summary>All that was asked for is right: the attempt does not count.</summary>
    public void Undo(Caller caller, Account account, LoginAttempt attempt) => limiter.Undo(account.Name, ClientOf(caller), attempt);

    private static IPAddress? AddressOf(Caller caller) => IPAddress.TryParse(caller.Address, out var parsed) ? parsed : null;

    private static string ClientOf(Caller caller) => AddressRanges.Client(AddressOf(caller));

    private (Account? Account, LoginAttempt Attempt, OperationProblem? Problem) Begin(Caller caller)
    {
        var none = new LoginAttempt(TimeSpan.Zero, IsNowLocked: false, 0);
        if (Find(caller) is not { } account)
        {
            return (null, none, NotAPerson);
        }

        if (account.PasswordHash.Length == 0)
        {
            return (null, none, new OperationProblem(OperationFailure.Conflict, "you sign in at an identity provider; password, codes and passkeys are its business"));
        }

        var attempt = limiter.Begin(account.Name, ClientOf(caller));
        if (attempt.Wait > TimeSpan.Zero)
        {
            notes.Paused();
            return (null, attempt, new OperationProblem(OperationFailure.Unavailable, $"too many wrong passwords; try again in {Math.Ceiling(attempt.Wait.TotalSeconds)} seconds"));
        }

        return (account, attempt, null);
    }
}

/// <summary>Whose password it was, and the attempt that counts until the rest is right, too.</summary>
internal sealed record PasswordProof(Account Account, LoginAttempt Attempt);

/// <summary>By which a user shows that it is still he: one of them; the empty ones do not count.</summary>
internal sealed record OwnProofInput(string Password, string Code, PasskeyInput? Passkey);
