using System.Collections.Frozen;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>How many large bodies are read at once, of whom, and that nobody's is read who may not.</summary>
public sealed class BodyRoomTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const long Message = 50L << 20;

    [Fact]
    public void One_customer_gets_his_share_and_the_provider_always_finds_room()
    {
        var sites = new SiteHolder
        {
            Current = new SiteDirectory(new Site
            {
                Tenants = [.. Enumerable.Range(0, 5).Select(i => new Tenant { Name = $"r{i}", Kind = TenantKind.Reseller }), new Tenant { Name = "shop", Parent = "r0" }],
            }),
        };
        var room = new BodyRoom(sites);
        var first = room.Take(Of("shop"), Message);
        Assert.NotNull(first.Place);
        Assert.Equal(429, room.Take(Of("r0"), Message).Status);
        Assert.NotNull(room.Take(Of("r1"), Message).Place);
        Assert.NotNull(room.Take(Of("r2"), Message).Place);
        Assert.Equal(503, room.Take(Of("r3"), Message).Status);
        Assert.NotNull(room.Take(Of(Tenant.Root), Message).Place);
        first.Place.Dispose();
        Assert.NotNull(room.Take(Of("r0"), Message).Place);
    }

    [Fact]
    public void What_is_larger_than_a_share_goes_alone()
    {
        var room = new BodyRoom(new SiteHolder());
        Assert.NotNull(room.Take(Of("acme"), BodyRoom.AllBytes * 2).Place);
    }

    [Theory]
    [InlineData("api/v1/config:plan?tenant=acme", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("api/v1/config:apply?tenant=acme", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("api/v1/config:plan?tenant=other", HttpStatusCode.NotFound)]
    [InlineData("api/v1/config:plan", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("api/v1/analyze?tenant=other", HttpStatusCode.BadRequest)]
    public async Task A_customers_file_is_no_larger_than_usual_and_not_read_where_he_may_not(string path, HttpStatusCode expected)
    {
        var (_, token) = await fixture.Gateway.CallAsync(
            HttpMethod.Post, "api/v1/tokens", $$"""{"name":"body-{{Guid.NewGuid():n}}","node":"acme","permissions":["tenantsRead","tenantsManage","analyze"]}""");
        using var client = fixture.Gateway.ClientOf((string)JsonNode.Parse(token)!["secret"]!);
        using var body = new StringContent(new string(' ', 5 << 20), Encoding.UTF8, path.Contains("analyze", StringComparison.Ordinal) ? "application/octet-stream" : "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        // The answer comes before the body is sent, or the connection may be closed under it.
        request.Headers.ExpectContinue = true;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.StatusCode);
    }

    private static Caller Of(string node) => new($"of-{node}") { Grants = [new Grant(node, new[] { Permission.Analyze }.ToFrozenSet())] };
}
