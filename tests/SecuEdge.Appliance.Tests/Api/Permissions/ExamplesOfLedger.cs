using static SecuEdge.Appliance.Tests.Api.Permissions.EndpointExample;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Examples of usage, of the rights of persons, of events and who is told of them, and of deeds in bulk.</summary>
internal static class ExamplesOfLedger
{
    private const string Nobody = "nobody";

    public static IEnumerable<EndpointExample> All =>
    [
        List("GET /api/v1/usage"),
        Object("GET /api/v1/usage/{tenant}/mailboxes", Nobody, Itself),
        Object("GET /api/v1/usage/{tenant}/days", Nobody, Itself),
        InBody("POST /api/v1/privacy:search", (_, c) => Person(c)),
        InBody("POST /api/v1/privacy:export", (_, c) => Person(c)),

        // Without apply it only says what would be done.
        InBody("POST /api/v1/privacy:erase", (_, c) => Person(c)),
        .. Bulk,
        List("GET /api/v1/events"),
        List("GET /api/v1/events/names"),
        .. Webhooks,
    ];

    /// <summary>Answers for each message; a foreign one reads there like none.</summary>
    private static IEnumerable<EndpointExample> Bulk =>
    [
        Many("POST /api/v1/quarantine:bulk", o => o.Quarantined, r => $$"""{"action":"forward","to":"lab@outside.example","ids":["{{r}}"]}"""),
        Many("POST /api/v1/queue:bulk", o => o.Queued, r => $$"""{"action":"retry","ids":["{{r}}"]}"""),
    ];

    private static IEnumerable<EndpointExample> Webhooks =>
    [
        List("GET /api/v1/webhooks"),
        InBody("POST /api/v1/webhooks", (t, c) => Webhook(c, $"hook-{t.NewTenantName(c)}"), 201) with { IsNotForBoundTokens = true },
        Object("GET /api/v1/webhooks/{name}", "none-1", WebhookAsync),
        Object("PUT /api/v1/webhooks/{name}", "none-1", WebhookAsync, body: """{"url":"https://127.0.0.1:1/","events":["message.*"],"enabled":false}""") with { IsNotForBoundTokens = true },
        Object("DELETE /api/v1/webhooks/{name}", "none-1", WebhookAsync, 204),
        Object("GET /api/v1/webhooks/{name}/deliveries", "none-1", WebhookAsync),

        // Nobody listens at that port; that is what the answer tells.
        Object("POST /api/v1/webhooks/{name}:test", "none-1", WebhookAsync),
        Object("POST /api/v1/webhooks/{name}:rotate-secret", "none-1", WebhookAsync) with { IsNotForBoundTokens = true },
    ];

    private static Task<string> Itself(TenantTree tree, string tenant) => Task.FromResult(tenant);

    private static string Person(string tenant) => $$"""{"address":"info@{{tenant}}.example","tenant":"{{tenant}}","reason":"asked by letter"}""";

    private static EndpointExample Many(string operation, Func<TenantObjects, string> of, Func<string, string> body)
    {
        return new EndpointExample(operation, (t, c) => Task.FromResult(AskFor(of(t.Objects[c])))) { Foreign = 200, Missing = (_, _) => AskFor(TenantTree.MissingReference) };

        Ask AskFor(string reference) => new(operation.Split(' ')[1], body(reference)) { Object = reference };
    }

    /// <summary>Switched off: only a test calls it.</summary>
    private static string Webhook(string tenant, string name) => $$"""{"name":"{{name}}","tenant":"{{tenant}}","url":"https://127.0.0.1:1/","events":["message.*"],"enabled":false}""";

    private static Task<string> WebhookAsync(TenantTree tree, string tenant) => tree.KeptAsync(
        tenant, "webhooks", async () => (await tree.PostAsync("webhooks", Webhook(tenant, $"hook-{tree.NewTenantName(tenant)}"))).GetProperty("name").GetString()!);
}
