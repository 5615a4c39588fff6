using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// What a signed-in user does with his own passkeys. To add or remove one he says once more who he is. Whoever has one is asked for more than
/// his password from then on, and therefore gets recovery codes with the first.
/// </summary>
internal sealed class PasskeyOperations(
    AccountStore store, SessionBook sessions, PasskeyCeremonies ceremonies, RelyingParty party, OwnProof proof, Auditor auditor)
{
    // One for each device and some to spare.
    private const int MaxPasskeys = 20;
    private const int MaxNameLength = 60;

    /// <summary>In the order they were registered; a token has none.</summary>
    public IReadOnlyList<Passkey> List(Caller caller) => proof.Find(caller)?.Passkeys ?? [];

    /// <summary>The user without some of his passkeys. Recovery codes stand in for a second factor and go with the last of it.</summary>
    public static Account Without(Account account, Predicate<Passkey> isGone)
    {
        var less = account with { Passkeys = [.. account.Passkeys.Where(p => !isGone(p))] };
        return less.HasSecondFactor ? less : less with { RecoveryCodeHashes = [] };
    }

    public async Task<Outcome<PasskeyChallenge>> BeginAsync(Caller caller, OwnProofInput input, CancellationToken cancellationToken)
    {
        var proven = await proof.ByAnyAsync(caller, input, cancellationToken);
        if (proven.Value is not { } account)
        {
            return proven.Problem!;
        }

        if (!party.IsKnown)
        {
            return new OperationProblem(
                OperationFailure.Conflict, $"passkeys are for one address, which nobody has set; the administrator sets {AccessOptions.PublicAddressSetting}=https://HOST");
        }

        return account.Passkeys.Count >= MaxPasskeys
            ? TooMany
            : await ceremonies.BeginRegistrationAsync(account, AddressRanges.Client(IPAddress.TryParse(caller.Address, out var parsed) ? parsed : null));
    }

    /// <summary>Ends every other session, as everything does that changes how he signs in.</summary>
    public async Task<Outcome<PasskeyAdded>> FinishAsync(Caller caller, string name, PasskeyInput input, CancellationToken cancellationToken)
    {
        if (proof.Find(caller) is not { } account)
        {
            return OwnProof.NotAPerson;
        }

        if (WrongName(name) is { } wrong)
        {
            return wrong;
        }

        if (await ceremonies.RegisterAsync(account, input) is not { } made)
        {
            return NotAccepted;
        }

        var passkey = made with { Name = name };
        var codes = Secrets.NewRecoveryCodes();
        return await auditor.ChangeAsync<Outcome<PasskeyAdded>>(
            store,
            draft =>
            {
                // Once more, alone: two browsers may have come with the same device at once.
                if (store.FindAccount(account.Id) is not { ExternalId: "" } newest || store.Accounts.Any(a => a.Passkeys.Any(p => p.CredentialId == passkey.CredentialId)))
                {
                    return NotAccepted;
                }

                if (newest.Passkeys.Count >= MaxPasskeys)
                {
                    return TooMany;
                }

                var changed = newest with { Passkeys = [.. newest.Passkeys, passkey] };
                var isFirst = newest.RecoveryCodeHashes.Count == 0;
                draft.Put(isFirst ? changed with { RecoveryCodeHashes = [.. codes.Select(Secrets.HashRecoveryCode)] } : changed);
                sessions.End(draft, account.Id, caller.SessionId);
                return new PasskeyAdded(passkey, isFirst ? codes : []);
            },
            _ => new Deed(caller, "user.passkey-add", account.Node, account.Name, $"Registered passkey {passkey.Id} '{passkey.Name}'; his other sessions ended."),
            cancellationToken);
    }

    public async Task<Outcome<Passkey>> RenameAsync(Caller caller, string id, string name, CancellationToken cancellationToken)
    {
        if (WrongName(name) is { } wrong)
        {
            return wrong;
        }

        return await ChangeAsync(
            caller,
            id,
            "user.passkey-rename",
            $"Renamed passkey {id} to '{name}'.",
            (draft, newest, passkey) =>
            {
                var renamed = passkey with { Name = name };
                draft.Put(newest with { Passkeys = [.. newest.Passkeys.Select(p => p.Id == id ? renamed : p)] });
                return renamed;
            },
            cancellationToken);
    }

    /// <summary>Ends every other session: who has the device is out.</summary>
    public async Task<Outcome<Passkey>> RemoveAsync(Caller caller, string id, OwnProofInput input, CancellationToken cancellationToken)
    {
        var proven = await proof.ByAnyAsync(caller, input, cancellationToken);
        return proven.Problem is { } problem
            ? problem
            : await ChangeAsync(
                caller,
                id,
                "user.passkey-remove",
                $"Removed passkey {id}; his other sessions ended.",
                (draft, newest, passkey) =>
                {
                    draft.Put(Without(newest, p => p.Id == id));
                    sessions.End(draft, newest.Id, caller.SessionId);
                    return passkey;
                },
                cancellationToken);
    }

    private static OperationProblem NotAccepted => new(
        OperationFailure.Invalid,
        "credential: was not accepted; begin again. A passkey is made at the address of this appliance, within five minutes, once for each device",
        "credential");

    private static OperationProblem TooMany => new(OperationFailure.Conflict, $"you have {MaxPasskeys} passkeys, and more are not kept; remove one first");

    private static OperationProblem? WrongName(string name) => name.Length is > 0 and <= MaxNameLength && !name.Any(char.IsControl)
        ? null
        : new OperationProblem(OperationFailure.Invalid, $"name: must be 1-{MaxNameLength} characters, such as the name of the device", "name");

    private async Task<Outcome<Passkey>> ChangeAsync(
        Caller caller, string id, string action, string detail, Func<AccountDraft, Account, Passkey, Passkey> change, CancellationToken cancellationToken)
    {
        if (proof.Find(caller) is not { } account)
        {
            return OwnProof.NotAPerson;
        }

        var changed = await auditor.ChangeAsync(
            store,
            draft => store.FindAccount(account.Id) is { } newest && newest.Passkeys.FirstOrDefault(p => p.Id == id) is { } passkey ? change(draft, newest, passkey) : null,
            _ => new Deed(caller, action, account.Node, account.Name, detail),
            cancellationToken);
        return changed is null ? new OperationProblem(OperationFailure.NotFound, $"there is no passkey '{id}'") : changed;
    }
}

/// <param name="RecoveryCodes">Shown this once; empty when he had some already.</param>
internal sealed record PasskeyAdded(Passkey Passkey, IReadOnlyList<string> RecoveryCodes);
