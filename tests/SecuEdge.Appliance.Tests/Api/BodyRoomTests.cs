using System.Collections.Frozen;
using System.IO.Pipelines;
using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api;
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
        var room = new BodyRoom(sites, TimeProvider.System);
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
        var room = new BodyRoom(new SiteHolder(), TimeProvider.System);
        Assert.NotNull(room.Take(Of("acme"), BodyRoom.AllBytes * 2).Place);
    }

    [Theory]
    [InlineData("HTTP/2")]
    [InlineData("HTTP/3")]
    public async Task Who_sends_drop_by_drop_loses_his_room(string protocol)
    {
        var time = new FakeTimeProvider();
        var room = new BodyRoom(new SiteHolder(), time);
        var pipe = new Pipe();
        var context = new DefaultHttpContext { User = new ClaimsPrincipal(new CallerIdentity(Of("acme"))) };
        context.Request.Protocol = protocol;
        context.Request.ContentLength = BodyLimit.Usual;
        context.Request.Body = pipe.Reader.AsStream();
        var reading = room.InvokeAsync(context, c => c.Request.Body.CopyToAsync(Stream.Null, c.RequestAborted));
        for (var second = 0; second < 5_000 && !reading.IsCompleted; second++)
        {
            // As Kestrel asks for without our doing.
            await pipe.Writer.WriteAsync(new byte[240], TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(1));
            // The reader runs on another thread.
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.True(reading.IsCompleted, "it is read on");
        var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => reading);
        Assert.Equal(408, refused.StatusCode);
        Assert.NotNull(room.Take(Of("other"), BodyRoom.AllBytes).Place);
    }

    [Fact]
    public async Task Time_that_passes_while_nobody_reads_is_not_the_senders()
    {
        var time = new FakeTimeProvider();
        await using var body = new PacedBody(new MemoryStream([1, 2]), time);
        Assert.Equal(1, await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal(0, await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
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
