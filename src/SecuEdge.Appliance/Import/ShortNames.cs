using System.Globalization;
using System.Text;

namespace SecuEdge.Appliance.Import;

/// <summary>Makes names as this product wants them (lower-case letters, digits, dashes) out of what people wrote elsewhere; no two alike.</summary>
/// <param name="taken">Names that are not made: those of rules above, which one of the same name would replace.</param>
internal sealed class ShortNames(params IEnumerable<string> taken)
{
    private const int MaxChars = 55;

    private readonly HashSet<string> _taken = [.. taken];

    public string Make(string text, string fallback)
    {
        var name = Plain(text);
        if (name.Length == 0)
        {
            name = fallback;
        }

        for (var n = 1; ; n++)
        {
            var candidate = n == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{n}");
            if (_taken.Add(candidate))
            {
                return candidate;
            }
        }
    }

    private static string Plain(string text)
    {
        var name = new StringBuilder();
        foreach (var c in text.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                name.Append(c);
            }
            else if (char.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }

            if (name.Length == MaxChars)
            {
                break;
            }
        }

        return name.ToString().Trim('-');
    }
}
