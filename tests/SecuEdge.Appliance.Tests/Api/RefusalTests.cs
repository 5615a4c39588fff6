using System.Net;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>"Their mail to us bounced": a refused recipient is found again by those whom it concerns, and by nobody else.</summary>
public sealed class RefusalTests(RefusalTests.Shop shop) : IClassFixture<RefusalTests.Shop>
{
    private const string Mail = "From: me@sender.example\nSubject: hello\n\nHello.\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Recipient, the answer, why, and whom it concerns.</summary>
    public static TheoryData<string, int, string, string> Refused => new()
    {
        { "nobody@bakery.example", 550, "unknownMailbox", "bakery" },
        { "eva@idle.example", 451, "suspended", "idle" },
        { "eva@fleur.example", 451, "pending", "provider" },
        { "eva@elsewhere.example", 554, "relay", "provider" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_refused_recipient_is_found_by_whom_it_concerns_and_by_the_reference_of_the_reply(string recipient, int code, string reason, string tenant)
    {
        var reply = await shop.Gateway.SendAsync(Mail, recipient, "boss@supplier.example");
        Assert.Equal(code, reply.Code);
        var reference = RunningGateway.Reference(reply);
        foreach (var query in (string[])[$"reference={reference}", $"recipient={recipient}&sender=supplier.example", $"tenant={tenant}&reason={reason}&client=127.0.0.1&reference={reference.ToLowerInvariant()}"])
        {
            var row = Assert.Single((await shop.Gateway.GetAsync("api/v1/refusals?" + query)).GetProperty("items").EnumerateArray());
            Assert.Equal((tenant, reason, recipient, "boss@supplier.example"), (Word(row, "tenant"), Word(row, "reason"), Word(row, "recipient"), Word(row, "sender")));
            Assert.Equal(reply.ToString(), $"{Word(row, "reply")} [{reference}]");
        }

        foreach (var (name, client) in shop.Tenants)
        {
            Assert.Equal(name == tenant ? 1 : 0, (await ListAsync(client, $"?reference={reference}")).Count);
        }
    }

    /// <summary>The domain may be another's, whose mail still comes here: to whom his partners write is nothing for whoever claims it.</summary>
    [Fact]
    public async Task Who_claims_a_domain_learns_that_its_mail_is_refused_and_not_whose()
    {
        var before = await SumAsync();
        foreach (var recipient in (string[])["tom@fleur.example", "kim@fleur.example"])
        {
            Assert.Equal(451, (await shop.Gateway.SendAsync(Mail, recipient, "partner@supplier.example")).Code);
        }

        Assert.Equal(before + 2, await SumAsync());

        async Task<long> SumAsync()
        {
            var sum = 0L;
            foreach (var row in await ListAsync(shop.Tenants["garage"], ""))
            {
                Assert.Equal(("pending", true, 0), (Word(row, "reason"), row.GetProperty("isSum").GetBoolean(), row.GetProperty("references").GetArrayLength()));
                Assert.All((string[])["client", "sender", "recipient"], name => Assert.False(row.TryGetProperty(name, out _)));
                sum += row.GetProperty("count").GetInt64();
            }

            return sum;
        }
    }

    [Fact]
    public async Task A_right_to_be_forgotten_reaches_refused_attempts()
    {
        await shop.Gateway.SendAsync(Mail, "left@bakery.example", "friend@supplier.example");
        const string Who = """{"address":"left@bakery.example","tenant":"bakery","reason":"asked"}""";
        Assert.Equal(1, await CountAsync("privacy:search", Who));
        Assert.Equal(1, await CountAsync("privacy:erase", Who.Replace("}", ",\"apply\":true}", StringComparison.Ordinal)));
        Assert.Equal(0, await CountAsync("privacy:search", Who));
        Assert.Empty(await ListAsync(shop.Gateway.Api, "?recipient=left@bakery.example"));

        async Task<int> CountAsync(string path, string body)
        {
            var (status, text) = await shop.Gateway.CallAsync(HttpMethod.Post, "api/v1/" + path, body);
            Assert.Equal((HttpStatusCode.OK, text), (status, text));
            return JsonDocument.Parse(text).RootElement.GetProperty("refusals").GetInt32();
        }
    }

    [Theory]
    [InlineData("?reason=because", "reason")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?cursor=x", "cursor")]
    public async Task What_cannot_be_asked_is_told(string query, string field)
    {
        var (status, body) = await shop.Gateway.CallAsync(HttpMethod.Get, "api/v1/refusals" + query);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, body, StringComparison.Ordinal);
    }

    private static string? Word(JsonElement row, string name) => row.GetProperty(name).GetString();

    private static async Task<List<JsonElement>> ListAsync(HttpClient client, string query)
    {
        using var answer = await client.GetAsync(new Uri("api/v1/refusals" + query, UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("items").EnumerateArray()];
    }

    public sealed class Shop : IAsyncLifetime
    {
        public RunningGateway Gateway { get; private set; } = null!;

        /// <summary>Somebody who reads the mail of each tenant.</summary>
        public Dictionary<string, HttpClient> Tenants { get; } = [];

        public async ValueTask InitializeAsync()
        {
            Gateway = await RunningGateway.StartAsync(port => $$"""
                {"tenants":[
                  {"name":"bakery","domains":[{"name":"bakery.example","nextHops":["127.0.0.1:{{port}}"],"recipients":["eva","tom"]}]},
                  {"name":"garage","domains":[{"name":"fleur.example","nextHops":["127.0.0.1:{{port}}"],"ownership":"pending"}]},
                  {"name":"idle","state":"suspended","domains":[{"name":"idle.example","nextHops":["127.0.0.1:{{port}}"],"recipients":["tom"]}]}]}
                """);
            foreach (var tenant in (string[])["bakery", "garage", "idle"])
            {
                var (_, body) = await Gateway.CallAsync(HttpMethod.Post, "api/v1/tokens", $$"""{"name":"{{tenant}}-reader","node":"{{tenant}}","permissions":["messagesRead"]}""");
                Tenants[tenant] = Gateway.ClientOf(JsonDocument.Parse(body).RootElement.GetProperty("secret").GetString());
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var client in Tenants.Values)
            {
                client.Dispose();
            }

            await Gateway.DisposeAsync();
        }
    }
}
