using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>JSON merge patch (RFC 7396): a member replaces, null removes, objects are patched one by one.</summary>
internal static class MergePatch
{
    /// <returns>The patched thing, or what is wrong with the patch.</returns>
    public static (T? Value, IReadOnlyList<string> Errors) Apply<T>(T before, string patch)
        where T : class
    {
        JsonNode? changes;
        try
        {
            changes = JsonNode.Parse(patch, documentOptions: new JsonDocumentOptions { MaxDepth = SiteJson.Options.MaxDepth });
        }
        catch (JsonException)
        {
            // What the lines say of the tenant is not asked: a patch is only a part of one.
            return (null, [JsonShape.Errors(patch, typeof(T), SiteJson.Options, hasLines: true)[^1]]);
        }

        if (changes is not JsonObject)
        {
            return (null, ["the document: is no object; send the fields to change, as {\"displayName\":\"Acme\"}"]);
        }

        try
        {
            var merged = Merge(JsonSerializer.SerializeToNode(before, SiteJson.Options), changes);
            return SiteJson.Parse<T>(merged!.ToJsonString(SiteJson.Options), hasLines: false);
        }
        catch (ArgumentException)
        {
            return (null, ["the document: a field is there twice; name each once"]);
        }
    }

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                var before = result[name];
                result.Remove(name);
                result[name] = Merge(before, value);
            }
        }

        return result;
    }
}
