using System.Collections.Frozen;
using System.Text.Json;

namespace SecuEdge.Appliance.Api.Description;

/// <summary>
/// Sentences for names that mean the same wherever they stand, such as <c>reference</c>, so that not every record repeats them; and for
/// some types. The comment of a property comes first, then <c>Type.property</c> here, then <c>property</c>.
/// </summary>
internal static class CommonWords
{
    private static readonly FrozenDictionary<string, string> Words = Read();

    public static string? Of(Type type) => Words.GetValueOrDefault(type.Name.Split('`')[0]);

    public static string? Of(Type type, string property) => Words.GetValueOrDefault($"{type.Name}.{property}") ?? Words.GetValueOrDefault(property);

    private static FrozenDictionary<string, string> Read()
    {
        using var stream = typeof(CommonWords).Assembly.GetManifestResourceStream("description/words.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
