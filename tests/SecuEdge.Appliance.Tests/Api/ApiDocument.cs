using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Reads an OpenAPI document: its operations, with references followed.</summary>
internal sealed class ApiDocument(JsonObject root)
{
    public JsonObject Root => root;

    public IEnumerable<(string Path, string Method, JsonObject Operation)> Operations =>
        from path in root["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Value is JsonObject
        select (path.Key, operation.Key.ToUpperInvariant(), operation.Value!.AsObject());

    public JsonObject Schemas => root["components"]!["schemas"]!.AsObject();

    /// <summary>What a reference points to; what is none, itself.</summary>
    public JsonObject Follow(JsonNode node)
    {
        var at = node.AsObject();
        while (at["$ref"]?.GetValue<string>() is { } reference)
        {
            at = reference[2..].Split('/').Aggregate((JsonNode)root, (n, part) => n[part.Replace("~1", "/", StringComparison.Ordinal)]!).AsObject();
        }

        return at;
    }

    public IEnumerable<JsonObject> Parameters(JsonObject operation) => (operation["parameters"]?.AsArray() ?? []).Select(p => Follow(p!));
}
