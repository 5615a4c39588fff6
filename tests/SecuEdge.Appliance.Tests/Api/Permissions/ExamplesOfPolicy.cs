using System.Net;
using SecuEdge.Appliance.Access;
using static SecuEdge.Appliance.Tests.Api.Permissions.EndpointExample;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Examples of what a tenant's policy is made of, and of trying it.</summary>
internal static class ExamplesOfPolicy
{
    private const string Nobody = "nobody";

    public static IEnumerable<EndpointExample> All =>
    [
        // On trial, so that the mail of the other examples goes on as it did.
        .. Part("rules", c => $"rule-of-{c}", n => $$"""{"name":"{{n}}","mode":"monitor","then":[{"type":"quarantine"}]}"""),
        .. Part("objects", c => $"object-of-{c}", n => $$$"""{"name":"{{{n}}}","is":{"type":"size","atLeast":1}}"""),
        .. Part("word-lists", c => $"words-of-{c}", n => $$"""{"name":"{{n}}","words":[{"text":"hello"}]}"""),
        .. Part("groups", c => $"group-of-{c}", n => $$"""{"name":"{{n}}","members":["info@outside.example"]}"""),
        .. Part("holidays", _ => "2026-12-25", n => $$"""{"date":"{{n}}","name":"Christmas"}"""),
        .. Part("notice-templates", c => $"notice-of-{c}", n => $$"""{"name":"{{n}}","texts":[{"language":"en","subject":"s","text":"t"}]}"""),
        Object("GET /api/v1/policies/{tenant}/notice-templates", Nobody, Itself),
        Object("POST /api/v1/tenants/{tenant}/notice-templates:preview", Nobody, Itself, body: """{"name":"blocked"}"""),
        new("POST /api/v1/tenants/{tenant}/notice-templates:test", (_, c) => Task.FromResult(TestNotice(c))) { SeenWith = Permission.PolicyRead, Missing = (_, _) => TestNotice(Nobody) },
        Object("GET /api/v1/policies/{tenant}", Nobody, Itself),
        Object("GET /api/v1/policies/{tenant}/contradictions", Nobody, Itself),
        Object("GET /api/v1/policies/{tenant}/monitor", Nobody, Itself),
        Object("POST /api/v1/policies/{tenant}:backtest", Nobody, Itself, body: """{"days":1}"""),
        List("GET /api/v1/profiles"),
        List("GET /api/v1/word-lists"),
        new("GET /api/v1/word-lists/{name}", (_, _) => Task.FromResult(new Ask("/api/v1/word-lists/insults-fr"))) { Foreign = 200 },
    ];

    private static Ask TestNotice(string tenant) =>
        new($"/api/v1/tenants/{tenant}/notice-templates:test", $$"""{"name":"blocked","to":"postmaster@{{tenant}}.example"}""") { Object = tenant };

    private static Task<string> Itself(TenantTree tree, string tenant) => Task.FromResult(tenant);

    /// <summary>One of the lists of a tenant whose items have names.</summary>
    private static IEnumerable<EndpointExample> Part(string part, Func<string, string> nameOf, Func<string, string> body)
    {
        return
        [
            Object($"GET /api/v1/tenants/{{tenant}}/{part}", Nobody, async (t, c) => (await ThereAsync(t, c)).Object),
            new($"GET /api/v1/tenants/{{tenant}}/{part}/{{name}}", ThereAsync) { Missing = (_, _) => AskFor(Nobody) },
            new($"PUT /api/v1/tenants/{{tenant}}/{part}/{{name}}", (_, c) => Task.FromResult(Put(c))) { SeenWith = Permission.PolicyRead, Missing = (_, _) => Put(Nobody) },
            new($"DELETE /api/v1/tenants/{{tenant}}/{part}/{{name}}", ThereAsync, 204) { SeenWith = Permission.PolicyRead, Missing = (_, _) => AskFor(Nobody) },
        ];

        Ask AskFor(string tenant) => new($"/api/v1/tenants/{tenant}/{part}/{nameOf(tenant)}") { Object = tenant };

        Ask Put(string tenant) => AskFor(tenant) with { Body = body(nameOf(tenant)) };

        async Task<Ask> ThereAsync(TenantTree tree, string tenant)
        {
            var put = Put(tenant);
            var (status, answer) = await tree.Gateway.CallAsync(HttpMethod.Put, put.Path[1..], put.Body);
            Assert.True(status == HttpStatusCode.OK, answer);
            return AskFor(tenant);
        }
    }
}
