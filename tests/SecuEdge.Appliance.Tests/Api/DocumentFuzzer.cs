using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Makes requests from an OpenAPI document: as it says, and wrong in many ways. The same seed makes the same requests.</summary>
internal sealed class DocumentFuzzer(ApiDocument document, Random random)
{
    /// <summary>What stands in for text that no JSON writer would write; see <see cref="Text"/>.</summary>
    private const string RawMark = "@@raw";

    private const int Deepest = 5;

    /// <summary>Without a null character: the HTTP server refuses that before our code sees the request.</summary>
    private static readonly string[] Names = ["acme", "shop", "provider", "clamav", "acme.example", "info@acme.example", "none", "a", "..", "%2e%2e", "é", "x y", "'\"<>", "0", "-1", "*", "%01"];

    private static readonly string[] Strings =
        ["", " ", "acme", "acme.example", "info@acme.example", "provider", "2026-11-23T08:00:00Z", "00:00:01", "127.0.0.1", "10.0.0.0/8", "\0", "\u202e", "é\u0301", "𝕏", "../../etc/passwd", "'; drop", "${x}", "(a+)+$", "[", "*", "se_1"];

    private static readonly string[] Raw =
        ["1e400", "-1e400", "9223372036854775808", "1.5", "\"\\ud800\"", "\"\\u0000\"", "NaN", "0x10", "01", "", "'x'", "{\"a\":1,\"a\":2}", "[[[[[]]]]]", "/* */1"];

    public (string Path, string? Body, string Type) Next(string path, JsonObject operation)
    {
        var url = new StringBuilder(path.TrimStart('/'));
        List<string> query = [];
        foreach (var parameter in document.Parameters(operation))
        {
            var name = (string)parameter["name"]!;
            if ((string?)parameter["in"] == "path")
            {
                url.Replace($"{{{name}}}", Escape(Pick(Names)));
            }
            else if ((string?)parameter["in"] == "query" && (random.Next(3) == 0 || ((bool?)parameter["required"] ?? false)))
            {
                query.Add($"{name}={Escape(random.Next(2) == 0 ? Pick(Strings) : Plain(parameter["schema"]))}");
            }
        }

        if (query.Count > 0)
        {
            url.Append('?').AppendJoin('&', query);
        }

        var (body, type) = Body(operation);
        return (url.ToString(), body, type);
    }

    private (string? Body, string Type) Body(JsonObject operation)
    {
        if (operation["requestBody"]?["content"]?.AsObject() is not { Count: > 0 } content)
        {
            return (null, "application/json");
        }

        var (type, media) = content.ElementAt(random.Next(content.Count));
        if (!type.Contains("json", StringComparison.Ordinal))
        {
            return (random.Next(4) == 0 ? new string('x', 5000) : Pick(Strings) + "\r\n" + (string?)media!["example"], type);
        }

        var node = random.Next(3) == 0 ? media!["example"]?.DeepClone() : Value(media!["schema"], 0);
        for (var i = random.Next(4); i > 0; i--)
        {
            node = Mutate(node, 0);
        }

        return random.Next(12) switch
        {
            0 => (Text(node)[..random.Next(Text(node).Length)], type),
            1 => (string.Concat(Enumerable.Repeat("[", 2000)), type),
            2 => (Pick(Raw), type),
            3 => (Text(node), "text/plain"),
            _ => (Text(node), type),
        };
    }

