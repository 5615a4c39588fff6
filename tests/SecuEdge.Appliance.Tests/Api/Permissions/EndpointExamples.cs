using SecuEdge.Appliance.Access;
using static SecuEdge.Appliance.Tests.Api.Permissions.EndpointExample;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>The examples of all endpoints. A new endpoint without one here fails the test: nobody would know whether its wall stands.</summary>
internal static class EndpointExamples
{
    private const string Missing = TenantTree.MissingReference;
    private const string MissingList = "cobalt_none";
    private const string Mail = "From: me@sender.example\r\nSubject: hello\r\n\r\nHello.\r\n";

    private static IEnumerable<EndpointExample> OfMail =>
    [
        List("GET /api/v1/messages"),
        Object("GET /api/v1/messages/{reference}", Missing, (t, c) => Known(t.Objects[c].Delivered)),

        // Delivered long ago: whoever gets through is told that it is not held.
        Object("POST /api/v1/messages/{reference}:release", Missing, (t, c) => Known(t.Objects[c].Delivered), 409, Permission.MessagesRead),
        Object("POST /api/v1/messages/{reference}:quarantine", Missing, (t, c) => Known(t.Objects[c].Delivered), 409, Permission.MessagesRead),
        List("GET /api/v1/quarantine"),
        Object("GET /api/v1/quarantine/{reference}", Missing, (t, c) => Known(t.Objects[c].Quarantined), seenWith: Permission.QuarantineRead),
        Object("GET /api/v1/quarantine/{reference}/raw", Missing, (t, c) => Known(t.Objects[c].Quarantined), seenWith: Permission.QuarantineRead),
        Object("POST /api/v1/quarantine/{reference}:release", Missing, (t, c) => t.QuarantinedAsync(c), seenWith: Permission.QuarantineRead),
        Object("POST /api/v1/quarantine/{reference}:forward", Missing, (t, c) => Known(t.Objects[c].Quarantined), seenWith: Permission.QuarantineRead, body: """{"to":"lab@outside.example"}"""),
        Object("DELETE /api/v1/quarantine/{reference}", Missing, (t, c) => t.QuarantinedAsync(c), 204, Permission.QuarantineRead),
        List("GET /api/v1/queue"),
        Object("POST /api/v1/queue/{reference}:retry", Missing, (t, c) => Known(t.Objects[c].Queued), 202, Permission.QueueRead),
        Object("DELETE /api/v1/queue/{reference}", Missing, (t, c) => t.QueuedAsync(c), 204, Permission.QueueRead, "?reason=test"),
        List("GET /api/v1/retro-verdicts"),
        List("GET /api/v1/refusals"),
    ];

    private static IEnumerable<EndpointExample> OfHashLists =>
    [
        List("GET /api/v1/hash-lists"),
        new("GET /api/v1/hash-lists/lookup/{hash}", (_, _) => Task.FromResult(new Ask($"/api/v1/hash-lists/lookup/{new string('a', 64)}"))) { Foreign = 200 },
        Object("GET /api/v1/hash-lists/{name}", MissingList, (t, c) => Known(t.Objects[c].HashList)),
        new("PUT /api/v1/hash-lists/{name}", (t, c) => Task.FromResult(HashList(t.NewName(c), c))) { Foreign = 400, SeenWith = Permission.PolicyRead, Missing = (_, _) => HashList("nobody_1", "nobody") },
        Object("POST /api/v1/hash-lists/{name}/entries", MissingList, (t, c) => Known(t.Objects[c].HashList), 200, Permission.PolicyRead, body: new string('b', 64), type: "text/plain"),
        Object("DELETE /api/v1/hash-lists/{name}", MissingList, (t, c) => t.HashListAsync(c), 204, Permission.PolicyRead),
    ];

    private static IEnumerable<EndpointExample> OfTheAppliance =>
    [
        Plain("GET /api/v1/engines"),
        Plain("POST /api/v1/engines/{name}:demote", path: "/api/v1/engines/clamav:demote", body: """{"signature":"None","reason":"test"}"""),
        Plain("POST /api/v1/engines/{name}:restore", path: "/api/v1/engines/clamav:restore", body: """{"signature":"None"}"""),
        Plain("GET /api/v1/engines/{name}/convictions", path: "/api/v1/engines/clamav/convictions?since=2026-01-01T00:00:00Z"),
        Plain("POST /api/v1/engines/{name}/convictions:release", path: "/api/v1/engines/clamav/convictions:release", body: """{"since":"2026-01-01T00:00:00Z"}"""),
        Plain("GET /api/v1/yara"),

        // Whoever gets through is told what is wrong with the request: rules need a worker to try them.
        Plain("POST /api/v1/yara:reload"),
        Plain("GET /api/v1/yara/rules/{name}", 404, "/api/v1/yara/rules/none.yar"),
        Plain("PUT /api/v1/yara/rules/{name}", 400, "/api/v1/yara/rules/none.yar", " ", "text/plain"),
        Plain("DELETE /api/v1/yara/rules/{name}", 404, "/api/v1/yara/rules/none.yar"),
        Plain("GET /api/v1/system/status"),
        List("GET /api/v1/system/findings"),
        Plain("GET /api/v1/site"),
        List("GET /api/v1/site/schema"),
        Plain("PUT /api/v1/site", 400, body: """{"tenants":[{"name":"Bad Name"}]}"""),
        new("POST /api/v1/analyze", (_, c) => Task.FromResult(Analyze(c))) { Foreign = 400, Missing = (_, _) => Analyze("nobody") },
    ];

    public static IReadOnlyDictionary<string, EndpointExample> All { get; } =
        ((IEnumerable<EndpointExample>)[.. OfMail, .. OfHashLists, .. OfTheAppliance, .. ExamplesOfTree.All, .. ExamplesOfPolicy.All, .. ExamplesOfAccess.All, .. ExamplesOfLedger.All, .. ExamplesOfDirectories.All]).ToDictionary(e => e.Operation);

    private static Task<string> Known(string name) => Task.FromResult(name);

    private static Ask HashList(string name, string tenant) => new($"/api/v1/hash-lists/{name}?tenant={tenant}", new string('c', 64), "text/plain") { Object = tenant };

    private static Ask Analyze(string tenant) => new($"/api/v1/analyze?tenant={tenant}", Mail, "message/rfc822") { Object = tenant };
}
