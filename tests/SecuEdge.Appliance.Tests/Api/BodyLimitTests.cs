using System.Net;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using SecuEdge.Appliance.Api.Requests;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>How much of a body is read.</summary>
public sealed class BodyLimitTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    [Fact]
    public void Strangers_get_little_others_more_and_the_rest_must_be_asked_for()
    {
        Assert.Equal(BodyLimit.OfStrangers, BodyLimit.Limit(null));
        Assert.Equal(BodyLimit.OfStrangers, BodyLimit.Limit(Of(new AllowAnonymousAttribute())));
        Assert.Equal(BodyLimit.Usual, BodyLimit.Limit(Of()));
        Assert.Null(BodyLimit.Limit(Of(new LargeBody())));
    }

    [Fact]
    public async Task A_large_login_is_refused_as_a_problem()
    {
        // Waits for the answer before it sends: a client that writes on may see the broken connection first.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/v1/login", UriKind.Relative)) { Headers = { ExpectContinue = true } };
        request.Content = new StringContent($$"""{"name":"{{new string('x', 100_000)}}","password":"y"}""", Encoding.UTF8, "application/json");
        using var answer = await fixture.Gateway.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("65536", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api/v1/nothing", 70_000, true)]
    [InlineData("api/v1/nothing", 60_000, false)]
    [InlineData("api/v1/tenants", 4_300_000, true)]
    [InlineData("api/v1/tenants", 70_000, false)]
    public async Task An_answer_without_a_look_at_a_large_body_says_that_the_connection_ends(string path, int bytes, bool ends)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Headers = { ExpectContinue = true } };
        request.Content = new StringContent(new string('x', bytes), Encoding.UTF8, "text/xml");
        using var answer = await fixture.Gateway.Api.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(ends, answer.Headers.ConnectionClose == true);
    }

    private static Endpoint Of(params object[] metadata) => new(null, new EndpointMetadataCollection(metadata), "x");
}
