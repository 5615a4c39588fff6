using System.Net;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>A token that ends, or works from some addresses only, cannot become more by making something without those limits.</summary>
public sealed class BoundTokenTests : IAsyncDisposable
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");

    private readonly AccessRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("unbound", null)]
    [InlineData("ends", OperationFailure.Forbidden)]
    [InlineData("from here", OperationFailure.Forbidden)]
    public async Task It_gives_no_login_and_lends_nothing(string bound, object? refused)
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var caller = await CallerAsync(bound);
        var expected = (OperationFailure?)refused;
        AccountRole[] roles = [new(Roles.Word(Role.Helpdesk), "acme")];
        var end = _rig.Time.GetUtcNow().AddHours(1);

        Assert.Equal(expected, (await _rig.Users.CreateAsync(caller, new UserDraft("bea", "acme", "", "", "", roles, AccessRig.Password, ""), AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(expected, (await _rig.Users.SetPasswordAsync(caller, "anna", "seven sleepy badgers", AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(expected, (await _rig.Users.ResetSecondFactorAsync(caller, "anna", AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(expected, (await _rig.Users.ChangeAsync(caller, "anna", new UserChange(null, null, null, roles, null, null), AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(expected, (await _rig.Users.ChangeAsync(caller, "anna", new UserChange(null, null, null, null, false, null), AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(
            expected,
            (await _rig.Delegations.CreateAsync(caller, new DelegationDraft("acme", Role.Auditor, "anna", "", "Please look at our users.", end), AccessRig.Cancelled)).Problem?.Failure);
        Assert.Equal(expected is null, _rig.Store.FindAccountByName("bea") is not null);
    }

    [Fact]
    public async Task It_can_still_lock_somebody_out()
    {
        await _rig.AddUserAsync("anna", "acme", Role.Helpdesk, AccessRig.Password);
        var caller = await CallerAsync("ends");
        Assert.Null((await _rig.Users.ChangeAsync(caller, "anna", new UserChange("Anna", null, null, null, true, null), AccessRig.Cancelled)).Problem);
        Assert.Null((await _rig.Users.DeleteAsync(caller, "anna", AccessRig.Cancelled)).Problem);
    }

    private async Task<Caller> CallerAsync(string bound)
    {
        var (_, secret) = await _rig.AddTokenAsync(
            Caller.Local, "acme", [.. Enum.GetValues<Permission>()], bound == "ends" ? _rig.Time.GetUtcNow().AddDays(1) : null, bound == "from here" ? ["192.0.2.0/24"] : []);
        return _rig.Book.Authenticate(secret, Here).Caller!;
    }
}
