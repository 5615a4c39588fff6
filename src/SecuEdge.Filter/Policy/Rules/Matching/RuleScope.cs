using System.Security.Cryptography;
using System.Text.Json;
using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// What names mean in one layer: its own objects, groups and word lists, then those above. What a node below defines under the same name does
/// not change the rules written here.
/// </summary>
internal sealed class RuleScope(PolicyLayer layer, RuleScope? above)
{
    private readonly Dictionary<string, PolicyObject> _objects = Named(layer.Objects, o => o.Name);
    private readonly Dictionary<string, Group> _groups = Named(layer.Groups, g => g.Name);
    private readonly Dictionary<string, WordList> _lists = Named(layer.WordLists, l => l.Name);
    private readonly Dictionary<string, string> _digests = new(StringComparer.Ordinal);

    public PolicyLayer Layer => layer;

    public RuleScope? Above => above;

    public (PolicyObject Object, RuleScope Scope)? FindObject(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Above)
        {
            if (scope._objects.TryGetValue(name, out var found))
            {
                return (found, scope);
            }
        }

        return null;
    }

    /// <summary>With a text that is the same for groups of the same people.</summary>
    public (Group Group, string Digest)? FindGroup(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Above)
        {
            if (scope._groups.TryGetValue(name, out var found))
            {
                return (found, scope.Digest("group " + name, found.Members.Order(StringComparer.Ordinal)));
            }
        }

        return null;
    }

    /// <summary>A group of a directory as facts name it, <c>node/directory/group</c>; null when there is no such directory. Whether it has the group, only its last reading knows.</summary>
    public string? FindDirectoryGroup(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        for (var scope = slash > 0 && slash < name.Length - 1 ? this : null; scope is not null; scope = scope.Above)
        {
            if (scope.Layer.Directories.Contains(name[..slash], StringComparer.OrdinalIgnoreCase))
            {
                return $"{scope.Layer.Node}/{name}".ToLowerInvariant();
            }
        }

        return null;
    }

    public (WordList List, string Digest)? FindList(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Above)
        {
            if (scope._lists.TryGetValue(name, out var found))
            {
                return (found, scope.Digest("list " + name, found));
            }
        }

        return StarterLists.Find(name) is { } starter ? (starter, "starter " + name) : null;
    }

    /// <summary>Names to choose from, a few.</summary>
    public string Known(Func<PolicyLayer, IEnumerable<string>> names)
    {
        const int Shown = 8;
        List<string> known = [];
        for (var scope = this; scope is not null; scope = scope.Above)
        {
            known.AddRange(names(scope.Layer).Except(known));
        }

        return known.Count == 0 ? "there are none yet" : $"there are {string.Join(", ", known.Take(Shown))}{(known.Count > Shown ? " and others" : "")}";
    }

    private string Digest<T>(string key, T value)
    {
        lock (_digests)
        {
            if (!_digests.TryGetValue(key, out var digest))
            {
                _digests[key] = digest = Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(value)));
            }

            return digest;
        }
    }

    private static Dictionary<string, T> Named<T>(IEnumerable<T> items, Func<T, string> name)
    {
        var named = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            named.TryAdd(name(item), item);
        }

        return named;
    }
}
