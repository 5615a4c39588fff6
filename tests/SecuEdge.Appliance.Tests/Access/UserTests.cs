using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Users and roles: who may make whom, and what each attempt to get more comes to.</summary>
public sealed class UserTests : IAsyncDisposable
{
    private readonly AccessRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("provider", "Provider", "provider", "provider", "provider", null)]
    [InlineData("provider", "Provider", "north", "reseller", "north", null)]
    [InlineData("north", "Reseller", "acme", "customerAdmin", "acme", null)]
    [InlineData("acme", "CustomerAdmin", "acme", "customerAdmin", "acme", null)]
    [InlineData("acme", "CustomerAdmin", "acme", "auditor", "acme", null)]
    [InlineData("acme", "CustomerAdmin", "acme", "provider", "acme", "roles[0]")]
    [InlineData("acme", "CustomerAdmin", "acme", "provider", "provider", "roles[0]")]
    [InlineData("acme", "CustomerAdmin", "acme", "helpdesk", "bolt", "roles[0]")]
    [InlineData("acme", "CustomerAdmin", "acme", "helpdesk", "north", "roles[0]")]
    [InlineData("acme", "CustomerAdmin", "bolt", "helpdesk", "bolt", "node")]
    [InlineData("acme", "CustomerAdmin", "provider", "helpdesk", "provider", "node")]
    [InlineData("acme", "Helpdesk", "acme", "helpdesk", "acme", "node")]
    [InlineData("north", "Reseller", "north", "auditor", "north", null)]
    [InlineData("north", "Reseller", "provider", "auditor", "provider", "node")]
    [InlineData("provider", "Provider", "nowhere", "helpdesk", "nowhere", "node")]
    [InlineData("provider", "Provider", "north", "provider", "north", "roles[0]")]
    [InlineData("provider", "Provider", "north", "emperor", "north", "roles[0]")]
    public async Task Nobody_makes_a_user_who_may_more_than_himself(string ownNode, string ownRole, string node, string role, string roleNode, string? wrongField)
    {
        var maker = _rig.CallerOf(await _rig.AddUserAsync("maker", ownNode, Enum.Parse<Role>(ownRole)));
        var outcome = await _rig.Users.CreateAsync(maker, Draft("new.user", node, new AccountRole(role, roleNode)), AccessRig.Cancelled);
        Assert.Equal(wrongField, outcome.Problem?.Field);
        Assert.Equal(wrongField is null, _rig.Store.FindAccountByName("new.user") is not null);
    }

    [Theory]
    [InlineData("anna@acme.example", null)]
    [InlineData("anna@bolt.example", "roles[0]")]
    [InlineData("anna@elsewhere.example", "roles[0]")]
    [InlineData("anna", "roles[0]")]
    [InlineData("", "roles[0]")]
    [InlineData(null, "roles[0]")]
    public async Task A_mailbox_user_has_an_address_of_the_node(string? address, string? wrongField)
    {
        var outcome = await _rig.Users.CreateAsync(Caller.Local, Draft("anna", "acme", new AccountRole("mailboxUser", "acme", address)), AccessRig.Cancelled);
        Assert.Equal(wrongField, outcome.Problem?.Field);
        if (outcome.Value is { } anna)
        {
            var grant = Assert.Single(_rig.Grants.GrantsOf(anna));
            Assert.Equal(address, grant.Mailbox);
            Assert.False(_rig.CallerOf(anna).May(Permission.MessagesRead, "acme", _rig.Sites.Current));
        }
    }

    [Fact]
    public void A_mailbox_role_that_lost_its_address_gives_nothing()
    {
        Assert.Null(_rig.Grants.GrantOf(new AccountRole("mailboxUser", "acme")));
        Assert.Null(_rig.Grants.GrantOf(new AccountRole("mailboxUser", "acme", "")));
        Assert.Null(_rig.Grants.GrantOf(new AccountRole("helpdesk", "nowhere")));
        Assert.Null(_rig.Grants.GrantOf(new AccountRole("provider", "acme")));
        Assert.Null(_rig.Grants.GrantOf(new AccountRole("emperor", "acme")));
    }

    [Fact]
    public async Task Only_the_root_has_permissions_of_the_appliance()
    {
        Assert.Contains(Permission.SystemRead, _rig.Grants.GrantOf(new AccountRole("auditor", "provider"))!.Permissions.AsEnumerable());
        Assert.DoesNotContain(Permission.SystemRead, _rig.Grants.GrantOf(new AccountRole("auditor", "acme"))!.Permissions.AsEnumerable());
        var reseller = _rig.CallerOf(await _rig.AddUserAsync("nora", "north", Role.Reseller));
        Assert.False(reseller.May(Permission.SystemManage));
    }

    [Theory]
    [InlineData("password")]
    [InlineData("totp")]
    [InlineData("roles")]
    [InlineData("disable")]
    [InlineData("delete")]
    public async Task Who_may_less_than_a_user_cannot_become_him(string how)
    {
        await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin, AccessRig.Password);
        var caller = AccessRig.CallerWith("acme", Permission.AccessManage, Permission.MessagesRead);
        var outcome = how switch
        {
            "password" => await _rig.Users.SetPasswordAsync(caller, "boss", "seven sleepy badgers", AccessRig.Cancelled),
            "totp" => await _rig.Users.ResetSecondFactorAsync(caller, "boss", AccessRig.Cancelled),
            "roles" => await _rig.Users.ChangeAsync(caller, "boss", new UserChange(null, null, null, [], null, null), AccessRig.Cancelled),
            "disable" => await _rig.Users.ChangeAsync(caller, "boss", new UserChange(null, null, null, null, true, null), AccessRig.Cancelled),
            _ => await _rig.Users.DeleteAsync(caller, "boss", AccessRig.Cancelled),
        };
        Assert.Equal(OperationFailure.Forbidden, outcome.Problem?.Failure);
        Assert.NotNull((await _rig.LoginAsync("boss")).Started);
    }

    [Fact]
    public async Task A_disabled_user_is_not_easier_to_take_over()
    {
        await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin);
        await _rig.Users.ChangeAsync(Caller.Local, "boss", new UserChange(null, null, null, null, true, null), AccessRig.Cancelled);
        var caller = AccessRig.CallerWith("acme", Permission.AccessManage);
        Assert.Equal(OperationFailure.Forbidden, (await _rig.Users.SetPasswordAsync(caller, "boss", "seven sleepy badgers", AccessRig.Cancelled)).Problem?.Failure);
    }

    [Fact]
    public async Task Nobody_gives_himself_a_role_or_puts_himself_out()
    {
        var account = await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin);
        var boss = _rig.CallerOf(account);
        Assert.NotNull((await _rig.Users.ChangeAsync(boss, "boss", new UserChange(null, null, null, [new AccountRole("provider", "provider")], null, null), AccessRig.Cancelled)).Problem);
        Assert.Equal(OperationFailure.Conflict, (await _rig.Users.DeleteAsync(boss, "boss", AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(OperationFailure.Conflict, (await _rig.Users.ChangeAsync(boss, "boss", new UserChange(null, null, null, null, true, null), AccessRig.Cancelled)).Problem?.Failure);
    }

    [Fact]
    public async Task A_user_of_another_node_is_as_if_he_were_not_there()
    {
        await _rig.AddUserAsync("bert", "bolt", Role.Helpdesk);
        await _rig.AddUserAsync("nora", "north", Role.Reseller);
        var boss = _rig.CallerOf(await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin));
        var missing = _rig.Users.Find(boss, "x").Problem!;
        foreach (var name in (string[])["bert", "nora"])
        {
            foreach (var problem in (OperationProblem?[])
                     [
                         _rig.Users.Find(boss, name).Problem,
                         (await _rig.Users.DeleteAsync(boss, name, AccessRig.Cancelled)).Problem,
                         (await _rig.Users.SetPasswordAsync(boss, name, "short", AccessRig.Cancelled)).Problem,
                         (await _rig.SessionList.EndAllAsync(boss, name, AccessRig.Cancelled)).Problem,
                     ])
            {
                Assert.Equal(missing.Failure, problem!.Failure);
                Assert.Equal(missing.Detail.Replace("'x'", $"'{name}'", StringComparison.Ordinal), problem.Detail);
            }
        }

        Assert.Equal(["boss"], _rig.Users.List(boss, null).Select(a => a.Name));
        Assert.Equal(["bert", "boss", "nora"], _rig.Users.List(Caller.Local, "north").Select(a => a.Name));
    }

    [Theory]
    [InlineData("a", "name")]
    [InlineData("Anna Smith", "name")]
    [InlineData("setup", "name")]
    [InlineData("local", "name")]
    [InlineData("ci (t_1)", "name")]
    [InlineData("anna\n", "name")]
    [InlineData("../etc", "name")]
    [InlineData("anna", null)]
    [InlineData("ANNA.smith-2_x", null)]
    [InlineData("anna+test@acme.example", null)]
    public async Task A_name_is_one_that_reads_as_one(string name, string? wrongField) =>
        Assert.Equal(wrongField, (await _rig.Users.CreateAsync(Caller.Local, Draft(name, "acme"), AccessRig.Cancelled)).Problem?.Field);

    [Fact]
    public async Task A_name_is_given_once_even_in_two_hands_at_once()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => _rig.Users.CreateAsync(Caller.Local, Draft(i % 2 == 0 ? "anna" : "Anna", "acme"), AccessRig.Cancelled))));
        Assert.Single(outcomes, o => o.Problem is null);
        Assert.All(outcomes.Where(o => o.Problem is not null), o => Assert.Equal(OperationFailure.Conflict, o.Problem!.Failure));
    }

    [Fact]
    public async Task Only_the_provider_ties_a_user_to_a_login_elsewhere()
    {
        var boss = _rig.CallerOf(await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin));
        Assert.Equal("externalId", (await _rig.Users.CreateAsync(boss, Draft("anna", "acme") with { ExternalId = "https://idp.example|1" }, AccessRig.Cancelled)).Problem?.Field);
        Assert.Null((await _rig.Users.CreateAsync(Caller.Local, Draft("anna", "acme") with { ExternalId = "https://idp.example|1" }, AccessRig.Cancelled)).Problem);
        Assert.Equal("externalId", (await _rig.Users.CreateAsync(Caller.Local, Draft("bert", "acme") with { ExternalId = "https://idp.example|1" }, AccessRig.Cancelled)).Problem?.Field);

        // Changing something else of him is the tenant's business.
        Assert.Null((await _rig.Users.ChangeAsync(boss, "anna", new UserChange("Anna", null, null, null, null, null), AccessRig.Cancelled)).Problem);
    }

    [Fact]
    public async Task Who_is_tied_to_a_login_elsewhere_comes_in_by_that_alone()
    {
        var user = await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var tie = new UserChange(null, null, null, null, null, "https://idp.example|1");
        Assert.Null((await _rig.Users.ChangeAsync(Caller.Local, "anna", tie, AccessRig.Cancelled)).Problem);
        Assert.Null((await _rig.LoginAsync("anna")).Started);
        Assert.Equal("password", (await _rig.Users.SetPasswordAsync(Caller.Local, "anna", AccessRig.Password, AccessRig.Cancelled)).Problem?.Field);
        Assert.Equal(
            OperationFailure.Conflict,
            (await _rig.Passkeys.BeginAsync(_rig.CallerOf(user), new OwnProofInput(AccessRig.Password, "", null), AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal("password", (await _rig.Users.CreateAsync(Caller.Local, Draft("bert", "acme") with { Password = AccessRig.Password, ExternalId = "https://idp.example|2" }, AccessRig.Cancelled)).Problem?.Field);

        // Let go again, he begins anew: what he had before does not come back.
        Assert.Null((await _rig.Users.ChangeAsync(Caller.Local, "anna", tie with { ExternalId = "" }, AccessRig.Cancelled)).Problem);
        Assert.Null((await _rig.LoginAsync("anna")).Started);
        Assert.Null((await _rig.Users.SetPasswordAsync(Caller.Local, "anna", AccessRig.Password, AccessRig.Cancelled)).Problem);
        Assert.NotNull((await _rig.LoginAsync("anna")).Started);
    }

    [Fact]
    public async Task A_deleted_node_takes_its_users_tokens_and_roles_with_it_and_a_new_one_of_the_name_inherits_none()
    {
        using var sweep = new AccessSweep(_rig.Store, _rig.Sessions, _rig.Sites, _rig.Auditor, _rig.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AccessSweep>.Instance);
        await sweep.StartAsync(AccessRig.Cancelled);
        await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin);
        await _rig.AddUserAsync("nora", "north", null, new AccountRole("helpdesk", "acme"), new AccountRole("helpdesk", "bolt"));
        var (token, _) = await _rig.AddTokenAsync(Caller.Local, "acme", [Permission.MessagesRead]);
        var before = _rig.Sites.Current.Site.Tenants;
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        _rig.SetTenants([.. before.Where(t => t.Name != "acme")]);
        _rig.SetTenants([.. before]);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        await RunningGateway.EventuallyAsync(() => Task.FromResult(_rig.Store.FindToken(token.Id) is null));
        Assert.Null(_rig.Store.FindAccountByName("boss"));
        Assert.Equal("bolt", Assert.Single(_rig.Store.FindAccountByName("nora")!.Roles).Node);
        Assert.Equal(3, (await _rig.AuditAsync("access.forget")).Count);
        await sweep.StopAsync(AccessRig.Cancelled);
    }

    [Fact]
    public async Task A_full_disk_only_delays_it_and_a_node_that_cannot_be_read_keeps_its_users()
    {
        using var sweep = new AccessSweep(_rig.Store, _rig.Sessions, _rig.Sites, _rig.Auditor, _rig.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AccessSweep>.Instance);
        await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin);
        await _rig.AddUserAsync("owner", "shop", Role.CustomerAdmin);
        var before = _rig.Sites.Current.Site.Tenants;
        _rig.Sites.Current = new SiteDirectory(new Site { Tenants = [.. before.Where(t => t.Name != "shop")] }) { Unusable = [new UnusableTenant("shop", "a word is wrong", null)] };
        await sweep.StartAsync(AccessRig.Cancelled);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        _rig.Audit.IsFull = true;
        var tries = 0;
        _rig.Audit.Meanwhile = () => Task.FromResult(Interlocked.Increment(ref tries));
        _rig.Sites.Current = new SiteDirectory(new Site { Tenants = [.. before.Where(t => t.Name is not ("acme" or "shop"))] }, _rig.Sites.Current);
        await RunningGateway.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref tries) > 0));
        _rig.SetTenants([.. before]);
        _rig.Audit.IsFull = false;
        await RunningGateway.EventuallyAsync(() =>
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(_rig.Store.FindAccountByName("boss") is null);
        });
        Assert.NotNull(_rig.Store.FindAccountByName("owner"));
        await sweep.StopAsync(AccessRig.Cancelled);
    }

    private static UserDraft Draft(string name, string node, params AccountRole[] roles) => new(name, node, "", "", "", roles, null, "");
}
