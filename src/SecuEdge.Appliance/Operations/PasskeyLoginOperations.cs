using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Passkeys;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Signing in with a passkey alone: the device knew its user, which is the second factor, and signed, which is the first. Limits and audit are
/// those of a login with a password; the answer never tells what was wrong.
/// </summary>
internal sealed class PasskeyLoginOperations(
    PasskeyCeremonies ceremonies, RelyingParty party, SessionBook sessions, LoginLimiter limiter, LoginNotes notes, TimeProvider timeProvider)
{
    public bool IsEnabled => party.IsKnown;

    public Task<PasskeyChallenge> BeginAsync(PasskeyPurpose purpose, IPAddress? address) => ceremonies.BeginAsync(purpose, AddressRanges.Client(address));

    public async Task<LoginAnswer> LoginAsync(PasskeyInput input, string? earlierSession, IPAddress? address, string agent, CancellationToken cancellationToken)
    {
        var client = AddressRanges.Client(address);
        var owner = ceremonies.OwnerOf(input);
        var user = owner?.Name ?? "";
        var attempt = limiter.Begin(user, client);
        if (attempt.Wait > TimeSpan.Zero)
        {
            notes.Paused();
            return new LoginAnswer(null, attempt.Wait);
        }

        var failure = LoginFailure.Passkey;
        var answer = await ceremonies.VerifyAsync(PasskeyPurpose.SignIn, input);
        StartedSession? started = null;
        if (answer.Proof is { } proof && owner is not null)
        {
            failure = LoginFailure.Disabled;
            started = await sessions.StartAsync(
                owner,
                newest =>
                {
                    failure = LoginFailure.Passkey;
                    return proof.Spend(newest, timeProvider.GetUtcNow());
                },
                "passkey",
                earlierSession,
                address,
                agent,
                cancellationToken);
        }

        if (started is null)
        {
            await notes.LoginFailedAsync(failure, user, owner?.Node ?? "", attempt.IsNowLocked, address, cancellationToken, answer.Refusal);
            return new LoginAnswer(null, TimeSpan.Zero);
        }

        limiter.Succeed(user, client);
        return new LoginAnswer(started, TimeSpan.Zero);
    }
}
