using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Settings.Notices;

/// <summary>What notices can say of a message. The list is closed: a name that nobody fills would be sent as it stands.</summary>
internal static partial class NoticePlaceholders
{
    public static IReadOnlyList<string> Names { get; } =
        ["action", "attachments", "reason", "recipients", "reference", "rule", "sender", "subject", "tenant", "time", "virus"];

    /// <summary>In one pass: a value that looks like a placeholder stays what it is.</summary>
    public static string Fill(string template, Func<string, string> valueOf) => Placeholder().Replace(template, m => valueOf(m.Groups[1].Value));

    /// <summary>What is wrong with those of a text; null when nothing is.</summary>
    public static string? Problem(string template)
    {
        foreach (var name in Placeholder().Matches(template).Select(m => m.Groups[1].Value))
        {
            if (!Names.Contains(name, StringComparer.Ordinal))
            {
                return $"'{{{{{Shown(name)}}}}}' is no placeholder; there are: {string.Join(", ", Names.Select(n => $"{{{{{n}}}}}"))}";
            }
        }

        return Placeholder().Replace(template, "").Contains("{{", StringComparison.Ordinal)
            ? "has '{{' without '}}' behind it; write a placeholder as {{subject}}"
            : null;
    }

    private static string Shown(string name) => name.Length > 40 ? name[..40] + "…" : name;

    [GeneratedRegex(@"\{\{ *([^{}]*?) *\}\}")]
    private static partial Regex Placeholder();
}
