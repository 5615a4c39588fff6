namespace SecuEdge.Appliance.Api;

/// <summary>Pages of lists that are in memory anyway.</summary>
internal static class Paging
{
    /// <param name="ordered">By the key, ascending and ordinal.</param>
    /// <param name="cursor">The key of the last item the caller has.</param>
    public static Page<TOut> Page<T, TOut>(this IEnumerable<T> ordered, Func<T, string> key, int limit, string? cursor, Func<T, TOut> show)
    {
        var items = ordered.Where(i => cursor is null || string.CompareOrdinal(key(i), cursor) > 0).Take(limit + 1).ToList();
        return new Page<TOut>([.. items.Take(limit).Select(show)], items.Count > limit ? key(items[limit - 1]) : null);
    }
}
