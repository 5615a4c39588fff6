using System.Collections.Frozen;

namespace SecuEdge.Appliance.Audit;

/// <summary>
/// Every action that the audit log may hold, so that a search for one that does not exist is an error and not an empty list. An action that
/// is written down and not here is found by <c>AuditActionsTests</c>.
/// </summary>
internal static class AuditActions
{
    /// <summary>By what it is done to.</summary>
    private static readonly FrozenDictionary<string, string[]> ByNoun = new Dictionary<string, string[]>
    {
        ["access"] = ["forget"],
        ["audit"] = ["broken", "expired", "export"],
        ["delegation"] = ["create", "revoke", "use"],
        ["directory"] = ["create", "delete", "password", "put", "sync", "test"],
        ["domain"] = ["create", "delete", "disproved", "put", "settle", "verify", "vouch"],
        ["engine"] = ["demote", "release", "restore"],
        ["group"] = ["delete", "put"],
        ["hash-list"] = ["add", "delete", "import"],
        ["holiday"] = ["delete", "put"],
        ["login"] = ["failed", "locked", "succeeded"],
        ["message"] = ["content", "quarantine", "release"],
        ["noticeTemplate"] = ["delete", "put", "test"],
        ["object"] = ["delete", "put"],
        ["policy"] = ["backtest"],
        ["privacy"] = ["erase", "export", "search"],
        ["quarantine"] = ["delete", "forward", "release"],
        ["queue"] = ["drop", "retry"],
        ["quota"] = ["exceeded"],
        ["recipients"] = ["change"],
        ["rule"] = ["delete", "put", "test"],
        ["session"] = ["end"],
        ["site"] = ["import", "rollback"],
        ["tenant"] = ["create", "delete", "erase", "export", "patch", "put", "resume", "suspend"],
        ["token"] = ["change", "create", "delete"],
        ["trial"] = ["ended", "ending", "start"],
        ["user"] = ["change", "create", "delete", "passkey-add", "passkey-remove", "passkey-rename", "password", "recovery-codes", "totp-off", "totp-on", "totp-start"],
        ["webhook"] = ["change", "create", "delete", "rotate", "test"],
        ["wordList"] = ["delete", "put"],
        ["yara"] = ["delete", "put", "reload"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> All => ByNoun.OrderBy(n => n.Key, StringComparer.Ordinal).SelectMany(n => n.Value.Select(v => $"{n.Key}.{v}"));

    /// <summary>As the log is asked: whole, or the beginning up to the dot. <c>rule.*</c> is what event names would be asked by, and means the same.</summary>
    public static string Wanted(string word) => word.EndsWith(".*", StringComparison.Ordinal) ? word[..^1] : word;

    /// <summary>Null when there is such an action; otherwise what there is.</summary>
    public static string? Refusal(string word)
    {
        var (noun, verb) = Wanted(word).Split('.', 2) is [var n, var v] ? (n, v) : (word, null);
        return !ByNoun.TryGetValue(noun, out var verbs) ? $"there is no action '{word}'; actions begin with {string.Join(", ", ByNoun.Keys.Order(StringComparer.Ordinal).Select(k => k + "."))}"
            : verb is null ? $"'{word}' is not whole; for all of it write '{noun}.', or one of {Named(noun, verbs)}"
            : verb.Length > 0 && !verbs.Contains(verb, StringComparer.OrdinalIgnoreCase) ? $"there is no action '{word}'; there are {Named(noun, verbs)}"
            : null;
    }

    private static string Named(string noun, string[] verbs) => string.Join(", ", verbs.Select(v => $"{noun}.{v}"));
}
