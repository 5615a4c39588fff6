using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store;
using SecuEdge.Store.Accounts;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Passkeys with a device in software, honest and lying, and the clock in hand.</summary>
public sealed class PasskeyTests : IAsyncDisposable
{
    private const string NotAccepted = "The answer of the passkey was not accepted: user, address, signature or user verification is not as it must be.";
    private const string NotOurs = "The challenge was not given for this, was used before, or is older than five minutes.";
    private const string Copied = "The counter of the passkey did not grow: there may be a copy of it. Remove the passkey.";

    private readonly AccessRig _rig = new();
    private readonly SoftAuthenticator _device = new();

    public async ValueTask DisposeAsync()
    {
        _device.Dispose();
        await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData("none", 1)]
    [InlineData("packed", 7)]
    [InlineData("none", 0)]
    public async Task A_device_that_knows_its_user_signs_in_without_a_password_again_and_again(string attestation, uint counter)
    {
        _device.Attestation = attestation;
        _device.Counter = counter;
        var added = await RegisterAsync("anna", _device);
        for (var i = 0; i < 3; i++)
        {
            var answer = await SignInAsync(_device);
            Assert.Equal("anna", answer.Started!.Account.Name);
            Assert.Equal("passkey", answer.Started.Session.Method);
        }

        Assert.Equal(["Signed in with passkey."], (await _rig.AuditAsync("login.succeeded")).Select(e => e.Detail).Distinct());
        Assert.Equal(_rig.Time.GetUtcNow(), Anna.Passkeys.Single(p => p.Id == added.Passkey.Id).LastUsedAt);
        Assert.Equal(counter == 0 ? 0 : counter + 3, Anna.Passkeys[0].SignCount);
    }

    [Theory]
    [InlineData("foreign page", NotAccepted)]
    [InlineData("other port", NotAccepted)]
    [InlineData("page in a foreign frame", NotAccepted)]
    [InlineData("foreign host", NotAccepted)]
    [InlineData("not touched", NotAccepted)]
    [InlineData("user not verified", NotAccepted)]
    [InlineData("spoilt signature", NotAccepted)]
    [InlineData("spoilt data", NotAccepted)]
    [InlineData("forged key", NotAccepted)]
    [InlineData("handle of another user", NotAccepted)]
    [InlineData("no handle", NotAccepted)]
    [InlineData("unknown credential", NotAccepted)]
    [InlineData("user deleted", NotAccepted)]
    [InlineData("passkey removed", NotAccepted)]
    [InlineData("no json of a credential", NotAccepted)]
    [InlineData("counter the same", Copied)]
    [InlineData("counter back", Copied)]
    [InlineData("counter gone", Copied)]
    [InlineData("challenge twice", NotOurs)]
    [InlineData("challenge of a second factor", NotOurs)]
    [InlineData("challenge of a registration", NotOurs)]
    [InlineData("challenge invented", NotOurs)]
    [InlineData("challenge old", NotOurs)]
    [InlineData("user disabled", "The user is disabled.")]
    public async Task An_answer_that_is_not_as_it_must_be_gets_nobody_in_and_the_audit_log_knows_why(string attack, string why)
    {
        _device.Counter = 5;
        await RegisterAsync("anna", _device);
        await RegisterAsync("berta", new SoftAuthenticator());
        var challenge = await BeginAsync(attack == "challenge of a second factor" ? PasskeyPurpose.SecondFactor : PasskeyPurpose.SignIn);
        switch (attack)
        {
            case "foreign page":
                _device.Origin = "https://mail.test.example.evil.example";
                break;
            case "other port":
                _device.Origin += ":8443";
                break;
            case "page in a foreign frame":
                _device.IsCrossOrigin = true;
                break;
            case "foreign host":
                _device.Host = "evil.example";
                break;
            case "not touched":
                _device.IsTouched = false;
                break;
            case "user not verified":
                _device.KnowsItsUser = false;
                break;
            case "spoilt signature" or "spoilt data":
                _device.Spoilt = attack["spoilt ".Length..];
                break;
            case "forged key":
                _device.ForgeKey();
                break;
            case "handle of another user":
                _device.UserHandle = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(_rig.Store.FindAccountByName("berta")!.Id));
                break;
            case "no handle":
                _device.UserHandle = null;
                break;
            case "unknown credential":
                _device.CredentialId = [1, 2, 3];
                break;
            case "user deleted":
                Assert.Null((await _rig.Users.DeleteAsync(Caller.Local, "anna", AccessRig.Cancelled)).Problem);
                break;
            case "passkey removed":
                Assert.Null((await _rig.Users.RemovePasskeysAsync(Caller.Local, "anna", Anna.Passkeys[0].Id, AccessRig.Cancelled)).Problem);
                break;
            case "user disabled":
                await _rig.Users.ChangeAsync(Caller.Local, "anna", new UserChange(null, null, null, null, true, null), AccessRig.Cancelled);
                break;
            case "counter the same":
                _device.Counter = 5;
                break;
            case "counter back":
                _device.Counter = 4;
                break;
            case "counter gone":
                _device.Counter = 0;
                break;
            case "challenge twice":
                Assert.NotNull((await FinishAsync(_device.Get(challenge))).Started);
                break;
            case "challenge of a registration":
                challenge = challenge with { Key = (await BeginRegistrationAsync("anna")).Key };
                break;
            case "challenge invented":
                challenge = challenge with { Key = Secrets.NewKey() };
                break;
            case "challenge old":
                _rig.Time.Advance(PasskeyCeremonies.Lifetime);
                break;
        }

