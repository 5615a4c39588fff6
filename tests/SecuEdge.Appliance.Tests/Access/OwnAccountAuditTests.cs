using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>What a person does to himself is written down before it is done, too. The generated test asks with tokens, which are no persons.</summary>
public sealed class OwnAccountAuditTests : IAsyncDisposable
{
    private readonly AccessRig _rig = new();
    private readonly SoftAuthenticator _device = new();

    public static TheoryData<string> Deeds => ["sign in", "change password", "start codes", "confirm codes", "remove codes", "renew codes", "log out", "end session", "add passkey", "rename passkey", "remove passkey"];

    private static OwnProofInput Proof => new(AccessRig.Password, "", null);

    public ValueTask DisposeAsync()
    {
        _device.Dispose();
        return _rig.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Deeds))]
    public async Task What_cannot_be_written_down_is_not_done(string deed)
    {
        var anna = await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var started = (await _rig.LoginAsync("anna")).Started!;
        var caller = _rig.Sessions.Authenticate(started.Secret, null, isAtWork: true)!;
        var secret = "";
        if (deed is "confirm codes" or "remove codes" or "renew codes")
        {
            secret = (await _rig.Own.StartTotpAsync(caller, AccessRig.Password, AccessRig.Cancelled)).Value!.Secret;
        }

        if (deed is "remove codes" or "renew codes")
        {
            Assert.NotNull((await _rig.Own.ConfirmTotpAsync(caller, Code(secret), AccessRig.Cancelled)).Value);
            _rig.Time.Advance(TimeSpan.FromSeconds(30));
        }

        var passkey = deed is "rename passkey" or "remove passkey" ? (await AddPasskeyAsync(caller, await BeginPasskeyAsync(caller))).Value!.Passkey.Id : "";
        var challenge = deed is "add passkey" ? await BeginPasskeyAsync(caller) : null;
        var before = (_rig.Store.FindAccount(anna.Id), string.Join(",", _rig.Store.Sessions.Select(s => s.Id).Order(StringComparer.Ordinal)));
        _rig.Audit.IsFull = true;
        Func<Task> act = deed switch
        {
            "sign in" => () => _rig.LoginAsync("anna", code: ""),
            "change password" => () => _rig.Own.ChangePasswordAsync(caller, AccessRig.Password, "a meadow full of goats", AccessRig.Cancelled),
            "start codes" => () => _rig.Own.StartTotpAsync(caller, AccessRig.Password, AccessRig.Cancelled),
            "confirm codes" => () => _rig.Own.ConfirmTotpAsync(caller, Code(secret), AccessRig.Cancelled),
            "remove codes" => () => _rig.Own.RemoveTotpAsync(caller, AccessRig.Password, Code(secret), AccessRig.Cancelled),
            "renew codes" => () => _rig.Own.RenewRecoveryCodesAsync(caller, AccessRig.Password, AccessRig.Cancelled),
            "log out" => () => _rig.SessionList.LogoutAsync(caller, AccessRig.Cancelled),
            "end session" => () => _rig.SessionList.EndAllAsync(Caller.Local, "anna", AccessRig.Cancelled),
            "add passkey" => () => AddPasskeyAsync(caller, challenge!),
            "rename passkey" => () => _rig.Passkeys.RenameAsync(caller, passkey, "Laptop", AccessRig.Cancelled),
            "remove passkey" => () => _rig.Passkeys.RemoveAsync(caller, passkey, Proof, AccessRig.Cancelled),
            _ => throw new ArgumentOutOfRangeException(nameof(deed)),
        };
        await Assert.ThrowsAsync<AuditUnavailableException>(act);
        Assert.Equal(before, (_rig.Store.FindAccount(anna.Id), string.Join(",", _rig.Store.Sessions.Select(s => s.Id).Order(StringComparer.Ordinal))));
    }

    private string Code(string secret) => Totp.Code(secret, _rig.Time.GetUtcNow());

    private async Task<PasskeyChallenge> BeginPasskeyAsync(Caller caller) => (await _rig.Passkeys.BeginAsync(caller, Proof, AccessRig.Cancelled)).Value!;

    private Task<Outcome<PasskeyAdded>> AddPasskeyAsync(Caller caller, PasskeyChallenge challenge) =>
        _rig.Passkeys.FinishAsync(caller, "Key", _device.Create(challenge), AccessRig.Cancelled);
}
