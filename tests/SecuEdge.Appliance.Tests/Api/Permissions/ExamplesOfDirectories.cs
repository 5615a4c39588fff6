using SecuEdge.Appliance.Access;
using static SecuEdge.Appliance.Tests.Api.Permissions.EndpointExample;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Examples of directories. Nobody listens where they are said to be: what is asked here is who may.</summary>
internal static class ExamplesOfDirectories
{
    private const string None = "none-1";

    public static IEnumerable<EndpointExample> All =>
    [
        List("GET /api/v1/directories"),
        InBody("POST /api/v1/directories", (t, c) => New(c, $"dir-{t.NewTenantName(c)}"), 201) with { SeenWith = Permission.TenantsRead },
        Object("GET /api/v1/directories/{name}", None, DirectoryAsync),
        new("PUT /api/v1/directories/{name}", async (t, c) => Change(await DirectoryAsync(t, c))) { SeenWith = Permission.TenantsRead, Missing = (_, _) => Change(None) },
        Object("DELETE /api/v1/directories/{name}", None, DirectoryAsync, 204, Permission.TenantsRead),
        Object("POST /api/v1/directories/{name}:test", None, DirectoryAsync, seenWith: Permission.TenantsRead),
        Object("POST /api/v1/directories/{name}:sync", None, DirectoryAsync, seenWith: Permission.TenantsRead),
        Object("GET /api/v1/directories/{name}/groups", None, DirectoryAsync),
    ];

    private static Ask Change(string name) => new($"/api/v1/directories/{name}", $$"""{"settings":{{Settings(name, minutes: 60)}}}""") { Object = name };

    private static string New(string tenant, string name) => $$"""{"tenant":"{{tenant}}","settings":{{Settings(name)}}}""";

    private static string Settings(string name, int minutes = 30) => $$"""{"name":"{{name}}","intervalMinutes":{{minutes}},"kind":"openLdap","addresses":["127.0.0.1:1025"],"base":"dc=corp,dc=example","enabled":false}""";

    private static Task<string> DirectoryAsync(TenantTree tree, string tenant) => tree.KeptAsync(
        tenant, "directories", async () => (await tree.PostAsync("directories", New(tenant, $"dir-{tree.NewTenantName(tenant)}"))).GetProperty("name").GetString()!);
}
