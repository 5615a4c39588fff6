namespace SecuEdge.Store.MessageLog;

/// <summary>By whom mail is looked for: a whole address, which has a key of its own, or <c>@example.com</c> for everybody there.</summary>
internal static class SenderWord
{
    /// <summary>The word as a key; null when only the records themselves can tell.</summary>
    public static string? Key(string? word) => word is ['@', ..] ? null : word;

    public static bool Matches(string word, string reversePath) =>
        word is ['@', ..] ? reversePath.EndsWith(word, StringComparison.OrdinalIgnoreCase) : string.Equals(reversePath, word, StringComparison.OrdinalIgnoreCase);
}
