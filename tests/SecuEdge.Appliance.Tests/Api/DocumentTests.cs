using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Api.Description;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Api.Requests;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Walks the OpenAPI document and collects everything that is not said. Whoever adds an endpoint hears of it here.</summary>
public sealed class DocumentTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    /// <summary>Places for any JSON: what stands there depends on what it is about.</summary>
    private static readonly HashSet<string> AnyJson = ["CloudEvent.data", "EffectiveSetting.value", "SettingChange.before", "SettingChange.after"];

    private ApiDocument Document { get; } = new(fixture.Document);

    [Fact]
    public void It_is_OpenAPI_3_1() => Assert.StartsWith("3.1", (string?)Document.Root["openapi"], StringComparison.Ordinal);

    [Fact]
    public void Every_operation_has_a_summary_a_tag_and_a_name_of_its_own()
    {
        List<string> missing = [.. from o in Document.Operations
                                   from field in new[] { "summary", "operationId" }
                                   where string.IsNullOrWhiteSpace((string?)o.Operation[field])
                                   select $"{o.Method} {o.Path}: no {field}"];
        missing.AddRange(Document.Operations.Where(o => o.Operation["tags"] is not JsonArray { Count: > 0 }).Select(o => $"{o.Method} {o.Path}: no tag"));
        missing.AddRange(Document.Operations.GroupBy(o => (string?)o.Operation["operationId"]).Where(g => g.Count() > 1)
            .Select(g => $"{g.Key}: is the name of {string.Join(" and ", g.Select(o => $"{o.Method} {o.Path}"))}; give one of them .WithName()"));
        Assert.Empty(missing);
        Assert.All(Document.Operations, o => Assert.Matches("^[a-z][A-Za-z0-9]+$", (string?)o.Operation["operationId"]));
    }

    [Fact]
    public void Every_tag_says_what_it_is()
    {
        var undescribed = Document.Root["tags"]!.AsArray().Where(t => ((string?)t!["description"])?.Length < 10).Select(t => $"{t!["name"]}: no sentence in TagTexts");
        Assert.Empty(undescribed);
    }

    [Fact]
    public void Every_parameter_is_described()
    {
        var undescribed = from o in Document.Operations
                          from p in Document.Parameters(o.Operation)
                          where string.IsNullOrWhiteSpace((string?)p["description"])
                          select $"{o.Method} {o.Path}: {p["name"]} has no [Description]";
        Assert.Empty(undescribed);
    }

    [Fact]
    public void Every_schema_and_every_property_is_described()
    {
        List<string> undescribed = [];
        foreach (var (name, schema) in Document.Schemas)
        {
            if (string.IsNullOrWhiteSpace((string?)schema!["description"]))
            {
                undescribed.Add($"{name}: the type has no XML summary");
            }

            foreach (var (property, place) in schema["properties"]?.AsObject() ?? [])
            {
                // Beside a reference stands what is special about this place; the target says what it is.
                if (string.IsNullOrWhiteSpace((string?)place!["description"]) && (place["$ref"] is null || string.IsNullOrWhiteSpace((string?)Document.Follow(place)["description"])))
                {
                    undescribed.Add($"{name}.{property}: no XML summary, and no word for it in words.json");
                }
            }
        }

        Assert.Empty(undescribed);
    }

    [Fact]
    public void Every_schema_says_what_it_is_made_of()
    {
        List<string> empty = [];
        foreach (var (name, schema) in Document.Schemas)
        {
            foreach (var (property, place) in schema!["properties"]?.AsObject() ?? [])
            {
                if (place!["type"] is null && place["$ref"] is null && place["oneOf"] is null && !AnyJson.Contains($"{name}.{property}"))
                {
                    empty.Add($"{name}.{property}");
                }
            }
        }

        Assert.Empty(empty);
    }

    [Fact]
    public void Every_body_has_an_example_that_is_taken()
    {
        List<string> wrong = [];
        foreach (var (path, method, operation) in Document.Operations)
        {
            foreach (var (type, media) in operation["requestBody"]?["content"]?.AsObject() ?? [])
            {
                if (media!["example"] is null && media["examples"] is null)
                {
                    wrong.Add($"{method} {path}: {type} has no example");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Examples_that_records_declare_are_valid()
    {
        var records = typeof(Problem).Assembly.GetTypes().Where(t => Examples.Declared(t) is not null).ToList();
        Assert.NotEmpty(records);
        foreach (var record in records)
        {
            var text = JsonSerializer.Serialize(Examples.Declared(record), record, ApiJson.Options);
            Assert.Empty(BodyCheck.Errors(JsonSerializer.Deserialize(text, record, ApiJson.Options)!, ApiJson.Options, Language.English));
        }
    }

    /// <summary>An array has no room for what a later version adds beside it, and clients read every list in one way.</summary>
    [Fact]
    public void No_answer_is_a_bare_list() => Assert.Empty(
        from o in Document.Operations
        from answer in o.Operation["responses"]!.AsObject()
        let schema = answer.Value!["content"]?["application/json"]?["schema"]
        where schema is not null && (string?)Document.Follow(schema)["type"] == "array"
        select $"{o.Method} {o.Path}");

    [Fact]
    public void Every_operation_tells_its_errors_as_problems()
    {
        List<string> wrong = [];
        foreach (var (path, method, operation) in Document.Operations)
        {
            var answers = operation["responses"]!.AsObject();
            var isOpen = operation["security"] is JsonArray { Count: 0 };
            string[] wanted = ["400", "429", "503", .. isOpen ? (string[])[] : ["401", "403"], .. path.Contains('{', StringComparison.Ordinal) ? (string[])["404"] : [],
                .. operation["requestBody"] is null ? (string[])[] : ["413", "415"], .. method == "GET" ? (string[])[] : ["409"]];
            wrong.AddRange(wanted.Where(s => answers[s] is null).Select(s => $"{method} {path}: does not tell of {s}"));
            foreach (var (status, answer) in answers.Where(a => a.Key[0] is '4' or '5'))
            {
                if ((string?)Document.Follow(answer!)["content"]?["application/problem+json"]?["schema"]?["$ref"] != "#/components/schemas/Problem")
                {
                    wrong.Add($"{method} {path}: {status} is no problem");
                }
            }

            if (!answers.Any(a => a.Key[0] is '2' or '3'))
            {
                wrong.Add($"{method} {path}: tells no success");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Variants_are_told_apart_by_their_discriminator()
    {
        foreach (var name in new[] { "Condition", "RuleAction" })
        {
            var schema = Document.Schemas[name]!;
            var mapping = schema["discriminator"]!["mapping"]!.AsObject();
            Assert.Equal(schema["oneOf"]!.AsArray().Count, mapping.Count);
            foreach (var (word, reference) in mapping)
            {
                var variant = Document.Follow(new JsonObject { ["$ref"] = reference!.GetValue<string>() });
                Assert.Equal(word, (string?)variant["properties"]!["type"]!["enum"]![0]);
                Assert.Contains("type", variant["required"]!.AsArray().Select(r => (string?)r));
            }
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/messages", true, "listMessages")]
    [InlineData("GET", "/api/v1/messages/{reference}", false, "getMessage")]
    [InlineData("POST", "/api/v1/engines/{name}/convictions:release", false, "releaseEngineConvictions")]
    [InlineData("PUT", "/api/v1/word-lists/{name}", false, "putWordList")]
    [InlineData("POST", "/api/v1/policies/{node}:backtest", false, "backtestPolicy")]
    [InlineData("GET", "/api/v1/system/status", false, "getSystemStatus")]
    public void Names_of_operations_come_from_method_and_path(string method, string path, bool isList, string name) =>
        Assert.Equal(name, OperationNames.Of(new HttpMethod(method), path, isList));

    [Fact]
    public void Every_language_has_every_text() =>
        Assert.All(Language.All, l => Assert.Equal(Language.English.Keys.Order(StringComparer.Ordinal), l.Keys.Order(StringComparer.Ordinal)));
}
