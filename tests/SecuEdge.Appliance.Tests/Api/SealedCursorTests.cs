using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Stores count over all tenants; what a tenant gets as the cursor of a page must not be a count.</summary>
public sealed partial class SealedCursorTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string List = "/api/v1/messages";

    [Theory]
    [InlineData("")]
    [InlineData("2a")]
    [InlineData("000000000001f3c7")]
    [InlineData("202611-1a2b3c")]
    [InlineData("müller@a-name-that-is-longer-than-one-block.example")]
    public void A_cursor_is_read_back_also_after_a_restart_and_only_by_its_list(string place)
    {
        var states = new MemoryStateFiles();
        var cursor = Cursors(states).Seal(place, List);
        Assert.Equal(place, Cursors(states).Open(cursor, List));
        Assert.Null(Cursors(states).Open(cursor, "/api/v1/audit"));
        Assert.Null(Cursors(new MemoryStateFiles()).Open(cursor, List));
    }

    [Fact]
    public void Places_cannot_be_told_apart()
    {
        var cursors = Cursors(new MemoryStateFiles());
        List<string> list = [.. Enumerable.Range(0, 100).Select(i => cursors.Seal(Math.Pow(10, i % 15).ToString("0", null), List))];
        Assert.Single(list.Select(c => c.Length).Distinct());
        Assert.Equal(100, list.Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("202611-1a2b3c")]
    [InlineData("ü%00")]
    public void What_is_no_cursor_of_ours_is_none(string cursor) => Assert.Null(Cursors(new MemoryStateFiles()).Open(cursor, List));

    [Fact]
    public async Task The_cursor_of_another_list_is_refused()
    {
        var page = await fixture.Gateway.GetAsync("api/v1/audit?limit=1");
        var cursor = page.GetProperty("next").GetString();
        Assert.Equal(HttpStatusCode.OK, (await fixture.Gateway.CallAsync(HttpMethod.Get, $"api/v1/audit?limit=1&cursor={cursor}")).Status);
        var (status, problem) = await fixture.Gateway.CallAsync(HttpMethod.Get, $"api/v1/refusals?cursor={cursor}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("is not the `next` of a page of this list", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_list_in_pages_has_cursors_of_its_own()
    {
        var lists = new ApiDocument(fixture.Document).Operations.Where(o => o.Operation["parameters"]?.AsArray().Any(p => (string?)p!["name"] == "cursor") == true).ToList();
        Assert.True(lists.Count > 15, $"{lists.Count} lists");
        foreach (var (path, _, _) in lists)
        {
            var address = PathParameter().Replace(path, "acme")[1..];
            var (status, problem) = await fixture.Gateway.CallAsync(HttpMethod.Get, $"{address}?cursor=nonsense");
            Assert.True(status == HttpStatusCode.BadRequest && problem.Contains("'nonsense' is not the `next` of a page of this list", StringComparison.Ordinal), $"{path}: {status} {problem}");
            (status, problem) = await fixture.Gateway.CallAsync(HttpMethod.Get, $"{address}?cursor=");
            Assert.False(status == HttpStatusCode.BadRequest, $"{path}: {problem}");
        }
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex PathParameter();

    private static SealedCursors Cursors(MemoryStateFiles states) => new(states, NullLogger<SealedCursors>.Instance);
}
