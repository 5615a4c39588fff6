using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SecuEdge.Content.Files;

/// <summary>Tricks in a name that make people or filters see another file than the one that opens.</summary>
internal static partial class NameTricks
{
    /// <summary>Spaces in a row that push the real extension out of a dialog; nobody types that many.</summary>
    private const int MaxBlanks = 6;

    /// <summary>As many signs that look empty or alike do the same: underscores, dots, braille blanks.</summary>
    private const int MaxFillers = 24;

    /// <summary>Characters that look like a dot or a slash (Unicode confusables, UTS #39).</summary>
    private static readonly SearchValues<char> LooksLikeDot = SearchValues.Create("\u2024\u3002\uff0e\uff61\ufe52\u0701\u0702\ua60e\u00b7\u2027\u0660\u06f0\u2219\u22c5\u30fb");

    private static readonly SearchValues<char> LooksLikeSlash = SearchValues.Create("\u2044\u2215\u29f8\uff0f\uff3c\u2216\ufe68\u29f5");

    /// <summary>Names that are devices in every folder (Windows, "Naming Files").</summary>
    [GeneratedRegex(@"^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])\s*(\..*)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Device { get; }

    /// <summary>A class at the end makes the shell open the file as that class, and does not show it.</summary>
    [GeneratedRegex(@"\.\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}[ .]*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ClassId { get; }

    /// <param name="raw">The name without its folders, as the sender wrote it.</param>
    /// <param name="shown">The same, fit to show.</param>
    public static bool AreIn(ReadOnlySpan<char> raw, string shown) =>
        HasOddCharacters(raw) || HasFilling(raw) || Device.IsMatch(shown) || ClassId.IsMatch(shown) || HasStream(shown) || HasDisguisedExtension(raw) || HasHiddenExtension(shown)
        || HidesEnd(raw);

    private static bool HasOddCharacters(ReadOnlySpan<char> raw)
    {
        for (var i = 0; i < raw.Length; i++)
        {
            var character = raw[i];
            if (character is >= ' ' and < '\u007f' || char.IsLetterOrDigit(character))
            {
                continue;
            }

            // Line ends come from folded headers and are the mailer's fault; joiners belong to scripts that need them.
            var kind = CharUnicodeInfo.GetUnicodeCategory(character);
            if (kind is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                && character is not ('\r' or '\n' or '\t' or '\u00ad' or '\ufeff') && !IsNeeded(raw, i))
            {
                return true;
            }
        }

        return raw.IndexOfAny(LooksLikeSlash) >= 0;
    }

    /// <summary>Zero-width joiners between letters of Persian or Indic scripts or in emoji, and the plain marks that Hebrew and Arabic names carry.</summary>
    private static bool IsNeeded(ReadOnlySpan<char> raw, int at) => raw[at] switch
    {
        '\u200c' or '\u200d' => at > 0 && at + 1 < raw.Length && raw[at - 1] > '\u0500' && raw[at + 1] > '\u0500',
        '\u200e' or '\u200f' or '\u061c' => raw.ContainsAnyInRange('\u0590', '\u08ff') && raw[at..].LastIndexOf('.') is var dot && (at == 0 || dot > 0),
        _ => false,
    };

    private static bool HasFilling(ReadOnlySpan<char> raw)
    {
        var (blanks, fillers, last) = (0, 0, '\0');
        foreach (var character in raw)
        {
            blanks = char.IsWhiteSpace(character) || character is '\u2800' or '\u3164' or '\uffa0' or '\u115f' ? blanks + 1 : 0;
            fillers = character == last && !char.IsLetterOrDigit(character) ? fillers + 1 : 0;
            last = character;
            if (blanks > MaxBlanks || fillers > MaxFillers)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A stream of NTFS: <c>notes.txt:evil.exe</c> writes a file that no folder shows. A time (<c>10:30</c>) has none behind the colon.</summary>
    private static bool HasStream(string shown)
    {
        var colon = shown.LastIndexOf(':');
        return colon > 1 && (shown.AsSpan(colon + 1).Contains('.') || shown.EndsWith(":$DATA", StringComparison.OrdinalIgnoreCase))
            && FileTypes.OfExtension(FileNames.ExtensionOf(shown[..colon].TrimEnd(':'))) is not null;
    }

    /// <summary>Letters of other scripts that look Latin, in the extension: <c>.ехе</c> in Cyrillic. Names in their own script have an extension in Latin.</summary>
    private static bool HasDisguisedExtension(ReadOnlySpan<char> raw)
    {
        var dot = raw.LastIndexOf('.');
        var fake = raw.LastIndexOfAny(LooksLikeDot);
        if (fake > 0 && fake > dot && IsKnown(FileNames.WithoutFullWidth(raw[(fake + 1)..].ToString())))
        {
            return true;
        }

        // With a look-alike in front of it: invoice․pdf.exe, seen as one long name by filters.
        if (fake > 0 && dot > fake && FileTypes.IsExecutableExtension(FileNames.ExtensionOf(raw.ToString())) && IsKnown(raw[(fake + 1)..dot].ToString()))
        {
            return true;
        }

        var extension = dot < 0 ? default : raw[(dot + 1)..].TrimEnd(" .");
        var plain = Latin(FileNames.WithoutFullWidth(extension.ToString()));
        return extension.Length is > 0 and <= 12 && !extension.SequenceEqual(plain) && IsKnown(plain);
    }

    private static bool IsKnown(string extension) => FileTypes.OfExtension(extension.Trim()) is not null || FileTypes.IsExecutableExtension(extension.Trim());

    /// <summary>Cyrillic and Greek letters that look like Latin ones.</summary>
    private static string Latin(string text) => string.Create(text.Length, text, (target, source) =>
    {
        const string from = "аеорсухіјѕԁһкмтвнАЕОРСУХІЈЅВНКМТΑΕΟΡΧΥΙΒΗΚΜΤΖοανιρυχѡԛԝɡɩ";
        const string to = "aeopcyxijsdhkmtbnAEOPCYXIJSBHKMTAEOPXYIBHKMTZoavipuxwqwgi";
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = from.IndexOf(source[i], StringComparison.Ordinal) is >= 0 and var at ? to[at] : source[i];
        }
    });

    /// <summary>A program whose name looks like a document: <c>invoice.pdf.exe</c>, also with blanks or another sign between.</summary>
    private static bool HasHiddenExtension(string name)
    {
        var last = FileNames.ExtensionOf(name);
        if (last.Length == 0 || !FileTypes.IsExecutableExtension(last))
        {
            return false;
        }

        var before = name.AsSpan().TrimEnd(" .")[..^(last.Length + 1)].TrimEnd(" ._-\u00a0");
        var start = before.LastIndexOfAny('.', '\u2024') + 1;
        return start > 0 && FileTypes.OfExtension(before[start..].Trim().ToString()) is { Family: not FileFamily.Executable };
    }

    /// <summary>Dots and blanks behind a program's extension: Windows drops them, filters see another extension.</summary>
    private static bool HidesEnd(ReadOnlySpan<char> raw)
    {
        var trimmed = raw.TrimEnd(" .\u00a0");
        return trimmed.Length < raw.Length && FileTypes.IsExecutableExtension(FileNames.ExtensionOf(trimmed.ToString()));
    }
}
