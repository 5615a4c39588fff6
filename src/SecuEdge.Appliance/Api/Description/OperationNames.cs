using System.Text;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>
/// Names of operations for generated clients, made from method and path so that they change only when those do:
/// <c>GET /messages</c> is <c>listMessages</c>, <c>GET /messages/{reference}</c> is <c>getMessage</c>,
/// <c>POST /engines/{name}/convictions:release</c> is <c>releaseEngineConvictions</c>.
/// </summary>
internal static class OperationNames
{
    public static string Of(HttpMethod method, string path, bool isList)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipWhile(p => p is "api" or "v1").ToList();
        var deed = parts.Count > 0 && parts[^1].Split(':') is [.., var last] && parts[^1].Contains(':', StringComparison.Ordinal) ? last : null;
        List<string> nouns = [];
        for (var i = 0; i < parts.Count; i++)
        {
            var noun = parts[i].Split(':')[0];
            if (noun.StartsWith('{'))
            {
                continue;
            }

            var isOne = i + 1 < parts.Count && parts[i + 1].StartsWith('{');
            nouns.Add(Pascal(isOne ? Singular(noun) : noun));
        }

        return Camel(deed ?? Verb(method, isList)) + string.Concat(nouns);
    }

    /// <summary>What one element of a collection is called: <c>hash-lists</c> hash list.</summary>
    public static string Singular(string noun) => noun switch
    {
        _ when noun.EndsWith("ies", StringComparison.Ordinal) => noun[..^3] + "y",
        _ when noun.EndsWith("sses", StringComparison.Ordinal) => noun[..^2],
        _ when noun.EndsWith('s') && !noun.EndsWith("ss", StringComparison.Ordinal) && !noun.EndsWith("us", StringComparison.Ordinal) => noun[..^1],
        _ => noun,
    };

    private static string Verb(HttpMethod method, bool isList) => method.Method switch
    {
        "GET" => isList ? "list" : "get",
        "POST" => "create",
        "PUT" => "put",
        "PATCH" => "update",
        _ => method.Method.ToLowerInvariant(),
    };

    private static string Pascal(string words)
    {
        var name = new StringBuilder();
        foreach (var word in words.Split('-', '.', '_'))
        {
            name.Append(word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..]);
        }

        return name.ToString();
    }

    private static string Camel(string words) => Pascal(words) is { Length: > 0 } name ? char.ToLowerInvariant(name[0]) + name[1..] : "";
}