        var answer = attack == "no json of a credential" ? new PasskeyInput(challenge.Key, "", """{"id":[],"response":7}""") : _device.Get(challenge);
        var before = _rig.Store.Sessions.Count();
        Assert.Null((await FinishAsync(answer)).Started);
        Assert.Equal(before, _rig.Store.Sessions.Count());
        Assert.Equal(why, Assert.Single(await _rig.AuditAsync("login.failed")).Detail);
        Assert.False(Assert.Single(await _rig.AuditAsync("login.failed")).Succeeded);
    }

    [Fact]
    public async Task One_answer_in_two_hands_at_once_gets_one_in()
    {
        await RegisterAsync("anna", _device);
        var answer = _device.Get(await BeginAsync(PasskeyPurpose.SignIn));
        var came = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FinishAsync(answer)));
        Assert.Single(came, a => a.Started is not null);
    }

    [Fact]
    public async Task Two_copies_of_a_key_that_count_alike_get_one_in()
    {
        await RegisterAsync("anna", _device);
        var challenges = new[] { await BeginAsync(PasskeyPurpose.SignIn), await BeginAsync(PasskeyPurpose.SignIn) };
        var count = _device.Counter;
        var answers = challenges.Select(c =>
        {
            _device.Counter = count;
            return _device.Get(c);
        }).ToList();
        var came = await Task.WhenAll(answers.Select(FinishAsync));
        Assert.Single(came, a => a.Started is not null);
    }

    [Theory]
    [InlineData("foreign page")]
    [InlineData("foreign host")]
    [InlineData("challenge twice")]
    [InlineData("challenge of another user")]
    [InlineData("challenge of a login")]
    [InlineData("challenge old")]
    [InlineData("device of another user")]
    [InlineData("not touched")]
    public async Task A_registration_that_is_not_as_it_must_be_leaves_no_passkey(string attack)
    {
        await RegisterAsync("berta", attack == "device of another user" ? _device : new SoftAuthenticator());
        var caller = await AddAsync("anna");
        var challenge = await BeginRegistrationAsync("anna");
        _device.Origin = attack == "foreign page" ? "https://evil.example" : _device.Origin;
        _device.Host = attack == "foreign host" ? "evil.example" : null;
        _device.IsTouched = attack != "not touched";
        var answer = _device.Create(challenge);
        switch (attack)
        {
            case "challenge twice":
                Assert.Null((await _rig.Passkeys.FinishAsync(caller, "Mine", answer, AccessRig.Cancelled)).Problem);
                break;
            case "challenge of another user":
                answer = answer with { Challenge = (await BeginRegistrationAsync("berta")).Key };
                break;
            case "challenge of a login":
                answer = answer with { Challenge = (await BeginAsync(PasskeyPurpose.SignIn)).Key };
                break;
            case "challenge old":
                _rig.Time.Advance(PasskeyCeremonies.Lifetime);
                break;
        }

        var before = Anna.Passkeys.Count;
        var problem = (await _rig.Passkeys.FinishAsync(caller, "Mine", answer, AccessRig.Cancelled)).Problem;
        Assert.Equal("credential", problem!.Field);
        Assert.Equal(before, Anna.Passkeys.Count);
    }

    [Fact]
    public async Task Beside_a_password_a_passkey_stands_in_for_the_code()
    {
        // A device without a PIN: who knows the password and holds it is who he says.
        _device.KnowsItsUser = false;
        var added = await RegisterAsync("anna", _device);
        Assert.Equal(10, added.RecoveryCodes.Count);
        Assert.Null((await _rig.LoginAsync("anna")).Started);
        Assert.Null((await _rig.LoginAsync("anna", code: "000000")).Started);
        var answer = await _rig.LoginAsync("anna", passkey: _device.Get(await BeginAsync(PasskeyPurpose.SecondFactor)));
        Assert.Equal("password+passkey", answer.Started!.Session.Method);
        Assert.Equal("password+recovery", (await _rig.LoginAsync("anna", code: added.RecoveryCodes[0])).Started!.Session.Method);
    }

    [Fact]
    public async Task Beside_a_password_the_passkey_of_somebody_else_is_none()
    {
        await RegisterAsync("anna", new SoftAuthenticator());
        await RegisterAsync("berta", _device);
        Assert.Null((await _rig.LoginAsync("anna", passkey: _device.Get(await BeginAsync(PasskeyPurpose.SecondFactor)))).Started);

        // Nor does a wrong password leave the challenge for another try.
        var answer = _device.Get(await BeginAsync(PasskeyPurpose.SecondFactor));
        Assert.Null((await _rig.LoginAsync("berta", "seven sleepy badgers", passkey: answer)).Started);
        Assert.Null((await _rig.LoginAsync("berta", passkey: answer)).Started);
        Assert.NotNull((await _rig.LoginAsync("berta", passkey: _device.Get(await BeginAsync(PasskeyPurpose.SecondFactor)))).Started);
    }

    [Fact]
    public async Task Wrong_answers_lock_like_wrong_passwords()
    {
        await RegisterAsync("anna", _device);
        _device.Spoilt = "signature";
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.Zero, (await SignInAsync(_device)).Wait);
        }

        Assert.NotEqual(TimeSpan.Zero, (await SignInAsync(_device)).Wait);
        Assert.NotEqual(TimeSpan.Zero, (await _rig.LoginAsync("anna")).Wait);
        Assert.Single(await _rig.AuditAsync("login.locked"));
    }

    [Theory]
    [InlineData("password", true)]
    [InlineData("wrong password", false)]
    [InlineData("nothing", false)]
    [InlineData("code", true)]
    [InlineData("wrong code", false)]
    [InlineData("passkey", true)]
    [InlineData("passkey for a login", false)]
    [InlineData("passkey of somebody else", false)]
    public async Task A_new_passkey_takes_a_proof(string proof, bool isEnough)
    {
        var added = await RegisterAsync("anna", _device);
        using var other = new SoftAuthenticator();
        await RegisterAsync("berta", other);
        var input = proof switch
        {
            "password" => Proof(AccessRig.Password),
            "wrong password" => Proof("seven sleepy badgers"),
            "code" => new OwnProofInput("", added.RecoveryCodes[0], null),
            "wrong code" => new OwnProofInput("", "000000", null),
            "passkey" => new OwnProofInput("", "", _device.Get(await BeginAsync(PasskeyPurpose.Proof))),
            "passkey for a login" => new OwnProofInput("", "", _device.Get(await BeginAsync(PasskeyPurpose.SignIn))),
            "passkey of somebody else" => new OwnProofInput("", "", other.Get(await BeginAsync(PasskeyPurpose.Proof))),
            _ => Proof(""),
        };
        var outcome = await _rig.Passkeys.BeginAsync(_rig.CallerOf(Anna), input, AccessRig.Cancelled);
        Assert.Equal(isEnough, outcome.Value is not null);
        Assert.Equal(isEnough ? 0 : 1, (await _rig.AuditAsync("login.failed")).Count);
    }

    [Fact]
    public async Task Without_a_second_factor_an_empty_or_any_code_proves_nothing()
    {
        var caller = await AddAsync("anna");
        Assert.Equal("code", (await _rig.Passkeys.BeginAsync(caller, new OwnProofInput("", "123456", null), AccessRig.Cancelled)).Problem!.Field);
        Assert.Equal("password", (await _rig.Passkeys.BeginAsync(caller, Proof(""), AccessRig.Cancelled)).Problem!.Field);
    }

    [Fact]
    public async Task With_the_last_passkey_the_second_factor_and_its_recovery_codes_go_and_sessions_end()
    {
        await RegisterAsync("anna", _device);
        var id = Anna.Passkeys[0].Id;
        var stolen = (await SignInAsync(_device)).Started!;
        Assert.Equal("Laptop", (await _rig.Passkeys.RenameAsync(_rig.CallerOf(Anna), id, "Laptop", AccessRig.Cancelled)).Value!.Name);
        Assert.Null((await _rig.Passkeys.RemoveAsync(_rig.CallerOf(Anna), id, Proof(AccessRig.Password), AccessRig.Cancelled)).Problem);
        Assert.Empty(Anna.Passkeys);
        Assert.Empty(Anna.RecoveryCodeHashes);
        Assert.Null(_rig.Sessions.Authenticate(stolen.Secret, null, isAtWork: true));
        Assert.Equal("password", (await _rig.LoginAsync("anna")).Started!.Session.Method);
    }

    [Fact]
    public async Task An_administrator_removes_a_lost_device_of_his_own_users_only()
    {
        await RegisterAsync("anna", _device);
        var id = Anna.Passkeys[0].Id;
        Assert.Equal(OperationFailure.NotFound, (await _rig.Users.RemovePasskeysAsync(AccessRig.CallerWith("bolt", Permission.AccessManage), "anna", id, AccessRig.Cancelled)).Problem!.Failure);
        Assert.Equal(OperationFailure.NotFound, (await _rig.Users.RemovePasskeysAsync(Caller.Local, "anna", "k_none", AccessRig.Cancelled)).Problem!.Failure);
        Assert.Single(Anna.Passkeys);
        Assert.Null((await _rig.Users.RemovePasskeysAsync(Caller.Local, "anna", null, AccessRig.Cancelled)).Problem);
        Assert.Empty(Anna.Passkeys);
        Assert.Single(await _rig.AuditAsync("user.passkey-remove"));
    }

    [Fact]
    public async Task Nobody_touches_the_passkey_of_somebody_else()
    {
        await RegisterAsync("anna", _device);
        var berta = await AddAsync("berta");
        var id = Anna.Passkeys[0].Id;
        Assert.Equal(OperationFailure.NotFound, (await _rig.Passkeys.RenameAsync(berta, id, "Mine", AccessRig.Cancelled)).Problem!.Failure);
        Assert.Equal(OperationFailure.NotFound, (await _rig.Passkeys.RemoveAsync(berta, id, Proof(AccessRig.Password), AccessRig.Cancelled)).Problem!.Failure);
        Assert.Empty(_rig.Passkeys.List(berta));
        Assert.Single(Anna.Passkeys);
    }

    [Fact]
    public async Task A_passkey_outlives_a_restart()
    {
        await RegisterAsync("anna", _device);
        using var folder = new TempFolder(inMemory: true);
        var options = new StoreOptions { DataFolder = folder.Path };
        await using (var first = AccountStore.Open(options, _rig.Time, NullLogger.Instance))
        {
            await first.ChangeAsync(
                draft =>
                {
                    draft.Put(Anna);
                    return true;
                },
                AccessRig.Cancelled);
        }

        await using var second = AccountStore.Open(options, _rig.Time, NullLogger.Instance);
        var (kept, was) = (second.FindAccount(Anna.Id)!.Passkeys.Single(), Anna.Passkeys[0]);
        Assert.Equal(was.Transports, kept.Transports);
        Assert.Equal(was with { Transports = [] }, kept with { Transports = [] });
    }

    private Account Anna => _rig.Store.FindAccountByName("anna")!;

    private static OwnProofInput Proof(string password) => new(password, "", null);

    private async Task<Caller> AddAsync(string name) =>
        _rig.CallerOf(_rig.Store.FindAccountByName(name) ?? await _rig.AddUserAsync(name, "acme", Role.Helpdesk, AccessRig.Password));

    private async Task<PasskeyChallenge> BeginRegistrationAsync(string user) =>
        (await _rig.Passkeys.BeginAsync(await AddAsync(user), Proof(AccessRig.Password), AccessRig.Cancelled)).Value!;

    private async Task<PasskeyAdded> RegisterAsync(string user, SoftAuthenticator device)
    {
        var challenge = await BeginRegistrationAsync(user);
        var outcome = await _rig.Passkeys.FinishAsync(await AddAsync(user), "Key", device.Create(challenge), AccessRig.Cancelled);
        Assert.Null(outcome.Problem);
        return outcome.Value!;
    }

    private Task<PasskeyChallenge> BeginAsync(PasskeyPurpose purpose) => _rig.PasskeyLogins.BeginAsync(purpose, IPAddress.Parse("192.0.2.1"));

    private Task<LoginAnswer> FinishAsync(PasskeyInput answer) =>
        _rig.PasskeyLogins.LoginAsync(answer, null, IPAddress.Parse("192.0.2.1"), "test", AccessRig.Cancelled);

    private async Task<LoginAnswer> SignInAsync(SoftAuthenticator device) => await FinishAsync(device.Get(await BeginAsync(PasskeyPurpose.SignIn)));
}
