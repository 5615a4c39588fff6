using System.Net;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Settings;

public sealed class SiteTests
{
    private const string Smallest = """
        {"tenants":[{"name":"acme","domains":[{"name":"acme.example","nextHops":["127.0.0.1:2600"],"recipients":["*"]}],
        "outbound":{"networks":["127.0.0.1/32"],"nextHops":["127.0.0.1:2600"]}}]}
        """;

    [Fact]
    public void The_smallest_site_file_is_valid()
    {
        var (site, errors) = SiteJson.Read(Smallest);
        Assert.Empty(errors);
        var directory = new SiteDirectory(site!);
        Assert.Equal("acme", directory.FindDomain("ACME.example")!.Tenant.Tenant.Name);
        Assert.Equal("acme", directory.FindByNetwork(IPAddress.Parse("::ffff:127.0.0.1"))!.Tenant.Name);
        Assert.Null(directory.FindByNetwork(IPAddress.Parse("127.0.0.2")));
    }

    [Fact]
    public void Writing_and_reading_a_site_changes_nothing()
    {
        var site = SiteJson.Read(Smallest).Site!;
        Assert.Empty(SiteDifference.Between(site, SiteJson.Read(SiteJson.Write(site)).Site!));
    }

    [Theory]
    [InlineData("""{"tenants":[{"name":"Acme Corp"}]}""", "tenants[0].name")]
    [InlineData("""{"tenants":[{"name":"a"},{"name":"a"}]}""", "used twice")]
    [InlineData("""{"tenants":[{"name":"a","domains":[{"name":"no domain","nextHops":["h:25"]}]}]}""", "tenants[0].domains[0].name")]
    [InlineData("""{"tenants":[{"name":"a","domains":[{"name":"a.example","nextHops":[]}]}]}""", "nextHops: is empty")]
    [InlineData("""{"tenants":[{"name":"a","domains":[{"name":"a.example","nextHops":["h:99999"]}]}]}""", "nextHops[0]")]
    [InlineData("""{"tenants":[{"name":"a","domains":[{"name":"a.example","nextHops":["h"],"recipients":["x@b.example"]}]}]}""", "recipients[0]")]
    [InlineData("""{"tenants":[{"name":"a","outbound":{"networks":["0.0.0.0/0"]}}]}""", "open relay")]
    [InlineData("""{"tenants":[{"name":"a","outbound":{"networks":["10.0.0.0/33"]}}]}""", "networks[0]")]
    [InlineData("""{"tenants":[{"name":"a","outbound":{"networks":["10.0.0.1"]}},{"name":"b","outbound":{"networks":["10.0.0.1/32"]}}]}""", "already belongs to tenant 'a'")]
    [InlineData("""{"tenants":[{"name":"a","policy":{"tagScore":9,"quarantineScore":6}}]}""", "tagScore 9")]
    [InlineData("""{"tenants":[{"name":"a","policy":{"actions":{"MESSAGE_AMBIGUOUS":"discard"}}}]}""", "tenants[0].policy.actions.MESSAGE_AMBIGUOUS: 'discard' is not for findings")]
    [InlineData("""{"tenants":[{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"],"mailboxes":[{"address":"x","policy":{"actions":{"ATTACHMENT_BROKEN":"defer"}}}]}]}]}""", "mailboxes[0].policy.actions.ATTACHMENT_BROKEN: 'defer' is not for findings")]
    [InlineData("""{"tenants":[{"name":"a","colour":"red"}]}""", "colour")]
    [InlineData("""{"tenants":[{"name":"a","domains":"x"}]}""", "tenants[0].domains")]
    [InlineData("not json", "the document: is not JSON that can be read: line 1, position 2")]
    [InlineData("{\"tenants\":[\n{\"name\":\"a\"}\n", "the document: is not JSON that can be read: line 3, position 1")]
    [InlineData("[]", "the document: is not an object (line 1)")]
    [InlineData("""{"tenants":[{"name":5}]}""", "tenants[0].name: is not a text (line 1)")]
    [InlineData("""{"tenants":[{"name":null}]}""", "tenants[0].name: must not be null (line 1)")]
    [InlineData("""{"tenants":[{"name":"a","kind":"shop"}]}""", "tenants[0].kind: 'shop' is not one of customer, reseller, provider (line 1)")]
    [InlineData("""{"tenants":[{"name":"a","kind":1}]}""", "tenants[0].kind: is not one of customer, reseller, provider (line 1)")]
    [InlineData("""{"tenants":[{"name":"a","policy":{"tagScore":"5"}}]}""", "tenants[0].policy.tagScore: is not a number (line 1)")]
    [InlineData("""{"tenants":[{"name":"a","policy":{"actions":{"GTUBE":"burn"}}}]}""", "tenants[0].policy.actions.GTUBE: 'burn' is not one of deliver, tag, hold, quarantine, discard, defer, reject")]
    [InlineData("""{"tenants":[{"name":"a","policy":{"outbreakHold":{"inbound":"soon"}}}]}""", "tenants[0].policy.outbreakHold.inbound: is not a duration such as 00:05:00")]
    [InlineData("""{"tenants":[{"name":"a","trial":{"start":"monday","end":"2026-12-01T00:00:00Z"}}]}""", "tenants[0].trial.start: is not a time such as ")]
    [InlineData("""{"tenants":[{"name":"a","trial":{"end":"2026-12-01T00:00:00Z"}}]}""", "tenants[0].trial.start: is missing (line 1)")]
    [InlineData("""{"tenants":[{"name":"a","rules":[{"name":"r","then":[{"type":"burn"}]}]}]}""", "tenants[0].rules[0].then[0].type: says no type, or one that is not known; there are: deliver, hold, quarantine")]
    [InlineData("""{"tenants":[{"name":"a","rules":[{"name":"r","then":[{"queue":7,"type":"quarantine"}]}]}]}""", "tenants[0].rules[0].then[0].queue: is not a text (line 1)")]
    [InlineData("""{"tenants":[{"name":"a","holidays":[{"date":"14 July","name":"x"}]}]}""", "tenants[0].holidays[0].date: is not a date such as ")]
    [InlineData("null", "the document")]
    public void A_wrong_site_names_the_place(string json, string expected)
    {
        var (site, errors) = SiteJson.Read(json);
        Assert.Null(site);
        Assert.Contains(errors, e => e.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        var (_, errors) = SiteJson.Read("""{"tenants":[{"name":"A"},{"name":"b","domains":[{"name":"?","nextHops":[]}]}]}""");
        Assert.Equal(3, errors.Count);
    }

    [Fact]
    public void Every_field_of_a_wrong_shape_is_named_in_plain_words_with_its_line()
    {
        var (_, errors) = SiteJson.Read(
            """
            {"tenants":[
              {"name":"a","colour":"red", // a comment
               "domains":[{"name":"a.example","nextHops":"h:25"}]},
              {"name":"b","state":"asleep","locks":[1,"policy.*"],},
              {"rules":[{"name":"r"}]}
            ]}
            """);
        Assert.Equal(
            [
                "tenants[0].colour: there is no such field; there are: name, kind, parent, ", "tenants[0].domains[0].nextHops: is not a list (line 3)",
                "tenants[1].state: 'asleep' is not one of active, suspended (line 4)", "tenants[1].locks[0]: is not a text (line 4)", "tenants[2].rules[0].then: is missing (line 5)",
            ],
            errors.Select(e => e.StartsWith("tenants[0].colour", StringComparison.Ordinal) ? e[..74] : e));
        Assert.All(errors, e => Assert.DoesNotContain("System.", e, StringComparison.Ordinal));
    }

    [Fact]
    public void The_longest_network_prefix_wins()
    {
        var site = SiteJson.Read("""
            {"tenants":[{"name":"isp","outbound":{"networks":["10.0.0.0/8"]}},{"name":"shop","outbound":{"networks":["10.1.2.0/24"]}}]}
            """).Site!;
        var directory = new SiteDirectory(site);
        Assert.Equal("shop", directory.FindByNetwork(IPAddress.Parse("10.1.2.3"))!.Tenant.Name);
        Assert.Equal("isp", directory.FindByNetwork(IPAddress.Parse("10.9.9.9"))!.Tenant.Name);
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("192.0.2.77/31", "192.0.2.76/31")]
    [InlineData("2001:db8::5/33", "2001:db8::/33")]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    public void Host_bits_of_a_network_are_cleared(string text, string network) =>
        Assert.Equal(network, SiteValidation.ParseNetwork(text)!.Value.ToString());

    [Fact]
    public void A_plan_names_what_is_added_removed_and_changed()
    {
        var before = SiteJson.Read(Smallest).Site!;
        var after = SiteJson.Read("""
            {"tenants":[{"name":"acme","domains":[{"name":"acme.example","nextHops":["192.0.2.1:25"],"recipients":["*"]},
            {"name":"acme.test","nextHops":["192.0.2.1:25"]}]}]}
            """).Site!;
        var changes = SiteDifference.Between(before, after);
        Assert.Contains(changes, c => c.StartsWith("- tenants[acme].domains[acme.example].nextHops", StringComparison.Ordinal));
        Assert.Contains(changes, c => c.StartsWith("+ tenants[acme].domains[acme.test]", StringComparison.Ordinal));
        Assert.Contains(changes, c => c.StartsWith("- tenants[acme].outbound", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("info", true)]
    [InlineData("Sales", true)]
    [InlineData("POSTMASTER", true)]
    [InlineData("nobody", false)]
    public void Only_listed_mailboxes_and_postmaster_exist(string localPart, bool exists)
    {
        var domain = new Domain { Name = "a.example", NextHops = ["h:25"], Recipients = ["info", "sales@a.example"] };
        var route = new DomainRoute(new TenantRoute(new Tenant { Name = "a" }), domain);
        Assert.Equal(exists, route.HasMailbox(localPart));
    }
}
