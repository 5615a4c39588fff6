using System.Collections.Frozen;

namespace SecuEdge.Appliance.Settings.Notices;

/// <summary>
/// The notices that are there without anybody writing one, a file for each name and language: the first line is the subject, the rest behind
/// an empty line the text.
/// </summary>
internal static class BuiltInNotices
{
    /// <summary>Sent where a rule names a template that is gone.</summary>
    public const string General = "blocked";

    public const string Quarantined = "quarantined";

    public const string Removed = "removed";

    public const string Delivered = "delivered";

    /// <summary>What stands for the node of a built-in one.</summary>
    public const string Node = "default";

    private const string Prefix = "notices/";

    private static readonly FrozenDictionary<string, NoticeTemplate> Known = Read();

    public static IEnumerable<NoticeTemplate> All => Known.Values;

    public static NoticeTemplate? Find(string name) => Known.GetValueOrDefault(name);

    private static FrozenDictionary<string, NoticeTemplate> Read() =>
        typeof(BuiltInNotices).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .GroupBy(n => n[Prefix.Length..].Split('.')[0])
            .Select(g => new NoticeTemplate { Name = g.Key, Texts = [.. g.Select(Text)] })
            .ToFrozenDictionary(t => t.Name);

    private static NoticeText Text(string resource)
    {
        using var reader = new StreamReader(typeof(BuiltInNotices).Assembly.GetManifestResourceStream(resource)!);
        var parts = reader.ReadToEnd().ReplaceLineEndings("\n").Split("\n\n", 2);
        return new NoticeText { Language = resource.Split('.')[1], Subject = parts[0], Text = parts[1].TrimEnd('\n') };
    }
}
