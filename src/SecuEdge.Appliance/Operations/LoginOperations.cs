using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Signing in. Whatever was wrong - user, password, code - the answer is the same and takes as long; only the audit log knows more. In order:
/// <list type="number">
/// <item>too many failures before: wait, without a look at the rest;</item>
/// <item>the password, against an invented hash where there is no user;</item>
/// <item>the answer of a passkey, where it stands in for the code;</item>
/// <item>in one step with the start of the session: still the same password, not disabled, the code or the use of the passkey, which is spent by it.</item>
/// </list>
/// </summary>
internal sealed class LoginOperations(
    AccountStore store, SessionBook sessions, PasswordHasher hasher, PasskeyCeremonies passkeys, LoginLimiter limiter, LoginNotes notes, TimeProvider timeProvider)
{
    public async Task<LoginAnswer> LoginAsync(LoginInput input, CancellationToken cancellationToken)
    {
        var client = AddressRanges.Client(input.Address);
        var attempt = limiter.Begin(input.User, client);
        if (attempt.Wait > TimeSpan.Zero)
        {
            notes.Paused();
            return new LoginAnswer(null, attempt.Wait);
        }

        var account = store.FindAccountByName(input.User);
        try
        {
            // Before the password, so that the challenge is spent whatever comes of it.
            var passkey = input.Passkey is { } sent ? await passkeys.VerifyAsync(PasskeyPurpose.SecondFactor, sent) : null;
            var isRight = await hasher.VerifyAsync(account?.PasswordHash ?? "", input.Password, cancellationToken);
            var (started, failure) = account is null ? (null, LoginFailure.UnknownUser)
                : !isRight ? (null, LoginFailure.Password)
                : await StartAsync(account, input, passkey, cancellationToken);
            if (started is null)
            {
                var reason = failure == LoginFailure.Passkey ? passkey?.Refusal ?? "" : "";
                await notes.LoginFailedAsync(failure, account?.Name ?? "", account?.Node ?? "", attempt.IsNowLocked, input.Address, cancellationToken, reason);
                return new LoginAnswer(null, TimeSpan.Zero);
            }

            limiter.Succeed(input.User, client);
            await RehashAsync(started.Account, input.Password, cancellationToken);
            return new LoginAnswer(started, TimeSpan.Zero);
        }
        catch (PasswordsBusyException)
        {
            limiter.Undo(input.User, client, attempt);
            return new LoginAnswer(null, TimeSpan.FromSeconds(2));
        }
    }

    private async Task<(StartedSession? Started, LoginFailure Failure)> StartAsync(
        Account account, LoginInput input, PasskeyAnswer? passkey, CancellationToken cancellationToken)
    {
        var failure = LoginFailure.Disabled;
        var method = passkey is not null ? "password+passkey" : !account.HasSecondFactor ? "password" : input.Code.Length == 6 ? "password+totp" : "password+recovery";
        var started = await sessions.StartAsync(
            account,
            newest =>
            {
                failure = passkey is null ? LoginFailure.SecondFactor : LoginFailure.Passkey;
                var now = timeProvider.GetUtcNow();

                // Changed while we computed: what was checked is no longer true.
                return newest.PasswordHash != account.PasswordHash ? null
                    : passkey is null ? SecondFactor.Spend(newest, input.Code, now)
                    : passkey.Proof?.Spend(newest, now);
            },
            method,
            input.EarlierSession,
            input.Address,
            input.Client,
            cancellationToken);
        return (started, failure);
    }

    /// <summary>The one moment at which the password is known: bring the stored hash to today's parameters.</summary>
    private async Task RehashAsync(Account account, string password, CancellationToken cancellationToken)
    {
        if (!PasswordHasher.NeedsRehash(account.PasswordHash))
        {
            return;
        }

        var hash = await hasher.HashAsync(password, cancellationToken);
        await store.ChangeAsync(
            draft =>
            {
                if (store.FindAccount(account.Id) is { } newest && newest.PasswordHash == account.PasswordHash)
                {
                    draft.Put(newest with { PasswordHash = hash });
                }

                return true;
            },
            cancellationToken);
    }
}

/// <summary>What a login form sends, and from where.</summary>
/// <param name="Code">One-time or recovery code; empty = none.</param>
/// <param name="EarlierSession">The cookie the browser already had.</param>
/// <param name="Passkey">In place of the code; null = none.</param>
internal sealed record LoginInput(string User, string Password, string Code, string? EarlierSession, IPAddress? Address, string Client, PasskeyInput? Passkey = null);

/// <param name="Started">Null when he did not get in.</param>
/// <param name="Wait">How long to wait before the next attempt; zero when the attempt was looked at.</param>
internal sealed record LoginAnswer(StartedSession? Started, TimeSpan Wait);
