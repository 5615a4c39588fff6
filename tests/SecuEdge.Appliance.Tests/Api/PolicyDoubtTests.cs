using System.Net;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Rules that can never do what they say: values that do not exist are refused, what is only not there yet is told by the contradictions.</summary>
public sealed class PolicyDoubtTests(PolicyDoubtTests.Bakery bakery) : IClassFixture<PolicyDoubtTests.Bakery>
{
    /// <summary>A condition, the field that is wrong, and a part of the remedy.</summary>
    public static TheoryData<string, string, string> Wrong => new()
    {
        { """{"type":"finding","anyOf":["GTUBE","NOT_A_FINDING"]}""", "when.anyOf[1]", "/api/v1/system/findings" },
        { """{"type":"finding","anyOf":["NOT_*"]}""", "when.anyOf[0]", "/api/v1/system/findings" },
        { """{"type":"engine","anyOf":["kaspersky"]}""", "when.anyOf[0]", "there are clamav" },
        { """{"type":"not","of":{"type":"authentication","method":"spf","anyOf":["maybe"]}}""", "when.of.anyOf[0]", "softfail" },
        { """{"type":"any","of":[{"type":"origin","networks":["192.0.2.0/24"],"countries":["UK"]}]}""", "when.of[0].countries[0]", "ISO 3166-1" },
    };

    /// <summary>A rule that is right by itself, and what the contradictions say of it; nothing where nothing is to be said.</summary>
    public static TheoryData<string, string> Told => new()
    {
        { """ "when":{"type":"authentication","method":"spf","anyOf":["fail"]},"then":[{"type":"quarantine"}]""", "notKnownHere: asks what SPF said, which cannot hold on this appliance" },
        { """ "when":{"type":"campaign"},"then":[{"type":"quarantine"}]""", "notKnownHere: cannot hold on this appliance: it does not look for campaigns yet" },
        { """ "when":{"type":"not","of":{"type":"origin","countries":["FR"]}},"then":[{"type":"quarantine"}]""", "notKnownHere: it has no table of networks" },
        { """ "when":{"type":"recipient","addresses":["paul@bakery.example"]},"then":[{"type":"redirect","to":"eva@bakery.example"}]""", "noMailbox: POST /api/v1/domains/bakery.example/recipients" },
        { """ "direction":"outbound","when":{"type":"recipient","addresses":["paul@bakery.example"]},"then":[{"type":"quarantine"}]""", "" },
        { """ "when":{"type":"recipient","addresses":["eva@bakery.example","*@bakery.example","x@elsewhere.example"]},"then":[{"type":"quarantine"}]""", "" },
        { """ "when":{"type":"not","of":{"type":"recipient","addresses":["paul@bakery.example"]}},"then":[{"type":"quarantine"}]""", "" },
        { """ "when":{"type":"size","atLeast":1},"then":[{"type":"notify","whom":["administrator"]}]""", "tellsNobody: set service.contacts" },
        { """ "then":[{"type":"redirect","to":"boss@elsewhere.example"}]""", "sendsAllAway: 'boss@elsewhere.example'" },
        { """ "then":[{"type":"redirect","to":"eva@bakery.example"}]""", "" },
        { """ "enabled":false,"then":[{"type":"redirect","to":"boss@elsewhere.example"}]""", "" },
        { """ "when":{"type":"finding","anyOf":["GTUBE*","clamav_infected"]},"then":[{"type":"quarantine"}]""", "" },
        { """ "when":{"type":"engine","anyOf":["clamav"]},"then":[{"type":"quarantine"}]""", "" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_value_that_does_not_exist_is_refused_with_the_remedy(string condition, string field, string remedy)
    {
        var rule = $$"""{"name":"wrong","when":{{condition}},"then":[{"type":"quarantine"}]}""";
        var (status, body) = await bakery.Gateway.CallAsync(HttpMethod.Put, "api/v1/tenants/bakery/rules/wrong", rule);
        Assert.Equal((HttpStatusCode.BadRequest, body), (status, body));
        var error = Assert.Single(JsonDocument.Parse(body).RootElement.GetProperty("errors").EnumerateArray());
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains(remedy, body, StringComparison.Ordinal);
        var asObject = $$"""{"name":"wrong","is":{{condition}}}""";
        Assert.Equal(HttpStatusCode.BadRequest, (await bakery.Gateway.CallAsync(HttpMethod.Put, "api/v1/tenants/bakery/objects/wrong", asObject)).Status);
    }

    [Theory]
    [MemberData(nameof(Told))]
    public async Task What_comes_to_nothing_here_is_told_with_the_remedy(string rule, string told)
    {
        var (status, body) = await bakery.Gateway.CallAsync(HttpMethod.Put, "api/v1/tenants/bakery/rules/odd", $$"""{"name":"odd",{{rule}}}""");
        Assert.True(status == HttpStatusCode.OK, body);
        var found = (await bakery.Gateway.GetAsync("api/v1/policies/bakery/contradictions")).GetProperty("items").EnumerateArray()
            .Where(c => c.GetProperty("rules").EnumerateArray().Any(r => r.GetString() == "odd")).ToList();
        if (told.Length == 0)
        {
            Assert.Empty(found);
            return;
        }

        var kind = told[..told.IndexOf(": ", StringComparison.Ordinal)];
        Assert.Equal(kind, Assert.Single(found).GetProperty("kind").GetString());
        Assert.Contains(told[(kind.Length + 2)..], found[0].GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    public sealed class Bakery : IAsyncLifetime
    {
        public RunningGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await RunningGateway.StartAsync(port => $$"""
            {"tenants":[{"name":"bakery","domains":[{"name":"bakery.example","nextHops":["127.0.0.1:{{port}}"],"recipients":["eva","tom"]}]}]}
            """);

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
