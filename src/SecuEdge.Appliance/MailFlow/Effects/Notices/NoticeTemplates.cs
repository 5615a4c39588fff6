using System.Collections.Frozen;

namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>
/// The words of notices, one file for each name and language: the first line is the subject, the rest behind an empty line the text, with
/// macros in double braces.
/// </summary>
internal static class NoticeTemplates
{
    private const string Prefix = "notices/";

    private static readonly FrozenDictionary<string, (string Subject, string Text)> All = Read();

    /// <summary>A name that nobody wrote a template for gets the general one.</summary>
    public static (string Subject, string Text) Find(string name, string language) =>
        All.TryGetValue($"{name}.{language}", out var found) || All.TryGetValue($"{name}.en", out found) || All.TryGetValue($"blocked.{language}", out found)
            ? found
            : All["blocked.en"];

    private static FrozenDictionary<string, (string Subject, string Text)> Read()
    {
        var assembly = typeof(NoticeTemplates).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(n => n[Prefix.Length..^".txt".Length], n =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(n)!);
                var parts = reader.ReadToEnd().ReplaceLineEndings("\n").Split("\n\n", 2);
                return (parts[0], parts[1].TrimEnd('\n'));
            });
    }
}
