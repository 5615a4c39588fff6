namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// Finds phrases that begin with a word, looking only where words begin: most words are left after two or three characters, so this takes
/// less than half of what <see cref="WordAutomaton"/> does, which looks everywhere.
/// </summary>
internal sealed class WordTrie
{
    private readonly int[] _next;
    private readonly int[] _phrase;
    private readonly int _classes;
    private readonly Alphabet _alphabet;

    /// <param name="phrases">Folded, with the number said for each.</param>
    public WordTrie(IReadOnlyList<(string Text, int Number)> phrases)
    {
        _alphabet = new Alphabet(phrases.SelectMany(p => p.Text));
        _classes = _alphabet.Count;
        List<int[]> rows = [new int[_classes]];
        List<int> phraseAt = [-1];
        foreach (var (text, number) in phrases)
        {
            var at = 0;
            foreach (var c in text)
            {
                var step = _alphabet.ClassOf(c);
                if (rows[at][step] == 0)
                {
                    rows[at][step] = rows.Count;
                    rows.Add(new int[_classes]);
                    phraseAt.Add(-1);
                }

                at = rows[at][step];
            }

            phraseAt[at] = number;
        }

        _next = [.. rows.SelectMany(r => r)];
        _phrase = [.. phraseAt];
    }

    public void Find(FoldedText folded, WordAutomaton.Hit hit)
    {
        var text = folded.Text.Span;
        var (next, phrase, classes) = (_next, _phrase, _classes);
        foreach (var start in folded.WordStarts)
        {
            var at = 0;
            for (var i = start; i < text.Length; i++)
            {
                // Class 0 is in no phrase, and leads to row 0 as every step that is none.
                at = next[(at * classes) + _alphabet.ClassOf(text[i])];
                if (at == 0)
                {
                    break;
                }

                if (phrase[at] >= 0)
                {
                    hit(phrase[at], i);
                }
            }
        }
    }
}
