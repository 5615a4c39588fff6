using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>One gateway for the tests of the API itself, with webhooks that may call this machine.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    public RunningGateway Gateway { get; private set; } = null!;

    /// <summary>The OpenAPI document as the gateway gives it.</summary>
    public JsonObject Document { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Gateway = await RunningGateway.StartAsync(
            ("Webhooks:AllowPrivate", "true"), ("Webhooks:FirstRetry", "00:00:00.1"), ("Webhooks:TimeLimit", "00:00:05"));
        using var answer = await Gateway.Anonymous.GetAsync(new Uri("api/v1/openapi.json", UriKind.Relative));
        Document = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
    }

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
