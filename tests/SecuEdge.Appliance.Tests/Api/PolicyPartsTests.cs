using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Rules, objects, word lists, groups and holidays of a tenant, one at a time, and the policy that comes of them.</summary>
public sealed class PolicyPartsTests(PolicyPartsTests.Fixture fixture) : IClassFixture<PolicyPartsTests.Fixture>
{
    private RunningGateway Gateway => fixture.Gateway;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Path, name, an item, the same changed.</summary>
    public static TheoryData<string, string, string, string> Parts => new()
    {
        { "rules", "no-films", """{"name":"no-films","then":[{"type":"tag","subject":"[a]"}]}""", """{"name":"no-films","then":[{"type":"quarantine","queue":"films"}]}""" },
        { "objects", "large", """{"name":"large","is":{"type":"size","atLeast":1000}}""", """{"name":"large","is":{"type":"size","atLeast":2000}}""" },
        { "word-lists", "secret", """{"name":"secret","words":[{"text":"alpha"}]}""", """{"name":"secret","words":[{"text":"beta","weight":2}]}""" },
        { "groups", "board", """{"name":"board","members":["a@x.example"]}""", """{"name":"board","members":["@x.example"]}""" },
        { "holidays", "2026-07-14", """{"date":"2026-07-14","name":"Fête"}""", """{"date":"2026-07-14","name":"Fête nationale"}""" },
        {
            "notice-templates", "brand", """{"name":"brand","texts":[{"language":"fr","subject":"Bloqué : {{subject}}","text":"De : {{ sender }}"}]}""",
            """{"name":"brand","replyTo":"help@x.example","texts":[{"language":"en","subject":"Blocked","text":"By {{rule}}","html":"<p>{{rule}}</p>"}]}"""
        },
    };

