using SecuEdge.Smtp.Tests.Fakes;

namespace SecuEdge.Smtp.Tests;

public sealed class ConnectionLimitTests
{
    private readonly SmtpServerOptions options = TestSession.Options();
    private readonly SmtpConnectionLimits limits;

    public ConnectionLimitTests()
    {
        options.MaxConnections = 3;
        options.MaxConnectionsPerAddress = 2;
        limits = new SmtpConnectionLimits(options);
    }

    [Theory]
    [InlineData("192.0.2.7:1", "192.0.2.7:2", "192.0.2.7:3")]
    [InlineData("192.0.2.7:1", "192.0.2.7:2", "[::ffff:192.0.2.7]:3")]
    [InlineData("[2001:db8::1]:1", "[2001:db8::2]:2", "[2001:db8:0:0:ffff::3]:3")]
    public async Task The_surplus_of_one_client_is_told_so(string first, string second, string surplus)
    {
        await using var a = await OpenAsync(first);
        await using var b = await OpenAsync(second);
        await AssertRefusedAsync(surplus, "421 4.7.0 ");
    }

    [Theory]
    [InlineData("192.0.2.8:3")]
    [InlineData("[2001:db8:0:1::1]:3")]
    public async Task Another_client_is_not_concerned(string other)
    {
        await using var a = await OpenAsync("192.0.2.7:1");
        await using var b = await OpenAsync("192.0.2.7:2");
        await using var c = await OpenAsync(other);
    }

    [Fact]
    public async Task The_surplus_in_all_is_told_so()
    {
        await using var a = await OpenAsync("192.0.2.1:1");
        await using var b = await OpenAsync("192.0.2.2:1");
        await using var c = await OpenAsync("192.0.2.3:1");
        await AssertRefusedAsync("192.0.2.4:1", "421 4.3.2 ");
    }

    [Fact]
    public async Task A_connection_that_ended_makes_room()
    {
        for (var round = 0; round < 5; round++)
        {
            await using var a = await OpenAsync("192.0.2.7:1");
            await using var b = await OpenAsync("192.0.2.7:2");
            await AssertRefusedAsync("192.0.2.7:3", "421 4.7.0 ");
        }

        Assert.Equal(0, limits.Open);
    }

    private async Task<TestSession> OpenAsync(string remote)
    {
        var session = new TestSession(options: options, limits: limits, remote: remote);
        Assert.StartsWith("220 ", await session.Client.ReadReplyAsync(), StringComparison.Ordinal);
        return session;
    }

    private async Task AssertRefusedAsync(string remote, string reply)
    {
        await using var session = new TestSession(options: options, limits: limits, remote: remote);
        Assert.StartsWith(reply, Assert.Single(await session.Client.ReadToEndAsync()), StringComparison.Ordinal);
        await session.EndAsync();
        Assert.Equal(SmtpStage.Connect, Assert.Single(session.Gateway.Refusals).Stage);
        Assert.Equal(0, session.Gateway.Disconnects);
    }
}
