using System.Globalization;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;
using static SecuEdge.Appliance.Tests.Api.Permissions.EndpointExample;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Examples of users, tokens, sessions, delegations, and of what a caller does to himself.</summary>
internal static class ExamplesOfAccess
{
    private const string NoUser = "nobody.1";
    private const string Password = """{"password":"a meadow full of sheep"}""";

    public static IEnumerable<EndpointExample> All => [.. Users, .. Tokens, .. Delegations, .. Sessions, .. Own];

    private static IEnumerable<EndpointExample> Users =>
    [
        List("GET /api/v1/users"),
        InBody("POST /api/v1/users", (t, c) => User(t.NewDottedName(c), c), 201) with { Foreign = 400, IsNotForBoundTokens = true },
        Object("GET /api/v1/users/{name}", NoUser, UserAsync),
        Object("PATCH /api/v1/users/{name}", NoUser, UserAsync, body: """{"displayName":"As before"}"""),
        Object("DELETE /api/v1/users/{name}", NoUser, UserAsync, 204),
        Object("PUT /api/v1/users/{name}/password", NoUser, UserAsync, 204, body: Password) with { IsNotForBoundTokens = true },
        Object("DELETE /api/v1/users/{name}/totp", NoUser, UserAsync, 204) with { IsNotForBoundTokens = true },
        Object("GET /api/v1/users/{name}/passkeys", NoUser, UserAsync),
        Object("DELETE /api/v1/users/{name}/passkeys", NoUser, UserAsync, 204) with { IsNotForBoundTokens = true },
        Object("DELETE /api/v1/users/{name}/passkeys/{id}", NoUser, UserAsync, 204) with { Ask = PasskeyAsync, IsNotForBoundTokens = true },
        Object("DELETE /api/v1/users/{name}/sessions", NoUser, UserAsync, 204),
    ];

    private static IEnumerable<EndpointExample> Tokens =>
    [
        List("GET /api/v1/tokens"),
        InBody("POST /api/v1/tokens", (_, c) => Token(c), 201) with { Foreign = 400 },
        Object("GET /api/v1/tokens/{id}", "t_none", TokenAsync),
        Object("PATCH /api/v1/tokens/{id}", "t_none", TokenAsync, body: """{"comment":"As before"}"""),
        Object("DELETE /api/v1/tokens/{id}", "t_none", TokenAsync, 204),
    ];

    /// <summary>Who was given one may see it without managing anybody, so the endpoint asks only for a caller.</summary>
    private static IEnumerable<EndpointExample> Delegations =>
    [
        List("GET /api/v1/delegations") with { Scope = "caller" },
        InBody("POST /api/v1/delegations", Delegation, 201) with { Foreign = 400, IsNotForBoundTokens = true },
        Object("GET /api/v1/delegations/{id}", "d_none", DelegationAsync) with { Scope = "caller", Decides = Permission.AccessManage },
        Object("DELETE /api/v1/delegations/{id}", "d_none", DelegationAsync, 204) with { Scope = "caller", Decides = Permission.AccessManage },
    ];

    private static IEnumerable<EndpointExample> Sessions =>
    [
        new("GET /api/v1/sessions", async (t, c) => SessionsOf(await UserAsync(t, c)))
        {
            Scope = "caller",
            Decides = Permission.AccessManage,
            Missing = (_, _) => SessionsOf(NoUser),
        },
        Object("DELETE /api/v1/sessions/{id}", "s_none", SessionAsync, 204) with { Scope = "caller", Decides = Permission.AccessManage },

        // Nobody is asked who he is before he has said it: only what is missing in the form.
        Plain("POST /api/v1/login", 400, body: "{}") with { Scope = "anybody" },
        Plain("POST /api/v1/login/passkey:begin", 404, body: """{"purpose":"signIn"}""") with { Scope = "anybody" },
        Plain("POST /api/v1/login/passkey", 400, body: "{}") with { Scope = "anybody" },
        Plain("GET /api/v1/login", 200) with { Scope = "anybody" },
        Plain("GET /api/v1/login/oidc", 404) with { Scope = "anybody" },
        Plain("GET /api/v1/login/oidc/callback", 404) with { Scope = "anybody" },
        OfPeople("POST /api/v1/logout"),
    ];

