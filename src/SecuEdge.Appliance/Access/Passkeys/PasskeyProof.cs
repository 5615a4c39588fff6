using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access.Passkeys;

/// <summary>A device has signed our challenge: whose it is, and what it counted.</summary>
internal sealed record PasskeyProof(string AccountId, string PasskeyId, uint SignCount, bool IsBackedUp)
{
    /// <summary>Takes the use down. Must run alone on the newest record.</summary>
    /// <returns>The record to store; null when the passkey was removed meanwhile or its counter did not grow (WebAuthn §6.1.1): it may be a copy.</returns>
    public Account? Spend(Account newest, DateTimeOffset now)
    {
        if (newest.Id != AccountId || newest.Passkeys.FirstOrDefault(p => p.Id == PasskeyId) is not { } passkey || IsOld(passkey))
        {
            return null;
        }

        var used = passkey with { SignCount = SignCount, IsBackedUp = IsBackedUp, LastUsedAt = now };
        return newest with { Passkeys = [.. newest.Passkeys.Select(p => p.Id == PasskeyId ? used : p)] };
    }

    /// <summary>Devices that do not count say 0 always.</summary>
    public bool IsOld(Passkey passkey) => (SignCount > 0 || passkey.SignCount > 0) && SignCount <= passkey.SignCount;
}
