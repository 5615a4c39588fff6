using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>Everything a tree can have wrong names the place and the remedy.</summary>
public sealed class TreeValidationTests
{
    [Theory]
    [InlineData("""{"name":"a","parent":"nobody"}""", "tenants[0].parent: there is no tenant 'nobody'")]
    [InlineData("""{"name":"a","kind":"reseller","parent":"b"},{"name":"b","kind":"reseller","parent":"a"}""", "a tree has no circles")]
    [InlineData("""{"name":"a","kind":"reseller","parent":"a"}""", "a tree has no circles")]
    [InlineData("""{"name":"a"},{"name":"b","parent":"a"}""", "tenants[1].parent: 'a' is a customer")]
    [InlineData("""{"name":"a","kind":"provider"}""", "tenants[0].kind: only 'provider'")]
    [InlineData("""{"name":"provider"}""", "tenants[0].kind: 'provider' is the root")]
    [InlineData("""{"name":"r","kind":"reseller"},{"name":"A b","parent":"r","outbound":{"networks":["192.0.2.1"]}},{"name":"c","outbound":{"networks":["192.0.2.0/24"]}}""", "'A b' is not a name")]
    [InlineData("""{"name":"a","kind":"reseller"},{"name":"provider","kind":"provider","parent":"a"}""", "tenants[1].parent: nothing is above")]
    [InlineData("""{"name":"a","locks":["policy.colour"]}""", "tenants[0].locks[0]: 'policy.colour' is no setting")]
    [InlineData("""{"name":"a","trial":{"start":"2026-02-01T00:00:00Z","end":"2026-01-01T00:00:00Z"}}""", "tenants[0].trial.end")]
    [InlineData("""{"name":"provider","kind":"provider","trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", "tenants[0].trial: the provider")]
    [InlineData("""{"name":"r","kind":"reseller","locks":["policy.tagScore"]},{"name":"a","parent":"r","policy":{"tagScore":3}}""", "tenants[1].policy.tagScore: is locked by 'r'")]
    [InlineData("""{"name":"r","kind":"reseller","locks":["policy.*"]},{"name":"a","parent":"r","policy":{"tagScore":3}}""", "tenants[1].policy.tagScore: is locked by 'r'")]
    [InlineData("""{"name":"r","kind":"reseller","locks":["service.retention"]},{"name":"a","parent":"r","service":{"retention":{"logDays":5}}}""", "tenants[1].service.retention: is locked by 'r'")]
    [InlineData("""{"name":"a","locks":["policy.tagScore"],"domains":[{"name":"a.example","nextHops":["h:25"],"policy":{"tagScore":3}}]}""", "tenants[0].domains[0].policy.tagScore: is locked by 'a'")]
    [InlineData("""{"name":"a","locks":["policy.tagScore"],"domains":[{"name":"a.example","nextHops":["h:25"],"mailboxes":[{"address":"x","policy":{"tagScore":3}}]}]}""", "domains[0].mailboxes[0].policy.tagScore: is locked")]
    [InlineData("""{"name":"r","kind":"reseller","policy":{"quarantineScore":8}},{"name":"a","parent":"r","policy":{"tagScore":9}}""", "tenants[1].policy: tagScore 9 <= quarantineScore 8")]
    [InlineData("""{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"],"mailboxes":[{"address":"x","policy":{"tagScore":9}}]}]}""", "domains[0].mailboxes[0].policy: tagScore 9")]
    [InlineData("""{"name":"a","policy":{"tagScore":-1}}""", "tenants[0].policy.tagScore")]
    [InlineData("""{"name":"a","service":{"language":"tlh"}}""", "tenants[0].service.language")]
    [InlineData("""{"name":"a","service":{"timeZone":"Mars/Olympus"}}""", "tenants[0].service.timeZone")]
    [InlineData("""{"name":"a","service":{"contacts":["nobody"]}}""", "tenants[0].service.contacts[0]")]
    [InlineData("""{"name":"a","service":{"retention":{"logDays":0}}}""", "tenants[0].service.retention.logDays")]
    [InlineData("""{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"],"mailboxes":[{"address":"x@b.example"}]}]}""", "domains[0].mailboxes[0].address")]
    [InlineData("""{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"],"mailboxes":[{"address":"x"},{"address":"X@a.example"}]}]}""", "domains[0].mailboxes[1].address: 'X@a.example' is there twice")]
    [InlineData("""{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"]}]},{"name":"b","domains":[{"name":"A.example","nextHops":["h:25"]}]}""", "tenants[1].domains[0].name: 'a.example' already belongs to tenant 'a'")]
    [InlineData("""{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"]},{"name":"a.example","nextHops":["h:25"],"ownership":"pending"}]}""", "domains[1].name: 'a.example' is there twice")]
    [InlineData("""{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"],"recipients":[null]}]}""", "tenants[0].domains[0].recipients[0]: is null; leave the entry out (line 1)")]
    [InlineData("null", "tenants[0]: is null; leave the entry out (line 1)")]
    public void What_is_wrong_is_named(string tenants, string expected)
    {
        var (site, errors) = SiteJson.Read($$"""{"tenants":[{{tenants}}]}""");
        Assert.Null(site);
        Assert.Contains(errors, e => e.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"name":"r","kind":"reseller","locks":["policy.tagScore"],"policy":{"tagScore":3}},{"name":"a","parent":"r"}""")]
    [InlineData("""{"name":"r","kind":"reseller"},{"name":"s","kind":"reseller","parent":"r"},{"name":"a","parent":"s"},{"name":"b","parent":"provider"}""")]
    [InlineData("""{"name":"a","parent":"z"},{"name":"z","kind":"reseller"}""")]
    [InlineData("""{"name":"provider","kind":"provider","policy":{"tagScore":3}},{"name":"a"}""")]
    public void A_good_tree_is_taken(string tenants) => Assert.Empty(SiteJson.Read($$"""{"tenants":[{{tenants}}]}""").Errors);

    [Fact]
    public void A_stranger_is_not_told_whose_a_domain_is()
    {
        var site = new Site { Tenants = [Owner("secret"), Owner("mine")] };
        var (_, errors) = SiteValidation.TryCompile(site, null, mayName: name => name == "mine");
        Assert.Equal("tenants[1].domains[0].name: 'a.example' already belongs to another tenant", Assert.Single(errors));
    }

    [Theory]
    [InlineData("0.0.0.0/1")]
    [InlineData("128.0.0.0/7")]
    [InlineData("2000::/18")]
    public void A_large_part_of_the_Internet_is_nobodys_network(string network) =>
        Assert.Contains("would make an open relay", Assert.Single(SiteJson.Read($$$"""{"tenants":[{"name":"a","outbound":{"networks":["{{{network}}}"]}}]}""").Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("rex", null, "192.0.2.10/32", false)]
    [InlineData("rex", null, "192.0.0.0/16", false)]
    [InlineData("rex", null, "198.51.100.0/24", true)]
    [InlineData("rex", "rex", "192.0.2.10/32", false)]
    [InlineData(null, null, "192.0.2.10/32", true)]
    public void Where_a_reseller_says_whose_networks_are_none_lies_in_anothers(string? parent, string? parentOfOther, string network, bool isTaken)
    {
        var site = new Site { Tenants = [Sender("mine", parent, network), Sender("secret", parentOfOther, "192.0.2.0/24"), new Tenant { Name = "rex", Kind = TenantKind.Reseller }] };
        var (_, errors) = SiteValidation.TryCompile(site, null, t => t.Name == "mine" ? "" : $"tenants[{t.Name}].", name => name == "mine");
        Assert.Equal(isTaken, errors.Count == 0);
        Assert.All(errors, e => Assert.StartsWith("outbound.networks[0]: ", e, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, e => e.Contains("secret", StringComparison.Ordinal) || e.Contains("192.0.2.0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stranger_is_not_told_whose_a_domain_is_by_the_place_of_the_error_either()
    {
        var site = new Site { Tenants = [Owner("mine"), Owner("secret")] };
        var (_, errors) = SiteValidation.TryCompile(site, null, t => $"{t.Name}.", name => name == "mine");
        Assert.Equal("mine.domains[0].name: 'a.example' already belongs to another tenant", Assert.Single(errors));
    }

    private static Tenant Sender(string name, string? parent, string network) => new() { Name = name, Parent = parent, Outbound = new Outbound { Networks = [network] } };

    private static Tenant Owner(string name) => new() { Name = name, Domains = [new Domain { Name = "a.example", NextHops = ["h:25"] }] };
}
