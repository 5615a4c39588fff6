using System.Text.Json;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.Store.Accounts;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>
/// Written down first, done afterwards: every endpoint of the OpenAPI document that changes something, asked while nothing can be written down.
/// </summary>
public sealed class AuditFirstTests
{
    /// <summary>What may answer well all the same, and why.</summary>
    private static readonly Dictionary<string, string> Harmless = new()
    {
        ["POST /api/v1/analyze"] = "judges a message and keeps nothing",
        ["POST /api/v1/config:plan"] = "only says what would change",
        ["POST /api/v1/config/revisions/{number}:rollback"] = "asked with plan=true",
        ["PUT /api/v1/tenants/{name}"] = "asked for what is so already",
        ["POST /api/v1/tenants/{name}:resume"] = "asked for what is so already",
        ["PUT /api/v1/domains/{name}"] = "asked for what is so already",
        ["POST /api/v1/domains/{name}:verify"] = "asked for what is so already",
        ["PUT /api/v1/domains/{name}/recipients"] = "asked for what is so already",
        ["POST /api/v1/config:apply"] = "asked for what is so already",
        ["DELETE /api/v1/users/{name}/sessions"] = "there are none to end",
        ["POST /api/v1/privacy:erase"] = "asked without apply, only says what would go",
        ["POST /api/v1/engines/{name}/convictions:release"] = "asked without apply, only says what would be released",
        ["POST /api/v1/tenants/{tenant}/notice-templates:preview"] = "shows a notice and sends none",
        ["POST /api/v1/tenants/{tenant}/rules:test"] = "tries a rule on facts of the caller's own",
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_cannot_be_written_down_is_not_done()
    {
        await using var tree = new TenantTree();
        await tree.InitializeAsync();
        List<(EndpointExample Example, Ask Ask)> asks = [];
        foreach (var example in EndpointExamples.All.Values.Where(e => !e.Operation.StartsWith("GET ", StringComparison.Ordinal)))
        {
            // What is to be deleted is made for it, and must not be what another example is to make.
            var node = example.Operation.StartsWith("DELETE /api/v1/tenants/{tenant}/", StringComparison.Ordinal) ? TenantTree.Sibling : example.Node;
            asks.Add((example, await example.Ask(tree, node)));
        }

        var before = await StateAsync(tree);
        await tree.Gateway.Service<AuditLog>().DisposeAsync();
        List<string> wrong = [];
        foreach (var (example, ask) in asks)
        {
            var method = new HttpMethod(example.Operation.Split(' ')[0]);
            var (status, body) = await tree.Gateway.CallAsync(method, ask.Path.TrimStart('/'), ask.Body, ask.Type);

            // An example that is wrong on purpose is refused for that, and what is for signed-in people refuses a token.
            var isRefused = (int)status >= 500 || ((int)status >= 400 && (example.Allowed >= 400 || example.IsOnlyAskedByTokens));
            if (!isRefused && !((int)status < 300 && (Harmless.ContainsKey(example.Operation) || OnlyProblems(body))))
            {
                wrong.Add($"{example.Operation}: {(int)status} {body}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(before, await StateAsync(tree));
    }

    /// <summary>Of many at once, each has its own result.</summary>
    private static bool OnlyProblems(string body) =>
        body.StartsWith('{') && JsonDocument.Parse(body).RootElement is var answer
        && answer.TryGetProperty("succeeded", out var succeeded) && succeeded.ValueKind == JsonValueKind.Number && succeeded.GetInt32() == 0;

    private static async Task<string> StateAsync(TenantTree tree)
    {
        var accounts = tree.Gateway.Service<AccountStore>();
        object?[] state =
        [
            tree.Gateway.Service<ISettingsStore>().Revision,
            accounts.Accounts.OrderBy(a => a.Id, StringComparer.Ordinal),
            accounts.Tokens.Select(t => t with { LastUsedAt = null, LastUsedFrom = "" }).OrderBy(t => t.Id, StringComparer.Ordinal),
            accounts.Sessions.Select(s => s.Id).Order(StringComparer.Ordinal),
            accounts.Delegations.OrderBy(d => d.Id, StringComparer.Ordinal),
            tree.Gateway.Service<Webhooks.WebhookStore>().All.Select(h => h with { FailingSince = null }),
            tree.Gateway.Service<HashListStore>().All.OrderBy(l => l.Name, StringComparer.Ordinal),
            await ReferencesAsync(tree, "quarantine"),
            await ReferencesAsync(tree, "queue"),
        ];
        return JsonSerializer.Serialize(state);
    }

    private static async Task<List<string>> ReferencesAsync(TenantTree tree, string list) =>
        [.. (await tree.Gateway.GetAsync($"api/v1/{list}?limit=200")).GetProperty("items").EnumerateArray()
            .Select(i => (i.TryGetProperty("message", out var message) ? message : i).GetProperty("reference").GetString()!).Order(StringComparer.Ordinal)];
}
