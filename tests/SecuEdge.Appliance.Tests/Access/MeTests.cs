using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>Who am I, asked from outside.</summary>
public sealed class MeTests
{
    [Fact]
    public async Task The_setup_token_may_do_everything_at_the_root()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var me = await gateway.GetAsync("api/v1/me");
        Assert.Equal("setup", me.GetProperty("name").GetString());
        Assert.Equal("127.0.0.1", me.GetProperty("address").GetString());
        var grant = Assert.Single(me.GetProperty("grants").EnumerateArray());
        Assert.Equal("provider", grant.GetProperty("node").GetString());
        Assert.Equal(Enum.GetValues<Permission>().Length, grant.GetProperty("permissions").GetArrayLength());
    }
}