    /// <summary>A value as the schema asks for it.</summary>
    private JsonNode? Value(JsonNode? place, int depth)
    {
        if (place is null)
        {
            return null;
        }

        var schema = document.Follow(place);
        if (schema["oneOf"] is JsonArray variants)
        {
            var chosen = variants[random.Next(variants.Count)];
            return depth > Deepest ? null : Value(chosen, depth + 1);
        }

        if (schema["enum"] is JsonArray words)
        {
            return words[random.Next(words.Count)]?.DeepClone();
        }

        return Kind(schema) switch
        {
            "object" => Object(schema, depth),
            "array" => depth > Deepest ? [] : new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(schema["items"], depth + 1))]),
            "integer" => random.Next(4) switch { 0 => -1, 1 => int.MaxValue, _ => random.Next(100) },
            "number" => random.Next(4) switch { 0 => -0.5, 1 => double.MaxValue, _ => random.Next(100) / 10.0 },
            "boolean" => random.Next(2) == 0,
            "string" => Plain(schema),
            _ => null,
        };
    }

    private JsonObject Object(JsonObject schema, int depth)
    {
        var value = new JsonObject();
        var required = schema["required"]?.AsArray().Select(r => (string)r!).ToHashSet() ?? [];
        foreach (var (name, place) in schema["properties"]?.AsObject() ?? [])
        {
            if (required.Contains(name) || (depth <= Deepest && random.Next(2) == 0))
            {
                value[name] = Value(place, depth + 1);
            }
        }

        if (schema["additionalProperties"] is JsonObject entries && depth <= Deepest)
        {
            value[Pick(Strings)] = Value(entries, depth + 1);
        }

        return value;
    }

    private string Plain(JsonNode? place) => (string?)place?["format"] switch
    {
        "date-time" => "2026-11-23T08:00:00Z",
        "date" => "2026-11-23",
        "time" => "08:00:00",
        "uri" => "https://example.com/",
        "int32" or "int64" => random.Next(300).ToString(CultureInfo.InvariantCulture),
        "email" => "eva@acme.example",
        _ => random.Next(3) == 0 ? $"n{random.Next(1000)}" : Pick(Strings),
    };

    /// <summary>One thing somewhere inside becomes wrong.</summary>
    private JsonNode? Mutate(JsonNode? node, int depth)
    {
        if (node is JsonObject { Count: > 0 } members && random.Next(4) != 0)
        {
            var name = members.ElementAt(random.Next(members.Count)).Key;
            switch (random.Next(6))
            {
                case 0:
                    members.Remove(name);
                    break;
                case 1:
                    members[Pick(Strings) + "x"] = Wrong();
                    break;
                default:
                    var inner = members[name];
                    members.Remove(name);
                    members[name] = Mutate(inner, depth + 1);
                    break;
            }

            return members;
        }

        if (node is JsonArray { Count: > 0 } elements && random.Next(4) != 0)
        {
            var at = random.Next(elements.Count);
            var inner = elements[at];
            elements.RemoveAt(at);
            elements.Insert(at, Mutate(inner, depth + 1));
            return elements;
        }

        return Wrong();
    }

    private JsonNode? Wrong() => random.Next(12) switch
    {
        0 => null,
        1 => true,
        2 => -1,
        3 => 1.5,
        4 => long.MaxValue,
        5 => new JsonArray(),
        6 => new JsonObject(),
        7 => new string('y', 100_000),
        8 => Nested(100),
        9 => new JsonArray((JsonNode?)null),
        10 => RawMark + random.Next(Raw.Length).ToString("00", CultureInfo.InvariantCulture),
        _ => Pick(Strings),
    };

    private static JsonNode Nested(int depth)
    {
        JsonNode node = new JsonObject { ["type"] = "any", ["of"] = new JsonArray() };
        for (var i = 0; i < depth; i++)
        {
            node = new JsonObject { ["type"] = i % 2 == 0 ? "not" : "all", ["of"] = i % 2 == 0 ? node : new JsonArray(node) };
        }

        return node;
    }

    private static string Text(JsonNode? node)
    {
        var text = node?.ToJsonString(new System.Text.Json.JsonSerializerOptions { MaxDepth = 2000 }) ?? "null";
        for (var i = 0; i < Raw.Length; i++)
        {
            text = text.Replace($"\"{RawMark}{i:00}\"", Raw[i], StringComparison.Ordinal);
        }

        return text;
    }

    private static string? Kind(JsonObject schema) => schema["type"] is JsonArray kinds ? (string?)kinds.First(k => (string?)k != "null") : (string?)schema["type"];

    private string Pick(string[] from) => from[random.Next(from.Length)];

    /// <summary>Names that are escapes already stay so: the server must cope with those, too.</summary>
    private static string Escape(string text) => text.StartsWith('%') ? text : text is ".." ? "%2E%2E" : Uri.EscapeDataString(text);
}
