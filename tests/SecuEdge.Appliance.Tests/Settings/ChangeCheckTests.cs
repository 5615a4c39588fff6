using System.Net;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>What is wrong only when somebody sets it.</summary>
public sealed class ChangeCheckTests
{
    [Theory]
    [InlineData("0.0.0.0:25", "127.0.0.1:25", true)]
    [InlineData("0.0.0.0:25", "192.0.2.7:25", true)]
    [InlineData("0.0.0.0:25", "[::ffff:192.0.2.7]:25", true)]
    [InlineData("0.0.0.0:25", "192.0.2.8:25", false)]
    [InlineData("0.0.0.0:25", "127.0.0.1:2525", false)]
    [InlineData("0.0.0.0:25", "0.0.0.0:25", true)]
    [InlineData("[::]:25", "[::1]:25", true)]
    [InlineData("[::]:25", "localhost:25", true)]
    [InlineData("127.0.0.1:25", "127.0.0.2:25", true)]
    [InlineData("127.0.0.1:25", "192.0.2.7:25", false)]
    [InlineData("192.0.2.7:25", "192.0.2.7:25", true)]
    [InlineData("192.0.2.7:25", "127.0.0.1:25", false)]
    [InlineData("0.0.0.0:25", "mail.example.com:25", false)]
    public void A_next_hop_that_is_the_appliance_itself_is_known(string listener, string hop, bool isOwn)
    {
        var own = new OwnListeners(() => [IPAddress.Parse("192.0.2.7")]);
        own.Add(() => null);
        own.Add(() => IPEndPoint.Parse(listener));
        Assert.Equal(isOwn, own.Contains(hop));
    }

    [Fact]
    public void A_hop_or_a_name_that_is_there_already_is_left_alone_and_a_new_one_is_named()
    {
        var own = new OwnListeners();
        own.Add(() => IPEndPoint.Parse("127.0.0.1:25"));
        IChangeCheck[] checks = [own, new BareSuffixes()];
        var tenant = new Tenant
        {
            Name = "acme",
            Domains = [new Domain { Name = "acme.example", NextHops = ["h:25", "127.0.0.1:25"] }, new Domain { Name = "com", NextHops = ["h:25"] }],
            Outbound = new Outbound { NextHops = ["localhost:25"] },
        };
        Assert.Equal(["at.domains[0].nextHops[1]", "at.outbound.nextHops[0]", "at.domains[1].name"], Fields(null));
        Assert.Equal([], Fields(tenant));
        Assert.Equal(["at.outbound.nextHops[0]"], Fields(tenant with { Outbound = null }));

        List<string> Fields(Tenant? before)
        {
            List<string> errors = [];
            foreach (var check in checks)
            {
                check.Check(before, tenant, "at.", errors);
            }

            return [.. errors.Select(e => e[..e.IndexOf(": ", StringComparison.Ordinal)])];
        }
    }
}
