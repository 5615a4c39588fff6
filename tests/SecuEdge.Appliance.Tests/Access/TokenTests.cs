using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Tokens: nobody gives what he has not, and what is over is over.</summary>
public sealed class TokenTests : IAsyncDisposable
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private readonly AccessRig _rig = new();

    private DateTimeOffset Now => _rig.Time.GetUtcNow();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("acme", "acme", "AccessManage,MessagesRead", "MessagesRead", null)]
    [InlineData("north", "acme", "AccessManage,MessagesRead", "MessagesRead,AccessManage", null)]
    [InlineData("provider", "acme", "AccessManage,MessagesRead", "MessagesRead", null)]
    [InlineData("acme", "acme", "AccessManage,MessagesRead", "ContentRead", "permissions")]
    [InlineData("acme", "acme", "AccessManage", "SystemManage", "permissions")]
    [InlineData("acme", "acme", "AccessManage", "", "permissions")]
    [InlineData("acme", "bolt", "AccessManage,MessagesRead", "MessagesRead", "node")]
    [InlineData("acme", "north", "AccessManage,MessagesRead", "MessagesRead", "node")]
    [InlineData("acme", "provider", "AccessManage,MessagesRead", "MessagesRead", "node")]
    [InlineData("acme", "nowhere", "AccessManage,MessagesRead", "MessagesRead", "node")]
    [InlineData("provider", "nowhere", "AccessManage,MessagesRead", "MessagesRead", "node")]
    [InlineData("acme", "acme", "MessagesRead", "MessagesRead", "node")]
    public async Task Only_what_one_has_oneself_can_be_given(string own, string node, string has, string gives, string? wrongField)
    {
        var outcome = await _rig.Tokens.CreateAsync(AccessRig.CallerWith(own, Read(has)), new TokenDraft("ci", node, Read(gives), "", null, []), AccessRig.Cancelled);
        Assert.Equal(wrongField, outcome.Problem?.Field);
        Assert.Equal(wrongField is null ? 1 : 0, _rig.Store.Tokens.Count());
        Assert.Equal(wrongField is null ? 1 : 0, (await _rig.AuditAsync("token.create")).Count);
    }

    [Fact]
    public async Task A_mailbox_grant_gives_nothing_on_the_node()
    {
        var caller = new Caller("anna") { Grants = [new Grant("acme", Grant.All, "anna@acme.example")] };
        Assert.Equal("node", (await _rig.Tokens.CreateAsync(caller, new TokenDraft("ci", "acme", [Permission.MessagesRead], "", null, []), AccessRig.Cancelled)).Problem?.Field);
    }

    [Fact]
    public async Task What_is_only_lent_cannot_be_given_on()
    {
        var caller = new Caller("support") { Grants = [new Grant("acme", Grant.All, Delegation: "d_1")] };
        Assert.Equal("permissions", (await _rig.Tokens.CreateAsync(caller, new TokenDraft("ci", "acme", [Permission.MessagesRead], "", null, []), AccessRig.Cancelled)).Problem?.Field);
        Assert.Equal("d_1", Assert.Single(caller.UsedDelegations).Key);
    }

    [Fact]
    public async Task A_token_brings_its_scope_and_no_more()
    {
        var (token, secret) = await _rig.AddTokenAsync(Caller.Local, "acme", [Permission.MessagesRead]);
        var caller = _rig.Book.Authenticate(secret, Here).Caller!;
        Assert.True(caller.May(Permission.MessagesRead, "acme", _rig.Sites.Current));
        Assert.False(caller.May(Permission.MessagesRead, "bolt", _rig.Sites.Current));
        Assert.False(caller.May(Permission.MessagesRead, "north", _rig.Sites.Current));
        Assert.False(caller.May(Permission.ContentRead, "acme", _rig.Sites.Current));
        Assert.Equal($"ci ({token.Id})", caller.Name);
        Assert.StartsWith("se_", secret, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[3..], token.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    public static TheoryData<string, string?> Ends => new()
    {
        { "nothing", null },
        { "unknown", "TokenUnknown" },
        { "revoked", "TokenUnknown" },
        { "expired", "TokenExpired" },
        { "elsewhere", "TokenNetwork" },
        { "node deleted", "TokenOrphaned" },
        { "creator disabled", "TokenOrphaned" },
        { "creator deleted", "TokenUnknown" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task What_is_over_is_refused(string what, string? failure)
    {
        var boss = await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin);
        var (token, secret) = await _rig.AddTokenAsync(_rig.CallerOf(boss), "acme", [Permission.MessagesRead], Now.AddDays(1), "192.0.2.0/24");
        var from = Here;
        switch (what)
        {
            case "unknown":
                secret = Secrets.NewToken();
                break;
            case "revoked":
                await _rig.Tokens.DeleteAsync(Caller.Local, token.Id, AccessRig.Cancelled);
                break;
            case "expired":
                _rig.Time.Advance(TimeSpan.FromDays(1));
                break;
            case "elsewhere":
                from = IPAddress.Parse("198.51.100.1");
                break;
            case "node deleted":
                _rig.SetTenants(new Tenant { Name = "north" });
                break;
            case "creator disabled":
                await _rig.Users.ChangeAsync(Caller.Local, "boss", new UserChange(null, null, null, null, true, null), AccessRig.Cancelled);
                break;
            case "creator deleted":
                await _rig.Users.DeleteAsync(Caller.Local, "boss", AccessRig.Cancelled);
                break;
            default:
                break;
        }

        Assert.Equal(failure, _rig.Book.Authenticate(secret, from).Failure?.ToString());
    }

    [Fact]
    public async Task A_token_shrinks_with_the_user_who_made_it()
    {
        var boss = await _rig.AddUserAsync("boss", "acme", Role.CustomerAdmin);
        var (_, secret) = await _rig.AddTokenAsync(_rig.CallerOf(boss), "acme", [Permission.MessagesRead, Permission.ContentRead, Permission.AccessManage]);
        var second = await _rig.AddTokenAsync(_rig.Book.Authenticate(secret, Here).Caller!, "acme", [Permission.ContentRead]);
        await _rig.Users.ChangeAsync(Caller.Local, "boss", new UserChange(null, null, null, [new AccountRole("helpdesk", "acme")], null, null), AccessRig.Cancelled);
        Assert.Equal([Permission.MessagesRead], _rig.Book.Authenticate(secret, Here).Caller!.Grants.Single().Permissions);
        Assert.Empty(_rig.Book.Authenticate(second.Secret, Here).Caller!.Grants);
        await _rig.Users.DeleteAsync(Caller.Local, "boss", AccessRig.Cancelled);
        Assert.Equal(LoginFailure.TokenUnknown, _rig.Book.Authenticate(second.Secret, Here).Failure);
    }

    [Theory]
    [InlineData(1, "192.0.2.0/25", null)]
    [InlineData(2, "192.0.2.0/24", null)]
    [InlineData(3, "192.0.2.0/24", "expiresAt")]
    [InlineData(null, "192.0.2.0/24", "expiresAt")]
    [InlineData(1, "192.0.0.0/16", "networks")]
    [InlineData(1, "192.0.3.1", "networks")]
    [InlineData(1, null, "networks")]
    public async Task A_token_gives_no_more_time_or_place_than_its_own(int? days, string? network, string? wrongField)
    {
        var (_, secret) = await _rig.AddTokenAsync(Caller.Local, "acme", [Permission.AccessManage], Now.AddDays(2), "192.0.2.0/24");
        var caller = _rig.Book.Authenticate(secret, Here).Caller!;
        var draft = new TokenDraft("child", "acme", [Permission.AccessManage], "", days is { } d ? Now.AddDays(d) : null, network is null ? [] : [network]);
        Assert.Equal(wrongField, (await _rig.Tokens.CreateAsync(caller, draft, AccessRig.Cancelled)).Problem?.Field);
    }

    [Fact]
    public async Task A_token_cannot_prolong_itself()
    {
        var (token, secret) = await _rig.AddTokenAsync(Caller.Local, "acme", [Permission.AccessManage], Now.AddDays(2), "192.0.2.0/24");
        var caller = _rig.Book.Authenticate(secret, Here).Caller!;
        Assert.Equal("expiresAt", (await _rig.Tokens.ChangeAsync(caller, token.Id, new TokenChange(null, Now.AddDays(3), null), AccessRig.Cancelled)).Problem?.Field);
        Assert.Equal("networks", (await _rig.Tokens.ChangeAsync(caller, token.Id, new TokenChange(null, null, []), AccessRig.Cancelled)).Problem?.Field);
        Assert.Null((await _rig.Tokens.ChangeAsync(caller, token.Id, new TokenChange("less", Now.AddDays(1), ["192.0.2.1"]), AccessRig.Cancelled)).Problem);
        Assert.Equal("less", _rig.Store.FindToken(token.Id)!.Comment);
    }

    [Fact]
    public async Task Who_has_less_than_a_token_can_delete_but_not_prolong_it()
    {
        var (token, _) = await _rig.AddTokenAsync(Caller.Local, "acme", [Permission.ContentRead], Now.AddDays(2));
        var caller = AccessRig.CallerWith("acme", Permission.AccessManage);
        Assert.Equal(OperationFailure.Forbidden, (await _rig.Tokens.ChangeAsync(caller, token.Id, new TokenChange(null, Now.AddDays(9), null), AccessRig.Cancelled)).Problem?.Failure);
        Assert.Null((await _rig.Tokens.DeleteAsync(caller, token.Id, AccessRig.Cancelled)).Problem);
    }

    [Fact]
    public async Task A_token_of_another_node_is_as_if_it_were_not_there()
    {
        var (token, _) = await _rig.AddTokenAsync(Caller.Local, "bolt", [Permission.ContentRead]);
        var caller = AccessRig.CallerWith("acme", Grant.All.ToArray());
        var missing = _rig.Tokens.Find(caller, "t_0").Problem!;
        foreach (var problem in (OperationProblem?[])
                 [
                     _rig.Tokens.Find(caller, token.Id).Problem,
                     (await _rig.Tokens.DeleteAsync(caller, token.Id, AccessRig.Cancelled)).Problem,
                     (await _rig.Tokens.ChangeAsync(caller, token.Id, new TokenChange("x", null, null), AccessRig.Cancelled)).Problem,
                 ])
        {
            Assert.Equal(missing.Failure, problem!.Failure);
            Assert.Equal(missing.Detail.Replace("t_0", token.Id, StringComparison.Ordinal), problem.Detail);
        }

        Assert.Empty(_rig.Tokens.List(caller, null));
        Assert.Empty(_rig.Tokens.List(caller, "bolt"));
        Assert.Single(_rig.Tokens.List(Caller.Local, "north"));
    }

    [Fact]
    public async Task Tokens_of_an_earlier_version_may_do_everything_under_their_name()
    {
        await _rig.Tokens.AdoptAsync([("setup", Secrets.Hash("se_old"), Now)], AccessRig.Cancelled);
        await _rig.Tokens.AdoptAsync([("setup", Secrets.Hash("se_old"), Now)], AccessRig.Cancelled);
        Assert.Single(_rig.Store.Tokens);
        var caller = _rig.Book.Authenticate("se_old", Here).Caller!;
        Assert.Equal("setup", caller.Name);
        Assert.All(Grant.All, p => Assert.True(caller.May(p, Tenant.Root, _rig.Sites.Current)));
    }

    [Fact]
    public async Task The_last_use_is_remembered_with_its_address()
    {
        var (token, secret) = await _rig.AddTokenAsync(Caller.Local, "acme", [Permission.MessagesRead]);
        _rig.Time.Advance(TimeSpan.FromHours(1));
        _rig.Book.Authenticate(secret, IPAddress.Parse("::ffff:192.0.2.1"));
        Assert.Equal((Now, "192.0.2.1"), (_rig.Store.FindToken(token.Id)!.LastUsedAt, _rig.Store.FindToken(token.Id)!.LastUsedFrom));
    }

    private static Permission[] Read(string words) => [.. words.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<Permission>)];
}
