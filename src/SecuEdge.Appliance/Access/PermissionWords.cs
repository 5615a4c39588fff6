using System.Collections.Frozen;
using System.Text.Json;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access;

/// <summary>Permissions as they are stored and written: camelCase words.</summary>
internal static class PermissionWords
{
    private static readonly FrozenDictionary<string, Permission> ByWord =
        Enum.GetValues<Permission>().ToFrozenDictionary(Of, StringComparer.OrdinalIgnoreCase);

    public static string Of(Permission permission) => JsonNamingPolicy.CamelCase.ConvertName(permission.ToString());

    /// <summary>As in a sentence.</summary>
    public static string List(IEnumerable<Permission> permissions) => string.Join(", ", permissions.Select(Of));

    /// <summary>Words that this version does not know give nothing.</summary>
    public static FrozenSet<Permission> Read(IReadOnlyList<string> words) => words.Contains(ApiToken.Everything)
        ? Grant.All
        : [.. words.Where(ByWord.ContainsKey).Select(w => ByWord[w])];
}
