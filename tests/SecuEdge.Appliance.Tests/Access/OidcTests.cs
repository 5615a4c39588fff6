using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Access.Oidc;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Access;

/// <summary>The parts of signing in at a provider, with the clock in hand.</summary>
public sealed class OidcTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("helpers=helpdesk@acme", "helpers", "helpdesk", "acme")]
    [InlineData("a@b=customerAdmin@Acme", "a@b", "customerAdmin", "acme")]
    [InlineData("CN=Admins,DC=acme=PROVIDER@provider", "CN=Admins,DC=acme", "provider", "provider")]
    [InlineData("admins=provider@acme", null, "", "")]
    [InlineData("all=mailboxUser@acme", null, "", "")]
    [InlineData("all=king@acme", null, "", "")]
    [InlineData("=helpdesk@acme", null, "", "")]
    [InlineData("all=helpdesk@", null, "", "")]
    [InlineData("all=helpdesk", null, "", "")]
    [InlineData("helpdesk@acme", null, "", "")]
    public void A_line_of_the_map_names_group_role_and_node(string line, string? group, string role, string node)
    {
        var read = GroupRole.Parse(line);
        Assert.Equal(group, read?.Group);
        if (read is not null)
        {
            Assert.Equal((role, node), (read.Role.Role, read.Role.Node));
        }
    }

    [Theory]
    [InlineData("https://login.example.com/realm", false, true)]
    [InlineData("http://login.example.com/", true, false)]
    [InlineData("http://127.0.0.1:8080", false, false)]
    [InlineData("http://127.0.0.1:8080", true, true)]
    [InlineData("http://localhost:8080", true, true)]
    [InlineData("http://127.0.0.1.example.com", true, false)]
    [InlineData("ftp://127.0.0.1", true, false)]
    [InlineData("login.example.com", true, false)]
    public void A_provider_is_asked_over_https_or_on_this_machine(string authority, bool allowHttp, bool isValid)
    {
        var options = new OidcOptions { Authority = authority, AllowHttp = allowHttp, ClientId = "x" };
        Assert.Equal(isValid, !options.Validate(new ValidationContext(options)).Any());
    }

    [Fact]
    public void A_state_ends_after_ten_minutes()
    {
        var pending = new PendingLogins(_time);
        var (early, late) = (pending.Begin("r", "/", null, "c"), pending.Begin("r", "/", null, "c"));
        _time.Advance(PendingLogins.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(early, pending.Take(early.State, early.Browser));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(pending.Take(late.State, late.Browser));
    }

    [Fact]
    public void A_state_tried_in_the_wrong_browser_is_spent()
    {
        var pending = new PendingLogins(_time);
        var login = pending.Begin("r", "/", null, "c");
        Assert.Null(pending.Take(login.State, ""));
        Assert.Null(pending.Take(login.State, login.Browser));
    }

    [Fact]
    public void A_flood_pushes_out_its_own_and_memory_is_bounded()
    {
        var pending = new PendingLogins(_time);
        var honest = pending.Begin("r", "/", null, "192.0.2.1");
        for (var i = 0; i < 2 * PendingLogins.MaxPerClient; i++)
        {
            pending.Begin("r", "/", null, "198.51.100.1");
        }

        Assert.Equal(PendingLogins.MaxPerClient + 1, pending.Count);
        Assert.NotNull(pending.Take(honest.State, honest.Browser));
        _time.Advance(PendingLogins.Lifetime);
        pending.Begin("r", "/", null, "192.0.2.1");
        Assert.Equal(1, pending.Count);
    }

    [Fact]
    public async Task A_new_key_is_learnt_but_unknown_keys_make_the_provider_little_work()
    {
        await using var fake = await FakeOidcProvider.StartAsync();
        using var provider = new OidcProvider(new OidcOptions { Authority = fake.Issuer, AllowHttp = true }, _time, NullLogger<OidcProvider>.Instance);
        async Task<string> KeyAsync(bool isMissing) => (await provider.DescribeAsync(isMissing, Cancelled))!.SigningKeys.Single().KeyId;
        Assert.Equal("key-1", await KeyAsync(isMissing: false));
        fake.RotateKey();
        Assert.Equal("key-1", await KeyAsync(isMissing: true));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("key-1", await KeyAsync(isMissing: false));
        Assert.Equal("key-2", await KeyAsync(isMissing: true));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("/other")]
    public async Task A_provider_that_is_away_or_calls_itself_otherwise_cannot_be_used(string authority)
    {
        await using var fake = await FakeOidcProvider.StartAsync();
        var address = authority[0] == '/' ? fake.Issuer.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) : authority;
        using var provider = new OidcProvider(new OidcOptions { Authority = address, AllowHttp = true }, _time, NullLogger<OidcProvider>.Instance);
        Assert.Null(await provider.DescribeAsync(isKeyMissing: false, Cancelled));
    }
}
