using System.Text;

namespace SecuEdge.Appliance.Api;

/// <summary>One page of a list. Give <see cref="Next"/> back as <c>cursor</c> for the following page; null on the last.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Pages of short lists that are in memory anyway.</summary>
internal static class Page
{
    /// <param name="key">What the list is sorted by, unique. A page begins after the key of the page before, so that nothing is skipped or shown twice when the list changes.</param>
    /// <exception cref="ArgumentException">The cursor is no <see cref="Page{T}.Next"/>.</exception>
    public static Page<TShown> Of<T, TShown>(IEnumerable<T> all, Func<T, string> key, int limit, string? cursor, Func<T, TShown> show)
    {
        var after = cursor is null ? null : Read(cursor);
        List<T> found = [.. all.Where(e => after is null || string.CompareOrdinal(key(e), after) > 0).OrderBy(key, StringComparer.Ordinal).Take(limit + 1)];
        return new Page<TShown>([.. found.Take(limit).Select(show)], found.Count > limit ? Convert.ToBase64String(Encoding.UTF8.GetBytes(key(found[limit - 1]))) : null);
    }

    private static string Read(string cursor)
    {
        var bytes = new byte[cursor.Length];
        return Convert.TryFromBase64String(cursor, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new ArgumentException($"'{cursor}' is not the `next` of a page", nameof(cursor));
    }
}
