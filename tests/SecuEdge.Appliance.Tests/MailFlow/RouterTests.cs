using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class RouterTests
{
    private static readonly Site Site = new()
    {
        Tenants =
        [
            new Tenant { Name = "acme", Domains = [new Domain { Name = "acme.example", NextHops = ["mail.acme.example", "10.0.0.2:2525"] }] },
            new Tenant
            {
                Name = "smart",
                Domains = [new Domain { Name = "smart.example", NextHops = ["10.0.1.1"] }],
                Outbound = new Outbound { NextHops = ["smarthost.example:26"] },
            },
            new Tenant { Name = "rex", Kind = TenantKind.Reseller },
            new Tenant
            {
                Name = "thief",
                Parent = "rex",
                Domains =
                [
                    new Domain { Name = "huge.example", NextHops = ["10.6.6.6"] },
                    new Domain { Name = "proven.example", NextHops = ["10.2.2.2"], Ownership = DomainOwnership.Proven },
                ],
            },
            new Tenant { Name = "sister", Parent = "rex" },
        ],
    };

    /// <summary>Tenant of the record, direction, recipient, and the name of the route.</summary>
    public static TheoryData<string, Direction, string, string> Routes => new()
    {
        { "acme", Direction.Inbound, "a@acme.example", "mail.acme.example:25, 10.0.0.2:2525" },
        { "acme", Direction.Inbound, "a@other.example", "" },
        { "acme", Direction.Outbound, "a@other.example", "MX of other.example" },
        { "acme", Direction.Outbound, "a@acme.example", "mail.acme.example:25, 10.0.0.2:2525" },
        { "smart", Direction.Outbound, "a@other.example", "smarthost.example:26" },
        { "acme", Direction.Outbound, "a@huge.example", "MX of huge.example" },
        { "smart", Direction.Outbound, "a@huge.example", "smarthost.example:26" },
        { "thief", Direction.Inbound, "a@huge.example", "10.6.6.6:25" },
        { "gone", Direction.Outbound, "a@other.example", "MX of other.example" },
    };

    /// <summary>Domain; then the hops, or the reply.</summary>
    public static TheoryData<string, string> Exchangers => new()
    {
        { "two.example", "mx1.example [192.0.2.1]:25, mx1.example [2001:db8::1]:25, mx2.example [192.0.2.2]:25" },
        { "fallback.example", "fallback.example [192.0.2.3]:25" },
        { "half.example", "mx2.example [192.0.2.2]:25" },
        { "null.example", "556 5.1.10" },
        { "absent.example", "550 5.1.2" },
        { "textonly.example", "550 5.1.2" },
        { "broken.example", "451 4.4.3" },
        { "hostless.example", "451 4.4.4" },
        { "brokenhost.example", "451 4.4.3" },
        { "[192.0.2.9]", "192.0.2.9:25" },
        { "[IPv6:2001:db8::9]", "[2001:db8::9]:25" },
        { "[nonsense]", "550 5.1.2" },
        { "[127.0.0.1]", "550 5.4.6" },
        { "[IPv6:::ffff:127.0.0.1]", "550 5.4.6" },
        { "[169.254.169.254]", "550 5.4.6" },
        { "back.example", "550 5.4.6" },
        { "halfback.example", "mx2.example [192.0.2.2]:25" },
        { "brokenback.example", "451 4.4.3" },
        { "selfaddress.example", "550 5.4.6" },
        { "private.example", "private.example [10.0.0.7]:25" },
        { "exämple.example", "mx2.example [192.0.2.2]:25" },
        { "under_score.example", "mx2.example [192.0.2.2]:25" },
        { "", "550 5.1.2" },
    };

    [Theory, MemberData(nameof(Routes))]
    public void A_recipient_has_one_route(string tenant, Direction direction, string recipient, string name)
    {
        Assert.True(MailPath.TryParse(recipient, out var path));
        var route = Router().Find(path, Record(tenant, direction));

        Assert.Equal(name, route.Name);
        Assert.Equal(name.Length == 0, route.Failure is not null);
    }

    /// <summary>Of one tenant, to a domain of another that it may believe in; the last one was taken over by another tenant while its mail was waiting.</summary>
    [Theory]
    [InlineData("acme", Direction.Outbound, "a@smart.example")]
    [InlineData("acme", Direction.Outbound, "a@proven.example")]
    [InlineData("sister", Direction.Outbound, "a@huge.example")]
    [InlineData("acme", Direction.Inbound, "a@smart.example")]
    public void Mail_for_another_tenant_waits_for_the_front_door(string tenant, Direction direction, string recipient)
    {
        Assert.True(MailPath.TryParse(recipient, out var path));
        Assert.Equal("451 4.3.2 The gateway is starting", Router().Find(path, Record(tenant, direction)).Failure?.ToString());
    }

    [Theory, MemberData(nameof(Exchangers))]
    public async Task The_MX_decides_where_there_is_no_configured_hop(string domain, string expected)
    {
        var route = await Router().ResolveAsync(Route.ByMx(domain), TestContext.Current.CancellationToken);

        Assert.StartsWith(expected, route.Failure?.ToString() ?? string.Join(", ", route.Hops), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_the_site_is_in_force_for_the_next_message()
    {
        var holder = new SiteHolder { Current = new SiteDirectory(Site) };
        var router = new Router(holder, new FakeDns(), new InternalListener(), new QueueOptions(), TimeProvider.System);
        var path = new MailPath("a", "acme.example");
        var before = router.Find(path, Record("acme", Direction.Inbound));
        holder.Current = new SiteDirectory(Site with { Tenants = [Site.Tenants[0] with { Domains = [new Domain { Name = "acme.example", NextHops = ["10.9.9.9"] }] }] });

        Assert.NotEqual(before.Name, router.Find(path, Record("acme", Direction.Inbound)).Name);
    }

    private static Router Router() => new(new SiteHolder { Current = new SiteDirectory(Site) }, Zone(), new InternalListener(), new QueueOptions(), TimeProvider.System);

    private static FakeDns Zone() => new FakeDns()
        .Mx("two.example", 20, "mx2.example").Mx("two.example", 10, "mx1.example.")
        .Mx("half.example", 10, "absent-mx.example").Mx("half.example", 20, "mx2.example")
        .Mx("null.example", 0, "")
        .Mx("hostless.example", 10, "absent-mx.example")
        .Mx("brokenhost.example", 10, "brokenmx.example").Fails("brokenmx.example")
        .Mx("xn--exmple-cua.example", 10, "mx2.example")
        .Mx("under_score.example", 10, "mx2.example")
        .Mx("back.example", 10, "localhost").Address("localhost", "127.0.0.1").Address("localhost", "::1")
        .Mx("halfback.example", 10, "localhost").Mx("halfback.example", 20, "mx2.example")
        .Mx("brokenback.example", 10, "localhost").Mx("brokenback.example", 20, "brokenmx.example")
        .Address("selfaddress.example", "127.0.0.1").Address("private.example", "10.0.0.7")
        .Text("textonly.example", "v=spf1 -all")
        .Fails("broken.example")
        .Address("mx1.example", "192.0.2.1").Address("mx1.example", "2001:db8::1").Address("mx2.example", "192.0.2.2").Address("fallback.example", "192.0.2.3");

    private static MessageRecord Record(string tenant, Direction direction) => new()
    {
        Reference = "r",
        ReceivedAt = DateTimeOffset.UnixEpoch,
        Direction = direction,
        Tenant = tenant,
        ConnectionId = "",
        ClientAddress = "",
        ReversePath = "",
        Recipients = [],
    };
}
