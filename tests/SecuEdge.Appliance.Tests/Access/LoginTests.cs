using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Signing in, with the clock in hand.</summary>
public sealed class LoginTests : IAsyncDisposable
{
    private const string Other = "seven sleepy badgers";
    private readonly AccessRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("anna", AccessRig.Password, null)]
    [InlineData("ANNA", AccessRig.Password, null)]
    [InlineData("anna", Other, "The password was wrong.")]
    [InlineData("nobody", AccessRig.Password, "There is no such user.")]
    [InlineData("off", AccessRig.Password, "The user is disabled.")]
    [InlineData("none", AccessRig.Password, "The password was wrong.")]
    public async Task Who_gets_in_is_told_by_the_audit_log_only(string user, string password, string? why)
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        await _rig.AddUserAsync("off", "acme", Role.Helpdesk, AccessRig.Password);
        await _rig.AddUserAsync("none", "acme", Role.Helpdesk);
        await _rig.Users.ChangeAsync(Caller.Local, "off", new UserChange(null, null, null, null, true, null), AccessRig.Cancelled);

        var answer = await _rig.LoginAsync(user, password);
        Assert.Equal(why is null, answer.Started is not null);
        Assert.Equal(TimeSpan.Zero, answer.Wait);
        Assert.Equal(why, (await _rig.AuditAsync("login.failed")).SingleOrDefault()?.Detail);
        Assert.Equal(why is null ? 1 : 0, (await _rig.AuditAsync("login.succeeded")).Count);
        if (user == "nobody")
        {
            // What was typed as a name may be a password.
            Assert.DoesNotContain("nobody", (await _rig.AuditAsync("login.failed")).Single().ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("anna")]
    [InlineData("nobody")]
    public async Task Five_failures_lock_a_user_and_a_name_that_is_nobodys_alike(string user)
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.Zero, (await _rig.LoginAsync(user, Other)).Wait);
        }

        var locked = await _rig.LoginAsync(user);
        Assert.Null(locked.Started);
        Assert.Equal(TimeSpan.FromSeconds(1), locked.Wait);
        Assert.Single(await _rig.AuditAsync("login.locked"));
        _rig.Time.Advance(locked.Wait);
        Assert.Equal(user == "anna", (await _rig.LoginAsync(user)).Started is not null);
    }

    [Fact]
    public async Task A_code_is_asked_for_once_it_is_on_and_counts_once()
    {
        var (secret, _) = await SecondFactorAsync("anna");
        Assert.Null((await _rig.LoginAsync("anna")).Started);
        Assert.Null((await _rig.LoginAsync("anna", code: "000000")).Started);
        _rig.Time.Advance(TimeSpan.FromSeconds(30));
        var code = Totp.Code(secret, _rig.Time.GetUtcNow());
        Assert.Null((await _rig.LoginAsync("anna", Other, code)).Started);
        var answer = await _rig.LoginAsync("anna", code: code);
        Assert.Equal("password+totp", answer.Started!.Session.Method);
        Assert.Null((await _rig.LoginAsync("anna", code: code)).Started);
    }

    [Fact]
    public async Task The_code_that_switched_codes_on_is_spent()
    {
        var (secret, _) = await SecondFactorAsync("anna");
        Assert.Null((await _rig.LoginAsync("anna", code: Totp.Code(secret, _rig.Time.GetUtcNow()))).Started);
    }

    [Fact]
    public async Task A_recovery_code_gets_in_once()
    {
        var (_, codes) = await SecondFactorAsync("anna");
        Assert.Equal("password+recovery", (await _rig.LoginAsync("anna", code: codes[3].ToLowerInvariant())).Started!.Session.Method);
        Assert.Null((await _rig.LoginAsync("anna", code: codes[3])).Started);
        Assert.NotNull((await _rig.LoginAsync("anna", code: codes[4])).Started);
        Assert.Equal(8, _rig.Store.FindAccountByName("anna")!.RecoveryCodeHashes.Count);
    }

    [Fact]
    public async Task One_recovery_code_in_many_hands_at_once_gets_one_in()
    {
        var (_, codes) = await SecondFactorAsync("anna");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => _rig.LoginAsync("anna", code: codes[0], address: $"192.0.2.{i}")));
        Assert.Single(answers, a => a.Started is not null);
    }

    [Fact]
    public async Task Guessing_codes_is_locked_like_guessing_passwords()
    {
        await SecondFactorAsync("anna");
        for (var i = 0; i < 5; i++)
        {
            await _rig.LoginAsync("anna", code: $"00000{i}");
        }

        Assert.NotEqual(TimeSpan.Zero, (await _rig.LoginAsync("anna", code: "000009")).Wait);
    }

    [Fact]
    public async Task A_hash_with_old_parameters_is_made_again_at_the_login()
    {
        var anna = await _rig.AddUserAsync("anna", "acme", Role.Helpdesk);
        const string Old = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        await _rig.Store.ChangeAsync(d => { d.Put(anna with { PasswordHash = Old }); return true; }, AccessRig.Cancelled);
        Assert.Null((await _rig.LoginAsync("anna", Other)).Started);
        Assert.Equal(Old, _rig.Store.FindAccount(anna.Id)!.PasswordHash);
        Assert.NotNull((await _rig.LoginAsync("anna", "password")).Started);
        Assert.False(PasswordHasher.NeedsRehash(_rig.Store.FindAccount(anna.Id)!.PasswordHash));
        Assert.NotNull((await _rig.LoginAsync("anna", "password")).Started);
    }

    [Fact]
    public async Task A_page_that_only_listens_keeps_no_session_alive()
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var started = (await _rig.LoginAsync("anna")).Started!;
        for (var heartbeat = 0; heartbeat < 3; heartbeat++)
        {
            Assert.NotNull(_rig.Sessions.Authenticate(started.Secret, null, isAtWork: false));
            _rig.Time.Advance(TimeSpan.FromMinutes(20));
        }

        Assert.Null(_rig.Sessions.Authenticate(started.Secret, null, isAtWork: false));
    }

    public static TheoryData<string> SessionEnds => ["idle", "old", "logout", "disabled", "deleted", "password reset", "other login", "all ended", "node deleted"];

    [Theory]
    [MemberData(nameof(SessionEnds))]
    public async Task A_session_ends(string how)
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var started = (await _rig.LoginAsync("anna")).Started!;
        var caller = _rig.Sessions.Authenticate(started.Secret, null, isAtWork: true)!;
        Assert.Equal("anna", caller.Name);
        switch (how)
        {
            case "idle":
                _rig.Time.Advance(TimeSpan.FromHours(1));
                break;
            case "old":
                for (var i = 0; i < 24; i++)
                {
                    Assert.NotNull(_rig.Sessions.Authenticate(started.Secret, null, isAtWork: true));
                    _rig.Time.Advance(TimeSpan.FromMinutes(30));
                }

                break;
            case "logout":
                await _rig.SessionList.LogoutAsync(caller, AccessRig.Cancelled);
                break;
            case "disabled":
                await _rig.Users.ChangeAsync(Caller.Local, "anna", new UserChange(null, null, null, null, true, null), AccessRig.Cancelled);
                break;
            case "deleted":
                await _rig.Users.DeleteAsync(Caller.Local, "anna", AccessRig.Cancelled);
                await _rig.AddUserAsync("anna", "acme", Role.CustomerAdmin, AccessRig.Password);
                break;
            case "password reset":
                await _rig.Users.SetPasswordAsync(Caller.Local, "anna", Other, AccessRig.Cancelled);
                break;
            case "other login":
                // The same browser signs in again: whoever planted or stole the old cookie has nothing.
                Assert.NotNull((await _rig.LoginAsync("anna", earlier: started.Secret)).Started);
                break;
            case "all ended":
                await _rig.SessionList.EndAllAsync(Caller.Local, "anna", AccessRig.Cancelled);
                break;
            case "node deleted":
                _rig.SetTenants(new Tenant { Name = "shop" });
                Assert.Empty(_rig.Sessions.Authenticate(started.Secret, null, isAtWork: true)!.Grants);
                return;
            default:
                throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }

        Assert.Null(_rig.Sessions.Authenticate(started.Secret, null, isAtWork: true));
    }

    [Fact]
    public async Task A_new_password_ends_the_other_sessions_and_needs_the_old_one()
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var other = (await _rig.LoginAsync("anna")).Started!;
        var own = (await _rig.LoginAsync("anna")).Started!;
        var caller = _rig.Sessions.Authenticate(own.Secret, null, isAtWork: true)!;
        Assert.Equal("password", (await _rig.Own.ChangePasswordAsync(caller, "wrong", Other, AccessRig.Cancelled)).Problem?.Field);
        Assert.Equal("newPassword", (await _rig.Own.ChangePasswordAsync(caller, AccessRig.Password, "short", AccessRig.Cancelled)).Problem?.Field);
        Assert.NotNull(_rig.Sessions.Authenticate(other.Secret, null, isAtWork: true));
        Assert.Null((await _rig.Own.ChangePasswordAsync(caller, AccessRig.Password, Other, AccessRig.Cancelled)).Problem);
        Assert.Null(_rig.Sessions.Authenticate(other.Secret, null, isAtWork: true));
        Assert.NotNull(_rig.Sessions.Authenticate(own.Secret, null, isAtWork: true));
        Assert.Null((await _rig.LoginAsync("anna")).Started);
        Assert.NotNull((await _rig.LoginAsync("anna", Other)).Started);
    }

    [Fact]
    public async Task A_stolen_session_does_not_guess_the_password_or_the_code()
    {
        await SecondFactorAsync("anna");
        var caller = _rig.CallerOf(_rig.Store.FindAccountByName("anna")!);
        var failures = new List<OperationFailure>();
        for (var i = 0; i < 7; i++)
        {
            failures.Add((await _rig.Own.RemoveTotpAsync(caller, i % 2 == 0 ? AccessRig.Password : Other, "000000", AccessRig.Cancelled)).Problem!.Failure);
        }

        Assert.Equal(OperationFailure.Invalid, failures[0]);
        Assert.Equal(OperationFailure.Unavailable, failures[^1]);
    }

    [Fact]
    public async Task An_attempt_counts_while_its_code_is_still_looked_at()
    {
        await SecondFactorAsync("anna");
        var caller = _rig.CallerOf(_rig.Store.FindAccountByName("anna")!);
        Task<Outcome<bool>> GuessAsync() => _rig.Own.RemoveTotpAsync(caller, AccessRig.Password, "000000", AccessRig.Cancelled);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("code", (await GuessAsync()).Problem?.Field);
        }

        Outcome<bool>? atTheSameTime = null;
        _rig.Audit.Meanwhile = async () => atTheSameTime = await GuessAsync();
        Assert.Equal("code", (await GuessAsync()).Problem?.Field);
        Assert.Equal(OperationFailure.Unavailable, atTheSameTime?.Problem?.Failure);
    }

    [Fact]
    public async Task Codes_can_be_switched_off_with_password_and_code_and_recovery_codes_renewed()
    {
        var (secret, codes) = await SecondFactorAsync("anna");
        var caller = _rig.CallerOf(_rig.Store.FindAccountByName("anna")!);
        var renewed = (await _rig.Own.RenewRecoveryCodesAsync(caller, AccessRig.Password, AccessRig.Cancelled)).Value!;
        Assert.Null((await _rig.LoginAsync("anna", code: codes[0])).Started);
        Assert.NotNull((await _rig.LoginAsync("anna", code: renewed[0])).Started);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await _rig.Own.RemoveTotpAsync(caller, AccessRig.Password, Totp.Code(secret, _rig.Time.GetUtcNow()), AccessRig.Cancelled)).Value);
        Assert.NotNull((await _rig.LoginAsync("anna")).Started);
    }

    [Fact]
    public async Task One_user_keeps_at_most_twenty_sessions()
    {
        var anna = await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        for (var i = 0; i < 25; i++)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            await _rig.Sessions.StartAsync(anna, a => a, "password", null, null, "test", AccessRig.Cancelled);
        }

        Assert.Equal(20, _rig.Sessions.Of(anna.Id).Count());
    }

    [Fact]
    public async Task Sessions_of_others_are_as_if_they_were_not_there()
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var bert = await _rig.AddUserAsync("bert", "bolt", Role.CustomerAdmin);
        var session = (await _rig.LoginAsync("anna")).Started!.Session;
        Assert.Equal(OperationFailure.NotFound, (await _rig.SessionList.EndAsync(_rig.CallerOf(bert), session.Id, AccessRig.Cancelled)).Problem!.Failure);
        Assert.Equal(OperationFailure.NotFound, _rig.SessionList.List(_rig.CallerOf(bert), "anna").Problem!.Failure);
        Assert.Empty(_rig.SessionList.List(_rig.CallerOf(bert), null).Value!);
        Assert.Null((await _rig.SessionList.EndAsync(_rig.CallerOf(await _rig.AddUserAsync("nora", "north", Role.Reseller)), session.Id, AccessRig.Cancelled)).Problem);
    }

    /// <summary>A user with one-time codes on.</summary>
    private async Task<(string Secret, IReadOnlyList<string> Codes)> SecondFactorAsync(string name)
    {
        var account = await _rig.AddUserAsync(name, "acme", Role.Helpdesk, AccessRig.Password);
        var caller = _rig.CallerOf(account);
        var start = (await _rig.Own.StartTotpAsync(caller, AccessRig.Password, AccessRig.Cancelled)).Value!;
        Assert.Equal("code", (await _rig.Own.ConfirmTotpAsync(caller, "000000", AccessRig.Cancelled)).Problem?.Field);
        Assert.NotNull((await _rig.LoginAsync(name)).Started);
        var codes = (await _rig.Own.ConfirmTotpAsync(caller, Totp.Code(start.Secret, _rig.Time.GetUtcNow()), AccessRig.Cancelled)).Value!;
        return (start.Secret, codes);
    }
}
