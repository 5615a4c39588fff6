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
        using var body = new StringContent($$"""{"name":"{{new string('x', 100_000)}}","password":"y"}""", Encoding.UTF8, "application/json");
        using var answer = await fixture.Gateway.Anonymous.PostAsync(new Uri("api/v1/login", UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("65536", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static Endpoint Of(params object[] metadata) => new(null, new EndpointMetadataCollection(metadata), "x");
}
