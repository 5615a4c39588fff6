using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Api.Languages;

/// <summary>
/// Details of problems in another language. What goes wrong is described once, in English, where it is found; the table has the same sentence
/// with the same holes, and what stood in the holes is taken out of the English one. So nobody who finds a mistake has to know of languages, and
/// <c>DetailTextTests</c> finds every sentence in the source that the table does not have.
/// </summary>
internal sealed partial class DetailTable
{
    // A sentence in a sentence in a sentence; a value may look like one.
    private const int Deepest = 3;

    /// <summary>Most words first: a sentence that is all hole must not take what another one says better.</summary>
    private readonly List<(Sentence English, string Other)> _sentences;

    /// <param name="sentences">English sentence, with holes <c>{0}</c>, and the other.</param>
    public DetailTable(IEnumerable<KeyValuePair<string, string>> sentences) =>
        _sentences = [.. sentences.Select(s => (English: new Sentence(s.Key), s.Value)).OrderByDescending(s => s.English.Length)];

    /// <summary>The detail in the other language, or as it is when nobody wrote it. A place in front, <c>rules[2].name: </c>, stays.</summary>
    public string Of(string english)
    {
        if (Place().Match(english) is { Success: true } place && Whole(english[place.Length..], 0) is { } placed)
        {
            return place.Value + placed;
        }

        return Whole(english, 0) ?? Behind(english, 0) ?? english;
    }

    /// <summary>A place that has a stranger's words in it, <c>x y: </c>, stays as well.</summary>
    private string? Behind(string english, int depth)
    {
        // A stranger's value may be nothing but colons.
        for (var (colon, tries) = (0, 0); tries < 3 && (colon = english.IndexOf(": ", colon, StringComparison.Ordinal)) > 0; tries++)
        {
            colon += 2;
            if (Whole(english[colon..], depth) is { } rest)
            {
                return english[..colon] + rest;
            }
        }

        return null;
    }

    private string? Whole(string english, int depth)
    {
        foreach (var (sentence, other) in _sentences)
        {
            if (sentence.Values(english) is { } values)
            {
                return Hole().Replace(other, m => values.TryGetValue(m.Value, out var value) ? Inner(value, depth) : m.Value);
            }
        }

        return null;
    }

    /// <summary>What is quoted is somebody's own word; the rest may be a sentence of ours.</summary>
    private string Inner((string Text, bool IsQuoted) value, int depth) =>
        value.IsQuoted || depth == Deepest ? value.Text : Whole(value.Text, depth + 1) ?? Behind(value.Text, depth + 1) ?? value.Text;

    [GeneratedRegex(@"^[A-Za-z][\w.\[\]-]*: ")]
    private static partial Regex Place();

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Hole();

    /// <summary>Literal text with holes between.</summary>
    private sealed class Sentence
    {
        private readonly string[] _texts;
        private readonly string[] _holes;

        public Sentence(string format)
        {
            _texts = Hole().Split(format);
            _holes = [.. Hole().Matches(format).Select(m => m.Value)];
            Length = _texts.Sum(t => t.Length);
        }

        public int Length { get; }

        /// <summary>What stands in the holes; null when it is another sentence.</summary>
        public Dictionary<string, (string Text, bool IsQuoted)>? Values(string text)
        {
            if (_holes.Length == 0)
            {
                return text == _texts[0] ? [] : null;
            }

            if (!text.StartsWith(_texts[0], StringComparison.Ordinal) || !text.EndsWith(_texts[^1], StringComparison.Ordinal))
            {
                return null;
            }

            var values = new Dictionary<string, (string, bool)>();
            var (at, end) = (_texts[0].Length, text.Length - _texts[^1].Length);
            for (var i = 0; i < _holes.Length; i++)
            {
                var next = i == _holes.Length - 1 ? end : text.IndexOf(_texts[i + 1], at, StringComparison.Ordinal);
                if (next < at || next > end)
                {
                    return null;
                }

                values[_holes[i]] = (text[at..next], _texts[i].EndsWith('\'') || _texts[i].EndsWith('"'));
                at = next + _texts[i + 1].Length;
            }

            return values;
        }
    }
}
