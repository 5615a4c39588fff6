using System.Text;
using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Api.Languages;

/// <summary>A phrase with holes, <c>{0}</c> or <c>{0:kind}</c> or <c>{0:kind?}</c>, and the same in another language with holes <c>{0}</c>.</summary>
internal sealed partial class Phrase
{
    /// <summary>Sentences that are kept with a message end there when they are too long.</summary>
    public const char Cut = '…';

    private readonly string[] _other;
    private readonly int[] _places;

    public Phrase(string english, string other)
    {
        var holes = Hole().Matches(english);
        Texts = Split(english, holes);
        Holes = [.. holes.Select(h => (h.Groups["name"].Value, h.Groups["kind"] is { Success: true } kind ? kind.Value : null, h.Groups["optional"].Success))];
        Length = Texts.Sum(t => t.Length);
        var otherHoles = Hole().Matches(other);
        _other = Split(other, otherHoles);
        _places = [.. otherHoles.Select(o => holes.Select(h => h.Groups["name"].Value).ToList().IndexOf(o.Groups["name"].Value))];
    }

    /// <summary>What stands around the holes: one more than those.</summary>
    public IReadOnlyList<string> Texts { get; }

    public IReadOnlyList<(string Name, string? Kind, bool IsOptional)> Holes { get; }

    public bool BeginsWithHole => Texts[0].Length == 0;

    /// <summary>Without the holes.</summary>
    public int Length { get; }

    /// <summary>The first letter is large or small by where the phrase stands.</summary>
    public bool Begins(string text) =>
        BeginsWithHole || (text.Length > 0 && char.ToUpperInvariant(text[0]) == char.ToUpperInvariant(Texts[0][0]) && text.AsSpan(1).StartsWith(Texts[0].AsSpan(1), StringComparison.Ordinal));

    public bool Ends(string text) => text.EndsWith(Texts[^1], Holes.Count == 0 ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    public string Say(ReadOnlySpan<string> values)
    {
        var said = new StringBuilder(_other[0]);
        for (var i = 0; i < _places.Length; i++)
        {
            said.Append(values[_places[i]]).Append(_other[i + 1]);
        }

        return said.ToString();
    }

    /// <summary>As far as there are values.</summary>
    public string SayCut(ReadOnlySpan<string> values)
    {
        var said = new StringBuilder(_other[0]);
        for (var i = 0; i < _places.Length && _places[i] < values.Length; i++)
        {
            said.Append(values[_places[i]]);
            if (i == values.Length - 1)
            {
                break;
            }

            said.Append(_other[i + 1]);
        }

        return said.Length > 0 && said[^1] == Cut ? said.ToString() : said.ToString().TrimEnd() + Cut;
    }

    private static string[] Split(string text, MatchCollection holes)
    {
        List<string> parts = [];
        var at = 0;
        foreach (Match hole in holes)
        {
            parts.Add(text[at..hole.Index]);
            at = hole.Index + hole.Length;
        }

        return [.. parts, text[at..]];
    }

    [GeneratedRegex(@"\{(?<name>\d+)(:(?<kind>[a-z]+)(?<optional>\?)?)?\}")]
    private static partial Regex Hole();
}
