using SecuEdge.Appliance.Access;
using static SecuEdge.Appliance.Tests.Api.Permissions.EndpointExample;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Examples of the tenant tree, its history and the audit log.</summary>
internal static class ExamplesOfTree
{
    private const string Nobody = "nobody";
    private const string NoDomain = "nobody.example";

    public static IEnumerable<EndpointExample> All => [.. Tenants, .. Deleted, .. Domains, .. Revisions, List("GET /api/v1/audit"), List("GET /api/v1/audit:export")];

    private static IEnumerable<EndpointExample> Tenants =>
    [
        List("GET /api/v1/tenants"),
        Object("GET /api/v1/tenants/{name}", Nobody, Itself),
        Object("GET /api/v1/tenants/{name}/settings", Nobody, Itself),
        Object("GET /api/v1/tenants/{name}/export", Nobody, Itself, seenWith: Permission.TenantsRead),
        InBody("POST /api/v1/tenants", (t, c) => $$"""{"name":"{{t.NewTenantName(c)}}","parent":"{{c}}"}""", 201) with { SeenWith = Permission.TenantsRead, Node = TenantTree.ParentOne },
        InBody("POST /api/v1/tenants:trial", (t, c) => $$"""{"name":"{{t.NewTenantName(c)}}","parent":"{{c}}","domain":"{{t.NewDomainName(c)}}","nextHops":["127.0.0.1:1"]}""", 201) with { SeenWith = Permission.TenantsRead, Node = TenantTree.ParentOne },
        Object("POST /api/v1/tenants/{tenant}/rules:test", Nobody, Itself, body: """{"rule":{"name":"x","then":[{"type":"deliver"}]},"facts":{}}"""),
        new("PUT /api/v1/tenants/{name}", async (t, c) => new Ask($"/api/v1/tenants/{c}", (await t.Gateway.GetAsync($"api/v1/tenants/{c}")).GetRawText()) { Object = c })
        {
            SeenWith = Permission.TenantsRead,
            Missing = (_, c) => new Ask($"/api/v1/tenants/{Nobody}", $$"""{"parent":"{{TenantTree.ParentOf(c)}}"}""") { Object = Nobody },
        },
        Object("PATCH /api/v1/tenants/{name}", Nobody, Itself, seenWith: Permission.TenantsRead, body: """{"displayName":"As before"}"""),

        // Whoever gets through is asked to say the name once more.
        Object("DELETE /api/v1/tenants/{name}", Nobody, Itself, 400, Permission.TenantsRead) with { IsDecidedAbove = true },
        Object("POST /api/v1/tenants/{name}:suspend", Nobody, Itself, seenWith: Permission.TenantsRead) with { IsDecidedAbove = true, Undo = ResumeAsync },
        Object("POST /api/v1/tenants/{name}:resume", Nobody, Itself, seenWith: Permission.TenantsRead),
    ];

    /// <summary>What is kept of a tenant that stood below the node.</summary>
    private static IEnumerable<EndpointExample> Deleted =>
    [
        List("GET /api/v1/deleted-tenants"),
        Object("GET /api/v1/deleted-tenants/{id}", "x_none", DeletedAsync) with { Node = TenantTree.ParentOne },
        Object("GET /api/v1/deleted-tenants/{id}/export", "x_none", DeletedAsync) with { Node = TenantTree.ParentOne },
        Object("DELETE /api/v1/deleted-tenants/{id}", "x_none", DeletedAsync, 204) with { Node = TenantTree.ParentOne },
    ];

    private static IEnumerable<EndpointExample> Domains =>
    [
        List("GET /api/v1/domains"),
        InBody("POST /api/v1/domains", (t, c) => $$"""{"tenant":"{{c}}","name":"{{t.NewDomainName(c)}}","nextHops":["127.0.0.1:1"]}""", 201) with { SeenWith = Permission.TenantsRead },
        Object("GET /api/v1/domains/{name}", NoDomain, Stuck),
        Object("PUT /api/v1/domains/{name}", NoDomain, Stuck, seenWith: Permission.TenantsRead, body: """{"nextHops":["127.0.0.1:1"]}"""),
        Object("DELETE /api/v1/domains/{name}", NoDomain, (t, c) => t.DomainAsync(c), 204, Permission.TenantsRead),
        Object("POST /api/v1/domains/{name}:verify", NoDomain, Stuck, seenWith: Permission.TenantsRead),
        Object("GET /api/v1/domains/{name}/recipients", NoDomain, Stuck),
        Object("POST /api/v1/domains/{name}/recipients", NoDomain, Stuck, seenWith: Permission.TenantsRead, body: """{"add":["info"]}"""),
        Object("PUT /api/v1/domains/{name}/recipients", NoDomain, Stuck, seenWith: Permission.TenantsRead, body: """{"recipients":["*"]}"""),
        new("DELETE /api/v1/domains/{name}/recipients/{address}", async (t, c) => Recipient(await t.DomainAsync(c)), 204)
        {
            SeenWith = Permission.TenantsRead,
            Missing = (_, _) => Recipient(NoDomain),
        },
    ];

    private static IEnumerable<EndpointExample> Revisions =>
    [
        List("GET /api/v1/config/revisions"),
        Object("GET /api/v1/config/revisions/{number}", "999999", async (t, c) => await t.RevisionAsync(c)),
        InQuery("POST /api/v1/config/revisions/{number}:rollback", async (t, c) => $"/api/v1/config/revisions/{await t.RevisionAsync(c)}:rollback?plan=true&tenant="),
        InQuery("POST /api/v1/config:plan", (_, _) => Task.FromResult("/api/v1/config:plan?part=true&tenant="), """{"tenants":[]}"""),
        InQuery("POST /api/v1/config:apply", (_, _) => Task.FromResult("/api/v1/config:apply?part=true&tenant="), """{"tenants":[]}"""),
        Plain("POST /api/v1/config:convert", 400, body: "nothing", type: "application/octet-stream", path: "/api/v1/config:convert?from=nobody"),
    ];

    private static Task<string> Itself(TenantTree tree, string tenant) => Task.FromResult(tenant);

    private static Task<string> Stuck(TenantTree tree, string tenant) => Task.FromResult($"stuck.{tenant}.example");

    private static Task<string> DeletedAsync(TenantTree tree, string parent) => tree.KeptAsync(parent, "deleted-tenants", async () =>
    {
        var name = tree.NewTenantName(parent);
        await tree.PostAsync("tenants", $$"""{"name":"{{name}}","parent":"{{parent}}"}""");
        using var answer = await tree.Gateway.Api.DeleteAsync(new Uri($"api/v1/tenants/{name}?confirm={name}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return answer.Content.Headers.ContentLocation!.OriginalString.Split('/')[^2];
    });

    private static Ask Recipient(string domain) => new($"/api/v1/domains/{domain}/recipients/info") { Object = domain };

    /// <summary>The query names the node.</summary>
    private static EndpointExample InQuery(string operation, Func<TenantTree, string, Task<string>> path, string? body = null) =>
        new(operation, async (t, c) => new Ask(await path(t, c) + c, body) { Object = c }) { SeenWith = Permission.TenantsRead };

    private static async Task ResumeAsync(TenantTree tree, string tenant) =>
        Assert.Equal(System.Net.HttpStatusCode.OK, (await tree.Gateway.CallAsync(HttpMethod.Post, $"api/v1/tenants/{tenant}:resume")).Status);
}
