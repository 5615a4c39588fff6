using System.Globalization;
using System.Text;

namespace SecuEdge.Content.Files;

/// <summary>A name as its sender wrote it, and what may be shown of it.</summary>
/// <param name="IsDeceptive">It hides what the file is.</param>
internal readonly record struct FileName(string Shown, string Raw, bool IsDeceptive)
{
    public string Extension => FileNames.ExtensionOf(Shown);
}

/// <summary>Makes names of strangers fit to show, and sees the tricks in them. Such a name is never a path on our disk.</summary>
internal static class FileNames
{
    /// <summary>Longest name of common file systems (NAME_MAX); longer ones are cut in the middle so that the extension stays.</summary>
    private const int MaxShownChars = 255;

    /// <summary>Spaces in a row that push the real extension out of a dialog; nobody types that many.</summary>
    private const int MaxBlanks = 6;

    public static FileName? Parse(string? raw)
    {
        if (string.IsNullOrEmpty(raw))
        {
            return null;
        }

        var cut = raw.AsSpan().LastIndexOfAny('/', '\\') + 1;
        var deceptive = cut > 0 && (raw.Contains("..", StringComparison.Ordinal) || raw[0] is '/' or '\\' || (raw.Length > 1 && raw[1] == ':'));
        var shown = new StringBuilder(Math.Min(raw.Length - cut, MaxShownChars));
        var blanks = 0;
        foreach (var character in raw.AsSpan(cut))
        {
            var kind = IsPlain(character) ? UnicodeCategory.OtherLetter : CharUnicodeInfo.GetUnicodeCategory(character);
            if (kind is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                // Line ends come from folded headers and are the mailer's fault; the rest is there to deceive.
                deceptive |= character is not ('\r' or '\n' or '\t' or '\u00ad' or '\ufeff');
                continue;
            }

            deceptive |= character is >= '\uff01' and <= '\uff5e';
            blanks = char.IsWhiteSpace(character) ? blanks + 1 : 0;
            deceptive |= blanks > MaxBlanks;
            if (blanks <= 1)
            {
                shown.Append(character);
            }
        }

        var name = Bounded(shown.ToString().Normalize(raw).Trim());
        return new FileName(name, raw, deceptive || HasHiddenExtension(name));
    }

    /// <summary>What follows the last dot, lower case, as Windows sees it: blanks and dots at the end do not count.</summary>
    public static string ExtensionOf(string name)
    {
        var trimmed = name.AsSpan().TrimEnd(" .");
        var dot = trimmed.LastIndexOf('.');
        return dot < 0 ? "" : trimmed[(dot + 1)..].ToString().ToLowerInvariant();
    }

    /// <summary>A program whose name looks like a document: <c>invoice.pdf.exe</c>.</summary>
    private static bool HasHiddenExtension(string name)
    {
        var last = ExtensionOf(name);
        if (last.Length == 0 || !FileTypes.IsExecutableExtension(last))
        {
            return false;
        }

        var before = ExtensionOf(name.AsSpan().TrimEnd(" .")[..^(last.Length + 1)].ToString());
        return FileTypes.OfExtension(before) is { Family: not FileFamily.Executable };
    }

    private static bool IsPlain(char character) => character is >= ' ' and < '\u007f';

    private static string Normalize(this string shown, string raw) => shown.Length > 0 ? WithoutFullWidth(shown) : raw.Length > 0 ? "unnamed" : shown;

    /// <summary>Full-width letters (U+FF01..FF5E) look like ASCII, and <c>．ｅｘｅ</c> escapes an extension list.</summary>
    private static string WithoutFullWidth(string name) =>
        name.AsSpan().IndexOfAnyInRange('\uff01', '\uff5e') < 0
            ? name
            : string.Create(name.Length, name, (target, source) =>
            {
                for (var i = 0; i < source.Length; i++)
                {
                    target[i] = source[i] is >= '\uff01' and <= '\uff5e' ? (char)(source[i] - 0xfee0) : source[i];
                }
            });

    private static string Bounded(string name) =>
        name.Length <= MaxShownChars ? name : string.Concat(name.AsSpan(0, MaxShownChars / 2), "…", name.AsSpan(name.Length - (MaxShownChars / 2)));
}
