using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access;

/// <summary>The second thing asked for at a login, where a user has set it up.</summary>
internal static class SecondFactor
{
    /// <summary>Checks the code and spends it. Must run alone on the newest record, or a code would count twice.</summary>
    /// <returns>The record to store; null when the code is wrong. Unchanged for a user without a second factor.</returns>
    public static Account? Spend(Account account, string code, DateTimeOffset now)
    {
        if (!account.HasSecondFactor)
        {
            return account;
        }

        if (account.TotpSecret.Length > 0 && Totp.Verify(account.TotpSecret, code, account.TotpLastStep, now) is { } step)
        {
            return account with { TotpLastStep = step };
        }

        var hash = Secrets.HashRecoveryCode(code);
        return account.RecoveryCodeHashes.Contains(hash)
            ? account with { RecoveryCodeHashes = [.. account.RecoveryCodeHashes.Where(h => h != hash)] }
            : null;
    }
}
