using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Settings;

/// <summary>What an import would change, line by line: <c>+</c> added, <c>-</c> removed, <c>~</c> changed. Tenants and domains are matched by name.</summary>
public static class SiteDifference
{
    public static IReadOnlyList<string> Between(Site before, Site after)
    {
        var lines = new List<string>();
        Compare("", JsonSerializer.SerializeToNode(before, SiteJson.Options), JsonSerializer.SerializeToNode(after, SiteJson.Options), lines);
        return lines;
    }

    /// <summary>What changes of one tenant; null where there was or will be none.</summary>
    public static IReadOnlyList<string> Between(string tenant, Tenant? before, Tenant? after) => Between(
        $"tenants[{tenant}]",
        before is null ? null : JsonSerializer.SerializeToNode(before, SiteJson.Options),
        after is null ? null : JsonSerializer.SerializeToNode(after, SiteJson.Options));

    public static IReadOnlyList<string> Between(string path, JsonNode? before, JsonNode? after)
    {
        var lines = new List<string>();
        Compare(path, before, after, lines);
        return lines;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<string> lines)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (before is JsonObject left && after is JsonObject right)
        {
            foreach (var key in left.Select(p => p.Key).Union(right.Select(p => p.Key)))
            {
                Compare(path.Length == 0 ? key : $"{path}.{key}", left[key], right[key], lines);
            }
        }
        else if (before is JsonArray leftItems && after is JsonArray rightItems)
        {
            CompareItems(path, leftItems, rightItems, lines);
        }
        else if (before is null)
        {
            lines.Add($"+ {path}: {Short(after)}");
        }
        else if (after is null)
        {
            lines.Add($"- {path}: {Short(before)}");
        }
        else
        {
            lines.Add($"~ {path}: {Short(before)} -> {Short(after)}");
        }
    }

    private static void CompareItems(string path, JsonArray before, JsonArray after, List<string> lines)
    {
        var left = Keyed(before);
        var right = Keyed(after);
        var found = lines.Count;
        foreach (var key in left.Keys.Union(right.Keys))
        {
            Compare($"{path}[{key}]", left.GetValueOrDefault(key), right.GetValueOrDefault(key), lines);
        }

        if (lines.Count == found)
        {
            lines.Add($"~ {path}: order changed");
        }
    }

    private static Dictionary<string, JsonNode?> Keyed(JsonArray items)
    {
        var keyed = new Dictionary<string, JsonNode?>();
        foreach (var item in items)
        {
            var name = item is JsonObject o && o["name"] is { } n ? n.ToString() : item?.ToJsonString() ?? "null";
            keyed.TryAdd(name, item);
        }

        return keyed;
    }

    private static string Short(JsonNode? node) => node?.ToJsonString() is { } text ? (text.Length > 2000 ? text[..1997] + "..." : text) : "null";
}
