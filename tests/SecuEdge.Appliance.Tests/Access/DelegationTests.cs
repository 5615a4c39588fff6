using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Support by consent: for whom, how long, and that it cannot be made into more.</summary>
public sealed class DelegationTests : IAsyncDisposable
{
    private const string Consent = "Please look at our missing invoices.";
    private readonly AccessRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("acme", Role.Helpdesk, "sue", "", 24, null)]
    [InlineData("acme", Role.CustomerAdmin, "sue", "", 168, null)]
    [InlineData("acme", Role.Helpdesk, "nobody", "", 24, null)]
    [InlineData("acme", Role.Helpdesk, "", "north", 24, null)]
    [InlineData("acme", Role.Helpdesk, "", "provider", 24, null)]
    [InlineData("acme", Role.Helpdesk, "", "bolt", 24, "staffOf")]
    [InlineData("acme", Role.Helpdesk, "", "nowhere", 24, "staffOf")]
    [InlineData("acme", Role.Helpdesk, "sue", "north", 24, "user")]
    [InlineData("acme", Role.Helpdesk, "", "", 24, "user")]
    [InlineData("acme", Role.Helpdesk, "sue", "", 169, "expiresAt")]
    [InlineData("acme", Role.Helpdesk, "sue", "", 0, "expiresAt")]
    [InlineData("acme", Role.Provider, "sue", "", 24, "role")]
    [InlineData("acme", Role.Reseller, "sue", "", 24, "role")]
    [InlineData("acme", Role.MailboxUser, "sue", "", 24, "role")]
    [InlineData("bolt", Role.Helpdesk, "sue", "", 24, "node")]
    [InlineData("north", Role.Helpdesk, "sue", "", 24, "node")]
    public async Task A_customer_opens_his_own_node_for_at_most_a_week(string node, Role role, string user, string staffOf, int hours, string? wrongField)
    {
        await _rig.AddUserAsync("sue", "shop", Role.Helpdesk);
        var boss = _rig.CallerOf(await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin));
        var draft = new DelegationDraft(node, role, user, staffOf, Consent, _rig.Time.GetUtcNow().AddHours(hours));
        Assert.Equal(wrongField, (await _rig.Delegations.CreateAsync(boss, draft, AccessRig.Cancelled)).Problem?.Field);
        Assert.Equal(wrongField is null ? Consent : null, (await _rig.AuditAsync("delegation.create")).SingleOrDefault()?.Reason);
    }

    [Fact]
    public async Task It_works_from_consent_to_its_end_and_names_itself()
    {
        var sue = await _rig.AddUserAsync("sue", "shop", Role.Helpdesk);
        Assert.False(May(sue, "acme"));
        var id = await DelegateAsync("sue");
        Assert.True(May(sue, "acme"));
        Assert.False(May(sue, "bolt"));
        Assert.True(May(sue, "shop"));
        var caller = _rig.CallerOf(sue);
        Assert.True(caller.May(Permission.MessagesRead, "shop", _rig.Sites.Current));
        Assert.Empty(caller.UsedDelegations);
        Assert.Equal(["acme", "shop"], caller.Visible(Permission.MessagesRead, _rig.Sites.Current)!.Order());
        Assert.Equal(id, Assert.Single(caller.UsedDelegations).Key);
        _rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.False(May(sue, "acme"));
    }

    [Fact]
    public async Task It_is_over_when_it_is_revoked()
    {
        var sue = await _rig.AddUserAsync("sue", "shop", Role.Helpdesk);
        var id = await DelegateAsync("sue");
        var boss = _rig.CallerOf(_rig.Store.FindAccountByName("boss")!);
        Assert.Null((await _rig.Delegations.RevokeAsync(boss, id, AccessRig.Cancelled)).Problem);
        Assert.False(May(sue, "acme"));
        Assert.Single(await _rig.AuditAsync("delegation.revoke"));
    }

    [Fact]
    public async Task Staff_are_the_users_of_the_node_itself_who_look_after_something()
    {
        var nora = await _rig.AddUserAsync("nora", "north", Role.Helpdesk);
        var box = await _rig.AddUserAsync("box", "north");
        var bert = await _rig.AddUserAsync("bert", "bolt", Role.CustomerAdmin);
        await DelegateAsync("", "north", Role.CustomerAdmin);
        Assert.Contains(_rig.Grants.GrantsOf(nora), g => g.Delegation is not null);
        Assert.DoesNotContain(_rig.Grants.GrantsOf(box), g => g.Delegation is not null);
        Assert.DoesNotContain(_rig.Grants.GrantsOf(bert), g => g.Delegation is not null);
        var caller = _rig.CallerOf(nora);
        Assert.Equal(OperationFailure.Forbidden, (await _rig.Delegations.RevokeAsync(caller with { Grants = [] }, _rig.Store.Delegations.Single().Id, AccessRig.Cancelled)).Problem?.Failure);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("second factor")]
    public async Task Whoever_gives_a_person_a_new_way_to_sign_in_does_not_get_what_others_lent_to_it(string way)
    {
        var carol = await _rig.AddUserAsync("carol", "shop", Role.Helpdesk);
        await DelegateAsync("carol");
        var admin = _rig.CallerOf(await _rig.AddUserAsync("admin", "shop", Role.CustomerAdmin));
        var outcome = way == "password"
            ? await _rig.Users.SetPasswordAsync(admin, "carol", "seven sleepy badgers", AccessRig.Cancelled)
            : await _rig.Users.ResetSecondFactorAsync(admin, "carol", AccessRig.Cancelled);
        Assert.Null(outcome.Problem);
        Assert.False(May(carol, "acme"));
        Assert.True(May(carol, "shop"));
    }

    [Fact]
    public async Task A_customer_that_moves_leaves_the_former_reseller_without_his_people()
    {
        var eva = await _rig.AddUserAsync("eva", "north", null, new SecuEdge.Store.Accounts.AccountRole(Roles.Word(Role.CustomerAdmin), "acme"));
        Assert.True(May(eva, "acme"));
        _rig.SetTenants(
            new Tenant { Name = "north", Kind = TenantKind.Reseller },
            new Tenant { Name = "south", Kind = TenantKind.Reseller },
            new Tenant { Name = "acme", Parent = "south" });
        Assert.False(May(eva, "acme"));
    }

    [Fact]
    public async Task A_name_that_is_taken_later_gets_nothing_from_an_earlier_consent()
    {
        await DelegateAsync("sue");
        var sue = await _rig.AddUserAsync("sue", "shop", Role.Helpdesk);
        Assert.False(May(sue, "acme"));
    }

    [Fact]
    public async Task A_lent_administrator_makes_nothing_that_stays()
    {
        var sue = await _rig.AddUserAsync("sue", "shop", Role.Helpdesk);
        await DelegateAsync("sue", role: Role.CustomerAdmin);
        var caller = _rig.CallerOf(sue);
        Assert.True(caller.May(Permission.AccessManage, "acme", _rig.Sites.Current));
        Assert.NotNull((await _rig.Tokens.CreateAsync(caller, new TokenDraft("ci", "acme", [Permission.MessagesRead], "", null, []), AccessRig.Cancelled)).Problem);
        Assert.NotNull((await _rig.Users.CreateAsync(caller, new UserDraft("eve", "acme", "", "", "", [new("helpdesk", "acme")], AccessRig.Password, ""), AccessRig.Cancelled)).Problem);
        Assert.Equal(OperationFailure.Forbidden, (await _rig.Users.SetPasswordAsync(caller, "boss", "seven sleepy badgers", AccessRig.Cancelled)).Problem?.Failure);
        Assert.NotNull((await _rig.Delegations.CreateAsync(caller, new DelegationDraft("acme", Role.Helpdesk, "eve", "", Consent, _rig.Time.GetUtcNow().AddDays(7)), AccessRig.Cancelled)).Problem);
    }

    [Fact]
    public async Task A_delegation_of_others_is_as_if_it_were_not_there_and_a_token_revokes_only_on_its_node()
    {
        var id = await DelegateAsync("", "north");
        var bert = _rig.CallerOf(await _rig.AddUserAsync("bert", "bolt", Role.CustomerAdmin));
        Assert.Equal(OperationFailure.NotFound, _rig.Delegations.Find(bert, id).Problem?.Failure);
        Assert.Equal(OperationFailure.NotFound, (await _rig.Delegations.RevokeAsync(bert, id, AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(OperationFailure.NotFound, (await _rig.Delegations.RevokeAsync(AccessRig.CallerWith("bolt", [.. Grant.All]), id, AccessRig.Cancelled)).Problem?.Failure);
        Assert.Empty(_rig.Delegations.List(bert));
        Assert.Single(_rig.Delegations.List(Caller.Local));
    }

    [Fact]
    public void What_is_lent_on_the_whole_appliance_names_itself_as_well()
    {
        var own = new Caller("own") { Grants = [new Grant("provider", Grant.All), new Grant("provider", Grant.All, Delegation: "d1")] };
        Assert.True(own.MayAtRoot(Permission.SystemRead));
        Assert.Empty(own.UsedDelegations);
        var lent = new Caller("lent") { Grants = [new Grant("provider", Grant.All, Delegation: "d1")] };
        Assert.True(lent.MayAtRoot(Permission.SystemRead));
        Assert.Equal("d1", Assert.Single(lent.UsedDelegations).Key);
        Assert.False(new Caller("box") { Grants = [new Grant("provider", Grant.All, Mailbox: "a@acme.example")] }.MayAtRoot(Permission.SystemRead));
    }

    private bool May(SecuEdge.Store.Accounts.Account account, string node) => _rig.CallerOf(account).May(Permission.MessagesRead, node, _rig.Sites.Current);

    /// <summary>Acme's administrator lets somebody in for a day.</summary>
    private async Task<string> DelegateAsync(string user, string staffOf = "", Role role = Role.Helpdesk)
    {
        var boss = _rig.CallerOf(await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin, AccessRig.Password));
        var outcome = await _rig.Delegations.CreateAsync(boss, new DelegationDraft("acme", role, user, staffOf, Consent, _rig.Time.GetUtcNow().AddDays(1)), AccessRig.Cancelled);
        Assert.Null(outcome.Problem);
        return outcome.Value!.Id;
    }
}
