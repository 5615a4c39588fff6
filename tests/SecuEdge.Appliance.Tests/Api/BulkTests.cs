using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>One deed for many messages.</summary>
public sealed class BulkTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static string Eicar => $"From: worm@sender.example\nSubject: invoice\n\n{Encoding.ASCII.GetString(FakeClamd.Eicar)}\n";

    [Fact]
    public async Task Each_message_has_its_own_answer()
    {
        var (first, second) = (await QuarantinedAsync("a@acme.example"), await QuarantinedAsync("b@acme.example"));
        var result = await BulkAsync("quarantine", $$"""{"action":"delete","ids":["{{first}}","NONE","../x","{{second}}","{{first}}"]}""");
        Assert.Equal([200, 404, 404, 200, 404], result["items"]!.AsArray().Select(i => (int)i!["status"]!));
        Assert.Equal(2, (int)result["succeeded"]!);
        Assert.Equal(3, (int)result["failed"]!);
    }

    [Fact]
    public async Task A_query_finds_them()
    {
        var reference = await QuarantinedAsync("query@acme.example");
        var result = await BulkAsync("quarantine", """{"action":"forward","to":"security@acme.example","query":{"recipient":"query@acme.example"}}""");
        Assert.Equal(reference, (string?)result["items"]!.AsArray().Single()!["id"]);
        Assert.Equal(1, (int)result["succeeded"]!);
        Assert.False((bool)result["hasMore"]!);
    }

    [Theory]
    [InlineData("quarantine", """{"action":"delete"}""")]
    [InlineData("quarantine", """{"action":"forward","ids":["x"]}""")]
    [InlineData("queue", """{"action":"drop","ids":["x"]}""")]
    [InlineData("queue", """{"action":"retry","ids":["x"],"all":true}""")]
    public async Task What_is_not_clear_is_not_done(string noun, string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await fixture.Gateway.CallAsync(HttpMethod.Post, $"api/v1/{noun}:bulk", body)).Status);

    private async Task<string> QuarantinedAsync(string recipient)
    {
        var reference = RunningGateway.Reference(await fixture.Gateway.SendAsync(Eicar, recipient));
        await fixture.Gateway.WaitForStateAsync(reference, "quarantined");
        return reference;
    }

    private async Task<JsonNode> BulkAsync(string noun, string body)
    {
        var (status, text) = await fixture.Gateway.CallAsync(HttpMethod.Post, $"api/v1/{noun}:bulk", body);
        Assert.True(status == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }
}