    /// <summary>Path, name, an item, the field that is wrong, part of the remedy.</summary>
    public static TheoryData<string, string, string, string, string> Wrong => new()
    {
        { "rules", "r", """{"name":"r","when":{"type":"all","of":[{"type":"pattern","pattern":"a("}]},"then":[{"type":"deliver"}]}""", "when.of[0].pattern", "character 2" },
        { "rules", "r", """{"name":"r","when":{"type":"object","name":"none"},"then":[{"type":"deliver"}]}""", "when.name", "there is no object 'none'" },
        { "rules", "r", """{"name":"r","then":[{"type":"discard"}]}""", "then[0].confirm", "" },
        { "rules", "r", """{"name":"r","then":[]}""", "then", "" },
        { "rules", "r", """{"name":"r","priority":101,"then":[{"type":"deliver"}]}""", "priority", "" },
        { "rules", "r", """{"name":"other","then":[{"type":"deliver"}]}""", "name", "make them the same" },
        { "rules", "R R", """{"name":"R R","then":[{"type":"deliver"}]}""", "name", "lower-case" },
        { "objects", "o", """{"name":"o","is":{"type":"not","of":{"type":"object","name":"o"}}}""", "is.of.name", "itself" },
        { "groups", "g", """{"name":"g","members":["nobody"]}""", "members[0]", "@example.com" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"{{who}}","text":"t"}"""), "texts[0].subject", "'{{who}}' is no placeholder; there are: {{action}}, {{attachments}}" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"s","text":"{{subject}"}"""), "texts[0].text", "write a placeholder as {{subject}}" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"a\r\nBcc: b@x.example","text":"t"}"""), "texts[0].subject", "one line" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"s","text":"t"},{"language":"EN","subject":"s","text":"t"}"""), "texts[1].language", "twice" },
        { "notice-templates", "n", Notice("""{"language":"english","subject":"s","text":"t"}"""), "texts[0].language", "fr-CH" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"s","text":" "}"""), "texts[0].text", "is empty" },
        { "notice-templates", "n", Notice(""), "texts", "one for each language" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"s","text":"t","html":"<a title='>' href='{{subject}}'>x</a>"}"""), "texts[0].html", "inside a tag" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"s","text":"t","html":"<style>p { color: red }</style><b>{{rule}}<style>{{subject}}"}"""), "texts[0].html", "or a style" },
        { "notice-templates", "n", Notice("""{"language":"en","subject":"s","text":"t","html":"<Script>alert(1)</script>"}"""), "texts[0].html", "'<Script'" },
        { "notice-templates", "n", """{"name":"n","replyTo":"us","texts":[{"language":"en","subject":"s","text":"t"}]}""", "replyTo", "name@example.com" },
        { "rules", "r", """{"name":"r","then":[{"type":"notify","whom":["administrator"],"template":"gone"}]}""", "then[0].template", "there are: blocked, delivered, quarantined, removed" },
        { "word-lists", "w", """{"name":"w","words":[{"text":""}]}""", "words[0]", "" },
    };

    private static string Notice(string texts) => $$"""{"name":"n","texts":[{{texts}}]}""";

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task An_item_is_made_read_listed_replaced_and_deleted(string path, string name, string item, string changed)
    {
        var tenant = await TenantAsync("parts-" + path);
        var address = $"api/v1/tenants/{tenant}/{path}/{name}";
        var (status, _, none) = await CallAsync(HttpMethod.Get, address);
        Assert.True(status == HttpStatusCode.NotFound, none);

        var (made, first, _) = await CallAsync(HttpMethod.Put, address, item);
        Assert.Equal(HttpStatusCode.OK, made);
        Assert.Equal(first, (await CallAsync(HttpMethod.Get, address)).Tag);
        Assert.Equal(1, (await Gateway.GetAsync($"api/v1/tenants/{tenant}/{path}")).GetProperty("items").GetArrayLength());

        var (replaced, second, body) = await CallAsync(HttpMethod.Put, address, changed, first);
        Assert.True(replaced == HttpStatusCode.OK, body);
        Assert.NotEqual(first, second);
        Assert.Equal(body, (await CallAsync(HttpMethod.Get, address)).Body);
        Assert.Equal(1, (await Gateway.GetAsync($"api/v1/tenants/{tenant}/{path}")).GetProperty("items").GetArrayLength());

        Assert.Equal(HttpStatusCode.NoContent, (await CallAsync(HttpMethod.Delete, address, null, second)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(HttpMethod.Get, address)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(HttpMethod.Delete, address)).Status);
        Assert.Equal(0, (await Gateway.GetAsync($"api/v1/tenants/{tenant}/{path}")).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Whoever_read_before_somebody_else_changed_it_is_told_to_read_again(string path, string name, string item, string changed)
    {
        var tenant = await TenantAsync("stale-" + path);
        var address = $"api/v1/tenants/{tenant}/{path}/{name}";
        var (_, first, _) = await CallAsync(HttpMethod.Put, address, item);
        await CallAsync(HttpMethod.Put, address, changed);

        var (status, _, body) = await CallAsync(HttpMethod.Put, address, item, first);
        Assert.True(status == HttpStatusCode.PreconditionFailed, body);
        Assert.Contains("read it again", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await CallAsync(HttpMethod.Delete, address, null, first)).Status);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(HttpMethod.Get, address)).Status);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_is_named_by_its_place_in_what_was_sent(string path, string name, string item, string field, string remedy)
    {
        var (status, _, body) = await CallAsync(HttpMethod.Put, $"api/v1/tenants/{await TenantAsync("wrong")}/{path}/{Uri.EscapeDataString(name)}", item);
        Assert.True(status == HttpStatusCode.BadRequest, $"{status}: {body}");
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.StartsWith(field, problem.GetProperty("field").GetString(), StringComparison.Ordinal);
        Assert.Contains(remedy, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_rules_use_cannot_be_taken_away()
    {
        var tenant = await TenantAsync("used");
        await CallAsync(HttpMethod.Put, $"api/v1/tenants/{tenant}/groups/board", """{"name":"board","members":["a@x.example"]}""");
        await CallAsync(HttpMethod.Put, $"api/v1/tenants/{tenant}/rules/vip", """{"name":"vip","when":{"type":"sender","groups":["board"]},"then":[{"type":"deliver"}]}""");
        var (status, _, body) = await CallAsync(HttpMethod.Delete, $"api/v1/tenants/{tenant}/groups/board");
        Assert.True(status == HttpStatusCode.BadRequest, $"{status}: {body}");
        Assert.Contains("there is no group 'board'", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_are_read_in_pages()
    {
        var tenant = await TenantAsync("pages");
        foreach (var name in new[] { "c", "a", "b" })
        {
            await CallAsync(HttpMethod.Put, $"api/v1/tenants/{tenant}/groups/{name}", $$"""{"name":"{{name}}","members":["a@x.example"]}""");
        }

        var first = await Gateway.GetAsync($"api/v1/tenants/{tenant}/groups?limit=2");
        var second = await Gateway.GetAsync($"api/v1/tenants/{tenant}/groups?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal(["a", "b", "c"], first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(g => g.GetProperty("name").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await CallAsync(HttpMethod.Get, $"api/v1/tenants/{tenant}/groups?limit=0")).Status);
    }

    [Fact]
    public async Task A_locked_rule_of_the_node_above_comes_first_and_cannot_be_replaced()
    {
        await CallAsync(HttpMethod.Post, "api/v1/tenants", """{"name":"upper","kind":"reseller"}""");
        await CallAsync(HttpMethod.Post, "api/v1/tenants", """{"name":"lower","parent":"upper","policy":{"profile":"strict","tagScore":3}}""");
        await CallAsync(HttpMethod.Put, "api/v1/tenants/upper/rules/wall", """{"name":"wall","locked":true,"priority":1,"when":{"type":"size","atLeast":5},"then":[{"type":"reject","text":"Too large"}]}""");
        await CallAsync(HttpMethod.Put, "api/v1/tenants/lower/rules/own", """{"name":"own","priority":100,"when":{"type":"size","atLeast":9},"then":[{"type":"deliver"}]}""");

        var policy = await Gateway.GetAsync("api/v1/policies/lower");
        Assert.Equal(("strict", 3), (policy.GetProperty("profile").GetString(), policy.GetProperty("tagScore").GetDouble()));
        var rules = policy.GetProperty("rules").EnumerateArray().Select(r => $"{r.GetProperty("node").GetString()} {r.GetProperty("rule").GetProperty("name").GetString()}").ToList();
        Assert.Equal(["upper wall", "lower own"], rules.Take(2));

        var (status, _, body) = await CallAsync(HttpMethod.Put, "api/v1/tenants/lower/rules/wall", """{"name":"wall","enabled":false,"then":[{"type":"deliver"}]}""");
        Assert.True(status == HttpStatusCode.BadRequest, body);
        Assert.Contains("'wall' is a locked rule of upper", body, StringComparison.Ordinal);

        var odd = (await Gateway.GetAsync("api/v1/policies/lower/contradictions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Contains(odd, c => c.GetProperty("rules").EnumerateArray().Select(r => r.GetString()).SequenceEqual(["wall", "own"]));
    }

    [Fact]
    public async Task A_rule_is_in_force_on_the_next_message_and_gone_after_its_deletion()
    {
        const string Mail = "From: me@sender.example\nSubject: Hello\n\nHello.\n";
        const string Address = "api/v1/tenants/acme/rules/closed";
        await CallAsync(HttpMethod.Put, Address, """{"name":"closed","when":{"type":"recipient","addresses":["closed@acme.example"]},"then":[{"type":"reject","text":"We are closed"}]}""");
        var refused = await Gateway.SendAsync(Mail, "closed@acme.example");
        Assert.Equal((550, "5.7.1"), (refused.Code, refused.EnhancedCode));
        Assert.StartsWith("We are closed [", refused.Text, StringComparison.Ordinal);
        Assert.Equal(250, (await Gateway.SendAsync(Mail)).Code);
        await CallAsync(HttpMethod.Delete, Address);
        Assert.Equal(250, (await Gateway.SendAsync(Mail, "closed@acme.example")).Code);
    }

    [Fact]
    public async Task Profiles_are_told_in_the_readers_language()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/profiles");
        request.Headers.AcceptLanguage.ParseAdd("fr");
        using var answer = await Gateway.Api.SendAsync(request, Cancelled);
        var french = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("items");
        var english = (await Gateway.GetAsync("api/v1/profiles")).GetProperty("items");
        Assert.Equal(["minimal", "standard", "strict"], english.EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        Assert.NotEqual(english[0].GetProperty("summary").GetString(), french[0].GetProperty("summary").GetString());
    }

    private async Task<string> TenantAsync(string name)
    {
        // There already is one after the first case of a theory.
        var (status, _, body) = await CallAsync(HttpMethod.Post, "api/v1/tenants", $$"""{"name":"{{name}}"}""");
        Assert.True(status is HttpStatusCode.Created or HttpStatusCode.Conflict, $"{status}: {body}");
        return name;
    }

    private async Task<(HttpStatusCode Status, string? Tag, string Body)> CallAsync(HttpMethod method, string path, string? json = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(ifMatch));
        }

        using var answer = await Gateway.Api.SendAsync(request, Cancelled);
        return (answer.StatusCode, answer.Headers.ETag?.Tag, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public RunningGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await RunningGateway.StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
