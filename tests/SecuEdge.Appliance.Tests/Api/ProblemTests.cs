using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Wrong requests and what they are told.</summary>
public sealed class ProblemTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Hooks = "api/v1/webhooks";

    public static TheoryData<string, string, string?, int, string, string> Wrong { get; } = new()
    {
        { "GET", "api/v1/messages?limit=500", null, 400, "limit", "500 is not between 1 and 200" },
        { "GET", "api/v1/messages?limit=many", null, 400, "limit", "'many' is not a whole number" },
        { "GET", "api/v1/messages?since=yesterday", null, 400, "since", "'yesterday' is not a time such as 2026-11-23T08:00:00Z" },
        { "GET", "api/v1/messages?direction=sideways", null, 400, "direction", "'sideways' is not one of inbound, outbound" },
        { "GET", "api/v1/messages?tennant=acme", null, 400, "tennant", "there is no such parameter; there are: action, class" },
        { "GET", "api/v1/me?x=1", null, 400, "x", "there is no such parameter; this operation takes none" },
        { "GET", "api/v1/messages?cursor=%00", null, 400, "cursor", "" },
        { "GET", "api/v1/engines/clamav/convictions", null, 400, "since", "is missing" },
        { "POST", Hooks, null, 400, "body", "is missing; send one as application/json" },
        { "POST", Hooks, "{", 400, "body", "is not JSON that can be read: line 1, position 2" },
        { "POST", Hooks, "[]", 400, "body", "is not an object" },
        { "POST", Hooks, """{"name":"x","url":"https://example.com/"}""", 400, "events", "is missing" },
        { "POST", Hooks, """{"name":"x","url":"https://example.com/","events":["*"],"colour":"red"}""", 400, "colour", "there is no such field; there are: name, tenant, url, events, enabled" },
        { "POST", Hooks, """{"name":null,"url":"https://example.com/","events":["*"]}""", 400, "name", "must not be null" },
        { "POST", Hooks, """{"name":7,"url":"https://example.com/","events":["*"]}""", 400, "name", "is not a text" },
        { "POST", Hooks, """{"name":"x","url":"https://example.com/","events":["*",null]}""", 400, "events[1]", "must not be null" },
        { "POST", Hooks, """{"name":"x","url":"https://example.com/","events":[]}""", 400, "events", "has too few elements: 0, at least 1" },
        { "POST", Hooks, """{"name":"x","url":"https://example.com/","events":["*"],"enabled":"yes"}""", 400, "enabled", "is not true or false" },
        { "POST", "api/v1/quarantine:bulk", """{"action":"explode","ids":[]}""", 400, "action", "is not one of release, delete, forward" },
        { "GET", "api/v1/webhooks/none", null, 404, "", "there is no webhook none" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_request_is_told_field_and_remedy(string method, string path, string? body, int status, string field, string detail)
    {
        var (answer, problem) = await SendAsync(method, path, body);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("urn:secuedge:problem:", (string?)problem["type"], StringComparison.Ordinal);
        Assert.Equal(status, (int?)problem["status"]);
        Assert.NotEmpty((string)problem["remedy"]!);
        Assert.Contains(detail, (string)problem["detail"]!, StringComparison.Ordinal);
        if (field.Length > 0)
        {
            Assert.Equal(field, (string?)problem["field"]);
            Assert.Equal(field, (string?)problem["errors"]![0]!["field"]);
        }
    }

    [Theory]
    [InlineData("fr-CH, en;q=0.5", "fr", "La requête n'est pas valable", "manque ; envoyez-en un en application/json")]
    [InlineData("de, en;q=0.5", "en", "The request is not valid", "is missing; send one as application/json")]
    [InlineData("en;q=0.2, fr;q=0.9", "fr", "La requête n'est pas valable", "manque ; envoyez-en un en application/json")]
    public async Task Title_and_remedy_come_in_the_language_of_the_caller(string wanted, string language, string title, string detail)
    {
        var (answer, problem) = await SendAsync("POST", Hooks, null, ("Accept-Language", wanted));
        Assert.Equal(language, answer.Content.Headers.ContentLanguage.Single());
        Assert.Equal(title, (string?)problem["title"]);
        Assert.Equal(detail, (string?)problem["errors"]![0]!["detail"]);
    }

    [Theory]
    [InlineData("GET", "api/v1/nothing", 404, "There is nothing at /api/v1/nothing")]
    [InlineData("PATCH", "api/v1/messages", 405, "PATCH is not a method of this address; it takes GET.")]
    public async Task What_is_not_there_is_a_problem_too(string method, string path, int status, string detail)
    {
        var (answer, problem) = await SendAsync(method, path, null, ("Accept", "text/html"));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith(detail, (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Hooks, "application/json")]
    [InlineData("api/v1/analyze", "message/rfc822")]
    [InlineData("api/v1/quarantine/R:release", "application/json")]
    [InlineData("api/v1/config:convert", "application/octet-stream")]
    public async Task A_body_of_another_type_is_told_which_is_read(string path, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent("<x/>", Encoding.UTF8, MediaTypeHeaderValue.Parse("text/xml")) };
        using var answer = await fixture.Gateway.Api.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(415, (int)answer.StatusCode);
        Assert.Contains($"send Content-Type: {type}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_sends_no_token_is_told_where_it_is()
    {
        using var answer = await fixture.Gateway.Anonymous.GetAsync(new Uri("api/v1/me?x=1", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    private async Task<(HttpResponseMessage Answer, JsonNode Problem)> SendAsync(string method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var answer = await fixture.Gateway.Api.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }
}
