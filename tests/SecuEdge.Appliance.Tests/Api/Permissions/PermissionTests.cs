using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>
/// Every endpoint of the OpenAPI document, asked by everybody about an object of <see cref="TenantTree.Own"/>. What must come back follows from
/// the permission in the document, what the caller was granted, and the tree.
/// </summary>
public sealed class PermissionTests(PermissionTests.Fixture fixture) : IClassFixture<PermissionTests.Fixture>
{
    private const int Unknown = 401;
    private const int Forbidden = 403;

    private TenantTree Tree => fixture.Tree;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Operations => [.. EndpointExamples.All.Keys];

    [Fact]
    public void Every_endpoint_has_an_example_and_says_what_it_asks_for()
    {
        List<string> troubles =
        [
            .. fixture.Endpoints.Keys.Except(EndpointExamples.All.Keys).Select(e => $"{e}: has no example; add one to EndpointExamples"),
            .. EndpointExamples.All.Keys.Except(fixture.Endpoints.Keys).Select(e => $"{e}: has an example, but is not in the document"),
            .. EndpointExamples.All.Values.Where(e => fixture.Endpoints.TryGetValue(e.Operation, out var endpoint) && endpoint.Scope != e.Scope)
                .Select(e => $"{e.Operation}: x-scope is '{fixture.Endpoints[e.Operation].Scope}' and should be '{e.Scope}'"),
            .. fixture.Endpoints.Values.Where(e => e.Scope is not ("root" or "tenant" or "caller" or "anybody")).Select(e => $"{e.Operation}: has no x-scope"),
            .. fixture.Endpoints.Values.Where(e => e.Scope is "root" or "tenant" && e.Permission is null).Select(e => $"{e.Operation}: has no x-permission"),
        ];
        Assert.True(troubles.Count == 0, string.Join("\n", troubles));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task An_endpoint_answers_each_caller_as_the_table_says(string operation)
    {
        if (!fixture.Endpoints.TryGetValue(operation, out var endpoint))
        {
            Assert.Skip("not in the document; the first test says so");
        }

        var example = EndpointExamples.All[operation];
        var wrong = new List<string>();
        foreach (var caller in TestCaller.All.Where(c => c.Mailbox is null || !example.IsOnlyAskedByTokens))
        {
            var expected = Expected(endpoint, example, caller, example.Node);
            var answer = await fixture.SendAsync(caller, endpoint, await example.Ask(Tree, example.Node));
            if (answer.Status != expected)
            {
                wrong.Add($"{caller}: {answer.Status} instead of {expected}: {answer.Body}");
            }

            if (answer.Status == example.Allowed && example.Undo is { } undo)
            {
                await undo(Tree, example.Node);
            }

            wrong.AddRange(Leaks(caller, answer));
        }

        Assert.True(wrong.Count == 0, $"{operation}\n{string.Join("\n", wrong)}");
    }

    /// <summary>What every endpoint refuses before it looks at any object, so that it needs no example.</summary>
    [Fact]
    public async Task Every_endpoint_refuses_who_is_unknown_or_lacks_its_permission_everywhere()
    {
        var wrong = new List<string>();
        foreach (var endpoint in fixture.Endpoints.Values.Where(e => e.Scope != "anybody"))
        {
            var ask = new Ask(EndpointExample.WithoutPlaceholders(endpoint.Operation.Split(' ')[1]));
            foreach (var caller in TestCaller.All)
            {
                var expected = !caller.IsKnown ? Unknown
                    : endpoint.Permission is not { } permission ? 0
                    : !caller.Has(permission) || (endpoint.Scope == "root" && !caller.Has(permission, TenantTree.Provider)) ? Forbidden
                    : 0;
                if (expected != 0 && await fixture.SendAsync(caller, endpoint, ask) is var answer && answer.Status != expected)
                {
                    wrong.Add($"{endpoint.Operation}, {caller}: {answer.Status} instead of {expected}: {answer.Body}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task What_is_not_his_looks_like_what_is_not_there(string operation)
    {
        var example = EndpointExamples.All[operation];
        if (example.Missing is not { } missing || !fixture.Endpoints.TryGetValue(operation, out var endpoint))
        {
            return;
        }

        var callers = TestCaller.All.Where(c => c.IsKnown && !c.Has((endpoint.Permission ?? example.Decides)!.Value, example.Node) && Expected(endpoint, example, c, example.Node) == example.Foreign).ToList();
        Assert.NotEmpty(callers);
        foreach (var caller in callers)
        {
            var foreignAsk = await example.Ask(Tree, example.Node);
            var missingAsk = missing(Tree, example.Node);
            var foreign = await fixture.SendAsync(caller, endpoint, foreignAsk);
            var absent = await fixture.SendAsync(caller, endpoint, missingAsk);
            Assert.Equal(absent.Status, foreign.Status);
            Assert.Equal(absent.Comparable(missingAsk), foreign.Comparable(foreignAsk));
            Assert.Equal(absent.Headers, foreign.Headers);
        }
    }

    [Theory]
    [InlineData("messages", "recipient=info@{0}.example")]
    [InlineData("messages", "text=Affair-of-{0}")]
    [InlineData("messages", "text=Affair-of-{0}&state=quarantined&class=infected&limit=1")]
    [InlineData("quarantine", "recipient=info@{0}.example&class=infected")]
    public async Task A_search_for_others_mail_finds_as_little_as_one_for_nobodys(string list, string filter)
    {
        foreach (var caller in TestCaller.All.Where(c => c.Node is TenantTree.Own or TenantTree.Sibling && c.IsKnown && c.Has(Permission.MessagesRead)))
        {
            var foreign = await fixture.GetAsync(caller, $"/api/v1/{list}?" + string.Format(null, filter, TenantTree.Stranger));
            var nobody = await fixture.GetAsync(caller, $"/api/v1/{list}?" + string.Format(null, filter, "nobody"));
            Assert.Equal((200, """{"items":[]}"""), (foreign.Status, foreign.Body));
            Assert.Equal(nobody.Body, foreign.Body);
            Assert.Equal(nobody.Headers, foreign.Headers);
        }
    }

    [Fact]
    public async Task Audit_entries_are_numbered_for_those_who_see_all_of_them()
    {
        foreach (var caller in TestCaller.All.Where(c => c.IsKnown && c.Mailbox is null && c.Has(Permission.AuditRead)))
        {
            // The provider counts also where he asks for a part.
            var filter = caller.Node == TenantTree.Provider ? $"?tenant={TenantTree.Own}" : "";
            var items = JsonNode.Parse((await fixture.GetAsync(caller, $"/api/v1/audit{filter}")).Body)!["items"]!.AsArray();
            var first = (await fixture.GetAsync(caller, $"/api/v1/audit:export{filter}")).Body.Split('\n')[0];
            var isNumbered = caller.Node == TenantTree.Provider;
            Assert.NotEmpty(items);
            // With its hash the number of an entry could be found by trying.
            Assert.All(items.Append(JsonNode.Parse(first)), e => Assert.Equal(
                (isNumbered, isNumbered, isNumbered), ((long)e!["number"]! > 0, (string)e["hash"]! != "", (string)e["previousHash"]! != "")));
        }
    }

    [Theory]
    [InlineData("messages", "tenant")]
    [InlineData("quarantine", "tenant")]
    [InlineData("queue", "tenant")]
    [InlineData("domains", "tenant")]
    [InlineData("tenants", "parent")]
    [InlineData("tokens", "node")]
    [InlineData("users", "node")]
    [InlineData("config/revisions", "tenant")]
    [InlineData("audit", "tenant")]
    [InlineData("audit:export", "tenant")]
    [InlineData("webhooks", "tenant")]
    [InlineData("directories", "tenant")]
    [InlineData("events", "tenant")]
    public async Task A_list_of_a_foreign_node_is_not_there_like_that_of_none(string list, string filter)
    {
        foreach (var caller in TestCaller.All.Where(c => c.Node is TenantTree.Own or TenantTree.Sibling && c.IsKnown))
        {
            var foreign = await fixture.GetAsync(caller, $"/api/v1/{list}?{filter}={TenantTree.Stranger}");
            var nobody = await fixture.GetAsync(caller, $"/api/v1/{list}?{filter}=nobody");
            Assert.True(foreign.Status is 404 or 403, $"{caller}: {foreign.Status} {foreign.Body}");
            Assert.Equal(nobody.Status, foreign.Status);
            Assert.Equal(nobody.Body.Replace("nobody", TenantTree.Stranger, StringComparison.Ordinal), foreign.Body);
        }

        var provider = TestCaller.All.Single(c => c.Name == "provider");
        Assert.Equal(404, (await fixture.GetAsync(provider, $"/api/v1/{list}?{filter}=nobody")).Status);
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("quarantine")]
    [InlineData("queue")]
    public async Task A_list_in_pages_has_all_of_the_own_and_nothing_else(string list)
    {
        foreach (var caller in TestCaller.All.Where(c => c.IsKnown && c.Mailbox is null && c.Has(Permission.MessagesRead)))
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var answer = await fixture.GetAsync(caller, $"/api/v1/{list}?limit=1{(cursor is null ? "" : $"&cursor={cursor}")}");
                Assert.Equal(200, answer.Status);
                var page = JsonNode.Parse(answer.Body)!;
                foreach (var item in page["items"]!.AsArray().Select(i => i!["message"] ?? i!))
                {
                    // Notices that other tests caused are here, too: what they have in common is the tenant.
                    Assert.True(TenantTree.IsWithin((string)item["tenant"]!, caller.Node!), $"{caller}: {item}");
                    seen.Add((string)item["reference"]!);
                }

                cursor = (string?)page["next"];
            }
            while (cursor is not null);
            var own = TenantTree.Customers.Where(c => TenantTree.IsWithin(c, caller.Node!)).Select(c => Tree.Objects[c]);
            var expected = own.SelectMany<TenantObjects, string>(o => list switch
            {
                "messages" => [o.Delivered, o.Quarantined, o.Queued],
                "quarantine" => [o.Quarantined],
                _ => [o.Queued],
            });
            Assert.Empty(expected.Except(seen));
            Assert.Empty(seen.Intersect(Tree.IdentifiersOutside(caller.Node!)));
            Assert.Equal(seen.Count, seen.Distinct().Count());
        }
    }

    /// <summary>The answer to a deletion is the export, mail included.</summary>
    [Fact]
    public async Task Whoever_may_not_export_a_tenant_does_not_get_its_mail_by_deleting_it()
    {
        var name = Tree.NewTenantName(TenantTree.ParentOne);
        await Tree.PostAsync("tenants", $$"""{"name":"{{name}}","parent":"{{TenantTree.ParentOne}}"}""");
        var manager = new TestCaller("manages tenants and nothing else", TenantTree.ParentOne, [Permission.TenantsRead, Permission.TenantsManage]);
        using var client = Tree.Gateway.ClientOf(await TestTokens.AddAsync(Tree.Gateway, manager));

        using var refused = await client.DeleteAsync(new Uri($"api/v1/tenants/{name}?confirm={name}", UriKind.Relative), Cancelled);
        Assert.Equal(Forbidden, (int)refused.StatusCode);
        Assert.Contains("privacyManage", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await Tree.Gateway.CallAsync(HttpMethod.Get, $"api/v1/tenants/{name}")).Status);
    }

    /// <summary>The one table.</summary>
    private static int Expected(Endpoint endpoint, EndpointExample example, TestCaller caller, string tenant)
    {
        if (endpoint.Scope == "anybody")
        {
            return example.Allowed;
        }

        if (!caller.IsKnown)
        {
            return Unknown;
        }

        if (endpoint.Scope == "caller")
        {
            return example.Decides is not { } decides || caller.Has(decides, tenant) ? example.Allowed : example.Foreign;
        }

        var permission = endpoint.Permission!.Value;
        return !caller.Has(permission) ? Forbidden
            : endpoint.Scope == "root" ? (caller.Has(permission, TenantTree.Provider) ? example.Allowed : Forbidden)
            : caller.Has(permission, example.IsDecidedAbove ? TenantTree.ParentOf(tenant) : tenant) ? (example.IsNotForBoundTokens && caller.Networks.Count > 0 ? Forbidden : example.Allowed)
            : caller.Has(permission, tenant) ? Forbidden
            : example.SeenWith is { } seen && caller.Has(seen, tenant) ? Forbidden
            : example.Foreign;
    }

    /// <summary>Whatever he asked for, the answer tells nothing of others that he did not say himself.</summary>
    private IEnumerable<string> Leaks(TestCaller caller, Answer answer) =>
        Tree.IdentifiersOutside(caller.IsKnown ? caller.Node! : TenantTree.Own)
            .Where(i => answer.Body.Contains(i, StringComparison.OrdinalIgnoreCase) && !answer.Asked.Contains(i, StringComparison.OrdinalIgnoreCase))
            .Select(i => $"{caller}: the answer to {answer.Asked} tells '{i}': {answer.Body}")
            .Take(1);

    /// <summary>An endpoint as the document describes it.</summary>
    internal sealed record Endpoint(string Operation, string Scope, Permission? Permission);

    /// <param name="Asked">Path and body of the request.</param>
    internal sealed record Answer(int Status, string Body, string Headers, string Asked)
    {
        /// <summary>The body without what the caller said himself and without the id of the request.</summary>
        public string Comparable(Ask ask)
        {
            var body = JsonNode.Parse(Body);
            if (body is JsonObject problem)
            {
                problem.Remove("traceId");
            }

            var text = body?.ToJsonString() ?? "";
            return ask.Object.Length == 0 ? text : text.Replace(ask.Object, "OBJECT", StringComparison.OrdinalIgnoreCase);
        }
    }

    public sealed class Fixture : IAsyncLifetime
    {
        // Of each answer alone, or of the connection.
        private static readonly string[] OwnHeaders = ["Date", "Content-Length", "Alt-Svc", "traceparent"];

        private readonly Dictionary<TestCaller, HttpClient> _clients = [];

        public TenantTree Tree { get; } = new();

        internal Dictionary<string, Endpoint> Endpoints { get; } = [];

        public async ValueTask InitializeAsync()
        {
            await Tree.InitializeAsync();
            foreach (var caller in TestCaller.All)
            {
                _clients[caller] = caller.Mailbox is not null ? await TestUsers.SignInAsync(Tree, caller)
                    : Tree.Gateway.ClientOf(caller.Secret ?? (caller.Node is null ? null : await TestTokens.AddAsync(Tree.Gateway, caller)));
            }

            var (status, text) = await Tree.Gateway.CallAsync(HttpMethod.Get, "api/v1/openapi.json");
            Assert.True(status == System.Net.HttpStatusCode.OK, text);
            using var document = JsonDocument.Parse(text);
            foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
            {
                foreach (var method in path.Value.EnumerateObject().Where(m => m.Name is "get" or "put" or "post" or "delete" or "patch" or "head" or "options"))
                {
                    var operation = $"{method.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}";
                    var isOpen = method.Value.TryGetProperty("security", out var security) && security.GetArrayLength() == 0;
                    var scope = method.Value.TryGetProperty("x-scope", out var s) ? s.GetString()! : isOpen ? "anybody" : "";
                    var permission = method.Value.TryGetProperty("x-permission", out var p) ? Enum.Parse<Permission>(p.GetString()!, ignoreCase: true) : (Permission?)null;
                    Endpoints.Add(operation, new Endpoint(operation, scope, permission));
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var client in _clients.Values)
            {
                client.Dispose();
            }

            await Tree.DisposeAsync();
        }

        internal Task<Answer> GetAsync(TestCaller caller, string path) => SendAsync(caller, HttpMethod.Get, new Ask(path));

        internal Task<Answer> SendAsync(TestCaller caller, Endpoint endpoint, Ask ask) => SendAsync(caller, new HttpMethod(endpoint.Operation.Split(' ')[0]), ask);

        private async Task<Answer> SendAsync(TestCaller caller, HttpMethod method, Ask ask)
        {
            using var request = new HttpRequestMessage(method, new Uri(ask.Path, UriKind.Relative));
            request.Content = ask.Body is null ? null : new StringContent(ask.Body, Encoding.Latin1, MediaTypeHeaderValue.Parse(ask.Type));
            using var answer = await _clients[caller].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
            var headers = answer.Headers.Concat(answer.Content.Headers)
                .Where(h => !OwnHeaders.Contains(h.Key, StringComparer.OrdinalIgnoreCase))
                .OrderBy(h => h.Key, StringComparer.OrdinalIgnoreCase)
                .Select(h => $"{h.Key}: {string.Join(", ", h.Value)}");

            // Live events have no end.
            var body = answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await answer.Content.ReadAsStringAsync(Cancelled);
            return new Answer((int)answer.StatusCode, body, string.Join("\n", headers), $"{ask.Path} {ask.Body}");
        }
    }
}