    /// <summary>A token is not a person: it is told so, whoever it belongs to.</summary>
    private static IEnumerable<EndpointExample> Own =>
    [
        Plain("GET /api/v1/me") with { Scope = "caller" },
        Plain("GET /api/v1/roles") with { Scope = "caller" },
        OfPeople("PUT /api/v1/me/password", """{"password":"a meadow full of cows","newPassword":"a meadow full of sheep"}"""),
        OfPeople("POST /api/v1/me/totp", Password),
        OfPeople("POST /api/v1/me/totp:confirm", """{"code":"123456"}"""),
        OfPeople("POST /api/v1/me/totp:remove", Password),
        OfPeople("POST /api/v1/me/recovery-codes", Password),
        Plain("GET /api/v1/me/passkeys") with { Scope = "caller" },
        OfPeople("POST /api/v1/me/passkeys:begin", Password),
        OfPeople("POST /api/v1/me/passkeys", """{"name":"Laptop","answer":{"challenge":"none","credential":{}}}"""),
        OfPeople("PATCH /api/v1/me/passkeys/{id}", """{"name":"Laptop"}"""),
        OfPeople("POST /api/v1/me/passkeys/{id}:remove", Password),
    ];

    private static EndpointExample OfPeople(string operation, string? body = null) => Plain(operation, 409, body: body) with { Scope = "caller", IsOnlyAskedByTokens = true };

    private static string User(string name, string tenant) => $$"""{"name":"{{name}}","node":"{{tenant}}","roles":[{"role":"auditor","node":"{{tenant}}"}]}""";

    /// <summary>From here alone, so that a token which is bound to its addresses can make it, too.</summary>
    private static string Token(string tenant) => $$"""{"name":"of {{tenant}}","node":"{{tenant}}","permissions":["messagesRead"],"networks":["127.0.0.1/32"]}""";

    private static string Delegation(TenantTree tree, string tenant)
    {
        var end = tree.Gateway.Service<TimeProvider>().GetUtcNow().AddDays(1).ToString("O", CultureInfo.InvariantCulture);
        return $$"""{"node":"{{tenant}}","role":"helpdesk","staffOf":"provider","consent":"Please look at our mail.","expiresAt":"{{end}}"}""";
    }

    private static Task<string> UserAsync(TenantTree tree, string tenant) => tree.KeptAsync(
        tenant, "users", async () => (await tree.PostAsync("users", User(tree.NewDottedName(tenant), tenant))).GetProperty("name").GetString()!);

    /// <summary>A key that nobody holds: it is only there to be removed.</summary>
    private static async Task<Ask> PasskeyAsync(TenantTree tree, string tenant)
    {
        var store = tree.Gateway.Service<AccountStore>();
        var name = await UserAsync(tree, tenant);
        var passkey = new Passkey { Id = Secrets.NewId("k"), Name = "Laptop", CredentialId = Secrets.NewKey(), PublicKey = "" };
        await store.ChangeAsync(
            draft =>
            {
                var account = store.FindAccountByName(name)!;
                draft.Put(account with { Passkeys = [.. account.Passkeys, passkey] });
                return true;
            },
            TestContext.Current.CancellationToken);
        return new Ask($"/api/v1/users/{name}/passkeys/{passkey.Id}") { Object = name };
    }

    private static Task<string> TokenAsync(TenantTree tree, string tenant) => tree.KeptAsync(
        tenant, "tokens", async () => (await tree.PostAsync("tokens", Token(tenant))).GetProperty("token").GetProperty("id").GetString()!);

    private static Task<string> DelegationAsync(TenantTree tree, string tenant) => tree.KeptAsync(
        tenant, "delegations", async () => (await tree.PostAsync("delegations", Delegation(tree, tenant))).GetProperty("id").GetString()!);

    private static Ask SessionsOf(string user) => new($"/api/v1/sessions?user={user}") { Object = user };

    /// <summary>Past the login, which takes its time.</summary>
    private static async Task<string> SessionAsync(TenantTree tree, string tenant)
    {
        var store = tree.Gateway.Service<AccountStore>();
        var account = store.FindAccountByName(await UserAsync(tree, tenant))!;
        var now = tree.Gateway.Service<TimeProvider>().GetUtcNow();
        var session = new LoginSession { Id = Secrets.NewId("s"), Hash = Secrets.Hash(Secrets.NewSession()), AccountId = account.Id, CreatedAt = now, LastSeenAt = now };
        await store.ChangeAsync(
            draft =>
            {
                draft.Put(session);
                return true;
            },
            TestContext.Current.CancellationToken);
        return tree.Register(tenant, session.Id);
    }
}
