using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Lists of hashes as an administrator uses them, and what they do to mail.</summary>
public sealed class HashListsTests
{
    private static readonly byte[] Attachment = Encoding.ASCII.GetBytes("an attachment that nobody wants\n");
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Attachment));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listed_attachment_is_quarantined_from_the_next_mail_on_and_no_longer_once_it_is_taken_back()
    {
        await using var gateway = await RunningGateway.StartAsync();
        Assert.Equal("Deliver", await ActionAsync(gateway));

        await SucceedAsync(gateway.Api.PutAsync("api/v1/hash-lists/mine?kind=deny", Text($"{Hash};Unwanted"), Token));
        Assert.Equal("Quarantine", await ActionAsync(gateway));
        Assert.Contains("Unwanted", (await JsonAsync(gateway, $"api/v1/hash-lists/lookup/{Hash}")).ToString(), StringComparison.Ordinal);

        await SucceedAsync(gateway.Api.PostAsync("api/v1/hash-lists/mine/entries", Text($"{Hash};a mistake;2001-01-01"), Token));
        Assert.Equal("Deliver", await ActionAsync(gateway));

        await SucceedAsync(gateway.Api.PostAsync("api/v1/hash-lists/mine/entries", Text($"{Hash};again"), Token));
        Assert.Equal("Quarantine", await ActionAsync(gateway));

        await SucceedAsync(gateway.Api.DeleteAsync("api/v1/hash-lists/mine", Token));
        Assert.Equal("Deliver", await ActionAsync(gateway));
    }

    [Theory]
    [InlineData("PUT", "api/v1/hash-lists/mine", "nonsense", HttpStatusCode.BadRequest, "line 1 does not begin with a SHA-256")]
    [InlineData("PUT", "api/v1/hash-lists/mine?kind=maybe", "", HttpStatusCode.BadRequest, "kind: 'maybe' is not one of deny, allow")]
    [InlineData("PUT", "api/v1/hash-lists/mine?tenant=nobody", "", HttpStatusCode.BadRequest, "there is no tenant 'nobody'")]
    [InlineData("PUT", "api/v1/hash-lists/Mine", "", HttpStatusCode.BadRequest, "is no name for a list")]
    [InlineData("PUT", "api/v1/hash-lists/mine?url=https://lists.example/a", "", HttpStatusCode.BadRequest, "give both or neither")]
    [InlineData("POST", "api/v1/hash-lists/other/entries", "", HttpStatusCode.NotFound, "there is no hash list 'other'")]
    [InlineData("DELETE", "api/v1/hash-lists/other", "", HttpStatusCode.NotFound, "there is no hash list 'other'")]
    [InlineData("GET", "api/v1/hash-lists/lookup/abc", "", HttpStatusCode.BadRequest, "neither a SHA-256")]
    public async Task What_is_wrong_is_said(string method, string path, string body, HttpStatusCode status, string detail)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "GET" ? null : Text(body) };

        using var response = await gateway.Api.SendAsync(request, Token);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(detail, (await response.Content.ReadAsStringAsync(Token)).Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_engine_shows_in_the_status_with_its_lists()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await SucceedAsync(gateway.Api.PutAsync("api/v1/hash-lists/mine", Text(Hash), Token));
        await ActionAsync(gateway);

        var engine = (await JsonAsync(gateway, "api/v1/system/status")).GetProperty("engines").EnumerateArray().Single(e => e.GetProperty("name").GetString() == "hashlist");

        Assert.StartsWith("1 lists, 1 entries/", engine.GetProperty("version").GetString(), StringComparison.Ordinal);
        Assert.True(engine.GetProperty("isReady").GetBoolean());
        var list = Assert.Single((await JsonAsync(gateway, "api/v1/hash-lists")).GetProperty("items").EnumerateArray().ToList());
        Assert.Equal(1, list.GetProperty("sha256Entries").GetInt64());
        using var anonymous = await gateway.Anonymous.GetAsync("api/v1/hash-lists", Token);
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    private static async Task<string> ActionAsync(RunningGateway gateway)
    {
        var mail = "From: a@sender.example\r\nTo: info@acme.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
            + "Content-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(Attachment) + "\r\n";
        using var body = new ByteArrayContent(Encoding.ASCII.GetBytes(mail));
        body.Headers.ContentType = new("message/rfc822");
        using var response = await gateway.Api.PostAsync("api/v1/analyze", body, Token);
        var action = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("action").GetString()!;
        return char.ToUpperInvariant(action[0]) + action[1..];
    }

    private static async Task<JsonElement> JsonAsync(RunningGateway gateway, string path) =>
        JsonDocument.Parse(await gateway.Api.GetStringAsync(path, Token)).RootElement;

    private static async Task SucceedAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private static StringContent Text(string text) => new(text, Encoding.UTF8, "text/plain");
}
