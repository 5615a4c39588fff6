using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// What a change of the settings does: as data, and line by line for people, <c>+</c> added, <c>-</c> removed, <c>~</c> changed. Items of lists are matched by
/// name. What is secret is never in it: histories are read by more people, and longer, than settings.
/// </summary>
public static class SiteDifference
{
    /// <summary>A rule of some hundred conditions is shown whole.</summary>
    private const int MaxValue = 64 * 1024;
    private const int ShownOfLonger = 16 * 1024;

    /// <summary>Of all values together, so that an answer stays one that a page can show.</summary>
    private const int MaxValues = 4 << 20;
    private const int ShownBeyond = 500;

    private const string Hidden = "(hidden)";
    private static readonly string[] SecretWords = ["password", "secret"];

    public static IReadOnlyList<string> Between(Site before, Site after) =>
        Lines(Changes("", JsonSerializer.SerializeToNode(before, SiteJson.Options), JsonSerializer.SerializeToNode(after, SiteJson.Options)));

    /// <summary>What changes of one tenant; null where there was or will be none.</summary>
    public static IReadOnlyList<SettingChange> Changes(string tenant, Tenant? before, Tenant? after) => Changes(
        $"tenants[{tenant}]",
        before is null ? null : JsonSerializer.SerializeToNode(before, SiteJson.Options),
        after is null ? null : JsonSerializer.SerializeToNode(after, SiteJson.Options));

    public static IReadOnlyList<SettingChange> Changes(string path, JsonNode? before, JsonNode? after)
    {
        var found = new List<SettingChange>();
        Compare(path, before, after, found);
        return found;
    }

    public static IReadOnlyList<string> Lines(IEnumerable<SettingChange> changes) => [.. changes.Select(c => c.Kind switch
    {
        SettingChangeKind.Added => $"+ {c.Path}: {Short(c.After)}",
        SettingChangeKind.Removed => $"- {c.Path}: {Short(c.Before)}",
        SettingChangeKind.Changed => $"~ {c.Path}: {Short(c.Before)} -> {Short(c.After)}",
        SettingChangeKind.Reordered => $"~ {c.Path}: order changed",
        _ => throw new ArgumentOutOfRangeException(nameof(changes), c.Kind, null),
    })];

    /// <summary>The same with values that an answer can carry.</summary>
    public static IReadOnlyList<SettingChange> Bounded(IEnumerable<SettingChange> changes)
    {
        var left = MaxValues;
        return [.. changes.Select(c =>
        {
            var (before, after) = (Fit(c.Before, ref left), Fit(c.After, ref left));
            return ReferenceEquals(before, c.Before) && ReferenceEquals(after, c.After) ? c : c with { Before = before, After = after, IsCut = true };
        })];
    }

    private static JsonNode? Fit(JsonNode? value, ref int left)
    {
        if (value?.ToJsonString(SiteJson.Options) is not { } json)
        {
            return null;
        }

        var room = left > 0 ? MaxValue : ShownBeyond;
        left -= Math.Min(json.Length, room);
        return json.Length <= room ? value : JsonValue.Create(json[..Math.Min(room, ShownOfLonger)]);
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<SettingChange> found)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (before is JsonObject left && after is JsonObject right)
        {
            foreach (var key in left.Select(p => p.Key).Union(right.Select(p => p.Key)))
            {
                var place = path.Length == 0 ? key : $"{path}.{key}";
                if (IsSecret(key) && !JsonNode.DeepEquals(left[key], right[key]))
                {
                    found.Add(Of(place, left[key] is null ? null : JsonValue.Create(Hidden), right[key] is null ? null : JsonValue.Create(Hidden)));
                }
                else
                {
                    Compare(place, left[key], right[key], found);
                }
            }
        }
        else if (before is JsonArray leftItems && after is JsonArray rightItems)
        {
            CompareItems(path, leftItems, rightItems, found);
        }
        else
        {
            found.Add(Of(path, Public(before), Public(after)));
        }
    }

    private static SettingChange Of(string path, JsonNode? before, JsonNode? after) => new()
    {
        Path = path,
        Kind = before is null ? SettingChangeKind.Added : after is null ? SettingChangeKind.Removed : SettingChangeKind.Changed,
        Before = before,
        After = after,
    };

    private static void CompareItems(string path, JsonArray before, JsonArray after, List<SettingChange> found)
    {
        var left = Keyed(before);
        var right = Keyed(after);
        var count = found.Count;
        foreach (var key in left.Keys.Union(right.Keys))
        {
            Compare($"{path}[{key}]", left.GetValueOrDefault(key), right.GetValueOrDefault(key), found);
        }

        if (found.Count == count)
        {
            found.Add(new SettingChange { Path = path, Kind = SettingChangeKind.Reordered, Before = Names(before), After = Names(after) });
        }
    }

    private static JsonArray Names(JsonArray items) => new([.. items.Select(i => JsonValue.Create(NameOf(i)))]);

    private static Dictionary<string, JsonNode?> Keyed(JsonArray items)
    {
        var keyed = new Dictionary<string, JsonNode?>();
        foreach (var item in items)
        {
            keyed.TryAdd(NameOf(item), item);
        }

        return keyed;
    }

    private static string NameOf(JsonNode? item) => item is JsonObject o && o["name"] is { } n ? n.ToString() : item?.ToJsonString() ?? "null";

    /// <summary>A copy in which nothing secret stands.</summary>
    private static JsonNode? Public(JsonNode? value)
    {
        var copy = value?.DeepClone();
        Hide(copy);
        return copy;
    }

    private static void Hide(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Hide(item);
            }
        }
        else if (node is JsonObject values)
        {
            foreach (var (key, value) in values.ToList())
            {
                if (IsSecret(key) && value is not null)
                {
                    values[key] = Hidden;
                }
                else
                {
                    Hide(value);
                }
            }
        }
    }

    private static bool IsSecret(string name) => SecretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase));

    private static string Short(JsonNode? node) => node?.ToJsonString() is { } text ? (text.Length > 2000 ? text[..1997] + "..." : text) : "null";
}
