using System.Globalization;

namespace SecuEdge.Cage.Protocol;

/// <summary>
/// Text of a worker that people will read in logs, findings and the console: bounded, and without characters that forge lines, turn the
/// direction of reading or command a terminal.
/// </summary>
internal static class ShownText
{
    public static string Clean(string text, int maxChars)
    {
        var kept = text.Length <= maxChars ? text : text[..maxChars];
        return kept.All(IsShown) ? kept : string.Create(kept.Length, kept, (clean, from) =>
        {
            for (var i = 0; i < clean.Length; i++)
            {
                clean[i] = IsShown(from[i]) ? from[i] : ' ';
            }
        });
    }

    public static bool IsShown(char character) => CharUnicodeInfo.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
