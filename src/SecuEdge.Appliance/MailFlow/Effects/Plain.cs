using System.Globalization;
using System.Text;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>Makes foreign text fit to stand in ours: one line, nothing that hides, turns round or begins something else.</summary>
internal static class Plain
{
    public static string Line(string text, int maxLength)
    {
        var plain = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (plain.Length >= maxLength)
            {
                return plain.Append('…').ToString();
            }

            // Format characters turn the direction of what follows, or are not seen at all.
            var isShown = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
            plain.Append(isShown ? rune.ToString() : " ");
        }

        return plain.ToString().Trim();
    }

    /// <summary>For the wire: ASCII without controls.</summary>
    public static string AsciiLine(string text, int maxLength)
    {
        var ascii = Rewriting.TextEncodings.ToAscii(Line(text, maxLength)).Trim();
        return ascii.Length <= maxLength ? ascii : ascii[..maxLength];
    }
}
