using System.Globalization;
using System.Text;

namespace SecuEdge.Content.Files;

/// <summary>A name as its sender wrote it, and what may be shown of it.</summary>
/// <param name="IsDeceptive">It hides what the file is.</param>
internal readonly record struct FileName(string Shown, string Raw, bool IsDeceptive)
{
    /// <summary>Names that the same header gives the file as well.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    public string Extension => FileNames.ExtensionOf(Shown);
}

/// <summary>Makes names of strangers fit to show, and sees the tricks in them. Such a name is never a path on our disk.</summary>
public static class FileNames
{
    /// <summary>Longest name of common file systems (NAME_MAX); longer ones are cut in the middle so that the extension stays.</summary>
    private const int MaxShownChars = 255;

    internal static FileName? Parse(string? raw)
    {
        if (string.IsNullOrEmpty(raw))
        {
            return null;
        }

        var cut = raw.AsSpan().LastIndexOfAny('/', '\\') + 1;
        var isPath = cut > 0 && (raw.Contains("..", StringComparison.Ordinal) || raw[0] is '/' or '\\' || (raw.Length > 1 && raw[1] == ':'));
        var shown = new StringBuilder(Math.Min(raw.Length - cut, MaxShownChars));
        foreach (var character in raw.AsSpan(cut))
        {
            if (!IsPlain(character) && CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                continue;
            }

            if (!char.IsWhiteSpace(character) || shown.Length == 0 || !char.IsWhiteSpace(shown[^1]))
            {
                shown.Append(character);
            }
        }

        var name = Bounded(shown.ToString().Normalize(raw).Trim());
        return new FileName(name, raw, isPath || NameTricks.AreIn(raw.AsSpan(cut), name));
    }

    /// <summary>As Windows saves it: without dots and blanks at the end, in plain letters instead of wide ones.</summary>
    public static string AsSaved(string name) => WithoutFullWidth(name).TrimEnd(' ', '.', '\u00a0');

    /// <summary>What follows the last dot, lower case, as Windows sees it: blanks and dots at the end do not count.</summary>
    public static string ExtensionOf(string name)
    {
        var trimmed = name.AsSpan().TrimEnd(" .");
        var dot = trimmed.LastIndexOf('.');
        return dot < 0 ? "" : trimmed[(dot + 1)..].ToString().ToLowerInvariant();
    }

    /// <summary>Full-width letters (U+FF01..FF5E) look like ASCII, and <c>．ｅｘｅ</c> escapes an extension list.</summary>
    internal static string WithoutFullWidth(string name) =>
        name.AsSpan().IndexOfAnyInRange('\uff01', '\uff5e') < 0
            ? name
            : string.Create(name.Length, name, (target, source) =>
            {
                for (var i = 0; i < source.Length; i++)
                {
                    target[i] = source[i] is >= '\uff01' and <= '\uff5e' ? (char)(source[i] - 0xfee0) : source[i];
                }
            });

    private static bool IsPlain(char character) => character is >= ' ' and < '\u007f';

    private static string Normalize(this string shown, string raw) => shown.Length > 0 ? WithoutFullWidth(shown) : raw.Length > 0 ? "unnamed" : shown;

    private static string Bounded(string name) =>
        name.Length <= MaxShownChars ? name : string.Concat(name.AsSpan(0, MaxShownChars / 2), "…", name.AsSpan(name.Length - (MaxShownChars / 2)));
}
