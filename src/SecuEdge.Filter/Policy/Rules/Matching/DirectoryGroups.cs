using System.Collections.Frozen;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>Groups of directories that a condition names. Who is in them stands in the facts of the message, as it was when the message came.</summary>
/// <param name="groups">As <c>node/directory/group</c> in lower case.</param>
internal sealed class DirectoryGroups(IReadOnlyList<string> groups)
{
    private const int Shown = 8;

    private readonly FrozenSet<string> _groups = groups.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The directories themselves, <c>node/directory</c>.</summary>
    private readonly FrozenSet<string> _directories = groups.Select(g => g[..g.IndexOf('/', g.IndexOf('/', StringComparison.Ordinal) + 1)]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Unknown when the facts do not say, or the directory was never read.</summary>
    public Truth Contain(PolicyFacts facts, string address)
    {
        if (_groups.Count == 0)
        {
            return Truth.No;
        }

        if (facts.Groups is not { } known)
        {
            return Truth.Unknown;
        }

        return Of(known, address).Any(_groups.Contains) ? Truth.Yes
            : known.AreCut || known.Unread.Any(_directories.Contains) ? Truth.Unknown
            : Truth.No;
    }

    /// <summary>The end of a sentence that says why; empty when the groups have no part in it.</summary>
    public string Why(PolicyFacts facts, string address)
    {
        if (_groups.Count == 0)
        {
            return "";
        }

        if (facts.Groups is not { } known)
        {
            return "; groups of directories were not recorded for this message";
        }

        if (known.Unread.Where(_directories.Contains).ToList() is { Count: > 0 } unread)
        {
            return $"; directory {string.Join(", ", unread)} was never read";
        }

        var own = Of(known, address);
        return own.Where(_groups.Contains).ToList() is { Count: > 0 } found ? $"; it is in {string.Join(", ", found.Take(Shown))}"
            : own.Count == 0 ? "; it is in no group of a directory"
            : $"; its groups are {string.Join(", ", own.Take(Shown))}{(own.Count > Shown ? " and others" : "")}";
    }

    public bool IsSubsetOf(DirectoryGroups other) => _groups.IsSubsetOf(other._groups);

    private static IReadOnlyList<string> Of(GroupFacts known, string address) =>
        address.Length > 0 && known.Of.TryGetValue(address.ToLowerInvariant(), out var groups) ? groups : [];
}
