namespace SecuEdge.Appliance.Api;

/// <summary>One page of a list. Give <see cref="Next"/> back as <c>cursor</c> for the following page; null on the last.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next) : IPage
{
    object IPage.With(string next) => this with { Next = next };
}

/// <summary>A page of whatever.</summary>
internal interface IPage
{
    string? Next { get; }

    object With(string next);
}

/// <summary>Pages of short lists that are in memory anyway.</summary>
internal static class Page
{
    /// <param name="key">What the list is sorted by, unique. A page begins after the key of the page before, so that nothing is skipped or shown twice when the list changes.</param>
    public static Page<TShown> Of<T, TShown>(IEnumerable<T> all, Func<T, string> key, int limit, string? cursor, Func<T, TShown> show)
    {
        List<T> found = [.. all.Where(e => cursor is null || string.CompareOrdinal(key(e), cursor) > 0).OrderBy(key, StringComparer.Ordinal).Take(limit + 1)];
        return new Page<TShown>([.. found.Take(limit).Select(show)], found.Count > limit ? key(found[limit - 1]) : null);
    }
}
