using System.Globalization;
using System.Text.RegularExpressions;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>Compiles questions about text.</summary>
public static class TextMatchers
{
    /// <exception cref="ArgumentException">The list cannot be compiled.</exception>
    public static ITextMatcher Words(WordList list, double atLeast, IReadOnlyList<TextPlace> places) => new WordSearch(list, atLeast, places);

    /// <exception cref="ArgumentException">Not a regular expression.</exception>
    /// <exception cref="NotSupportedException">Look-around or back-references.</exception>
    public static ITextMatcher Pattern(string pattern, bool ignoreCase, IReadOnlyList<TextPlace> places) => new PatternSearch(pattern, ignoreCase, places);

    internal static IEnumerable<(TextPlace Place, string Text)> Read(MessageText text, IReadOnlyList<TextPlace> places)
    {
        bool Wants(TextPlace place) => places.Count == 0 || places.Contains(place);
        if (Wants(TextPlace.Subject))
        {
            yield return (TextPlace.Subject, text.Subject);
        }

        if (Wants(TextPlace.Body))
        {
            yield return (TextPlace.Body, text.Body);
        }

        foreach (var attachment in Wants(TextPlace.Attachments) ? text.Attachments : [])
        {
            yield return (TextPlace.Attachments, attachment);
        }
    }

    private sealed class PatternSearch(string pattern, bool ignoreCase, IReadOnlyList<TextPlace> places) : ITextMatcher
    {
        private readonly Regex _regex = new(
            pattern,
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None),
            TimeSpan.FromSeconds(1));

        public Truth Matches(MessageText text, out string why)
        {
            foreach (var (place, content) in Read(text, places))
            {
                try
                {
                    if (_regex.IsMatch(content))
                    {
                        why = $"The {place.ToString().ToLowerInvariant()} matches the pattern {pattern}.";
                        return Truth.Yes;
                    }
                }
                catch (RegexMatchTimeoutException)
                {
                    why = $"The pattern {pattern} took too long.";
                    return Truth.Unknown;
                }
            }

            why = $"Nothing matches the pattern {pattern}.";
            return Truth.No;
        }
    }

    private sealed class WordSearch(WordList list, double atLeast, IReadOnlyList<TextPlace> places) : ITextMatcher
    {
        public Truth Matches(MessageText text, out string why)
        {
            var weight = list.Words.Sum(word => word.Weight * Math.Min(word.Limit, Read(text, places).Sum(read => Count(read.Text, word))));
            var holds = weight >= atLeast;
            why = string.Create(CultureInfo.InvariantCulture, $"Words of '{list.Name}' weigh {weight:0.##}, {(holds ? "at least" : "below")} {atLeast:0.##}.");
            return holds ? Truth.Yes : Truth.No;
        }

        private static int Count(string text, WordEntry word)
        {
            const CompareOptions Folded = CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace;
            var count = 0;
            for (var at = 0; word.Text.Length > 0 && at < text.Length; at++)
            {
                var found = CultureInfo.InvariantCulture.CompareInfo.IndexOf(text.AsSpan(at), word.Text, Folded, out var length);
                if (found < 0)
                {
                    break;
                }

                at += found;
                var isWhole = (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + length >= text.Length || !char.IsLetterOrDigit(text[at + length]));
                count += isWhole || !word.WholeWord ? 1 : 0;
            }

            return count;
        }
    }
}
