using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Whether a text names an address: as a whole, so that <c>eva@</c> is not found in what is about <c>neva@</c>.</summary>
internal sealed class PersonMention
{
    // What local parts are made of. The apostrophe is missing: sentences put addresses between two of them.
    private const string NoLocalPartBefore = @"(?<![\w.%+-])";

    // A dot that ends a sentence carries no domain on.
    private const string NoDomainBehind = @"(?![\w-]|\.\w)";

    private readonly IReadOnlyList<string> _spellings;
    private readonly Regex _whole;

    /// <param name="spellings">Of one address; at least one.</param>
    public PersonMention(IReadOnlyList<string> spellings)
    {
        _spellings = spellings;
        _whole = new Regex($"{NoLocalPartBefore}(?:{string.Join('|', spellings.Select(Regex.Escape))}){NoDomainBehind}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    public bool Is(string? text) => text is not null && _spellings.Contains(text, StringComparer.OrdinalIgnoreCase);

    /// <summary>Patterns write a dot with a backslash in front: they name the address, too.</summary>
    public bool In(string? text) =>
        !string.IsNullOrEmpty(text)
        && (Has(text) || (text.Contains('\\', StringComparison.Ordinal) && Has(text.Replace("\\", "", StringComparison.Ordinal))));

    public string Replace(string text, string replacement) => Has(text) ? _whole.Replace(text, _ => replacement) : text;

    private bool Has(string text) => _spellings.Any(s => text.Contains(s, StringComparison.OrdinalIgnoreCase)) && _whole.IsMatch(text);
}
