using SecuEdge.Filter.Policy.Lexical;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Tests.Policy.Lexical;

/// <summary>What a word list means, written as plainly as possible: entry by entry, position by position.</summary>
internal static class NaiveWords
{
    public static double Weigh(WordList list, string text)
    {
        var folded = TextFolding.Fold(text);
        return list.Words.Sum(entry => entry.Weight * Math.Min(entry.Limit, Count(folded, entry)));
    }

    private static int Count(string text, WordEntry entry)
    {
        var places = Places(text, TextFolding.Fold(entry.Text), entry.WholeWord);
        if (entry.Near is null)
        {
            return places.Count;
        }

        var others = Places(text, TextFolding.Fold(entry.Near), entry.WholeWord);
        return places.Count(place => others.Exists(other => other != place && Distance(text, place, other) <= entry.Within));
    }

    private static List<(int Start, int End)> Places(string text, string phrase, bool wholeWord)
    {
        List<(int, int)> places = [];
        for (var at = 0; (at = text.IndexOf(phrase, at, StringComparison.Ordinal)) >= 0;)
        {
            var end = at + phrase.Length - 1;
            var isWhole = (at == 0 || !Joined(text[at], text[at - 1])) && (end == text.Length - 1 || !Joined(text[end], text[end + 1]));
            if (!wholeWord || isWhole)
            {
                places.Add((at, end));
                at = end + 1;
            }
            else
            {
                at++;
            }
        }

        return places;
    }

    private static bool Joined(char edge, char neighbour) =>
        TextFolding.IsWordChar(edge) && TextFolding.IsWordChar(neighbour) && !TextFolding.IsUnspaced(edge);

    private static int Distance(string text, (int Start, int End) a, (int Start, int End) b)
    {
        var (first, second) = a.Start <= b.Start ? (a, b) : (b, a);
        return Math.Max(0, WordNumber(text, second.Start) - WordNumber(text, first.End));
    }

    private static int WordNumber(string text, int position) =>
        Enumerable.Range(0, position + 1).Count(i => TextFolding.IsWordChar(text[i]) && (i == 0 || !TextFolding.IsWordChar(text[i - 1])));
}
