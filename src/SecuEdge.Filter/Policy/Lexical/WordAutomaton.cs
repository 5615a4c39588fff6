namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// Finds all phrases of a list in one pass over a text (Aho and Corasick, "Efficient string matching", CACM 1975): one step a character,
/// however many phrases there are. The failure links are folded into a dense table, so that a step is one look-up.
/// </summary>
internal sealed class WordAutomaton
{
    /// <summary>Called for each place where a phrase ends; the same place may end several.</summary>
    public delegate void Hit(int phrase, int end);

    private readonly int[] _next;
    private readonly int _classes;
    private readonly Alphabet _alphabet;
    private readonly int[] _phrase;
    private readonly int[] _shorter;

    /// <param name="phrases">Folded, none empty, none twice, with the number said for each.</param>
    public WordAutomaton(IReadOnlyList<(string Text, int Number)> phrases)
    {
        _alphabet = new Alphabet(phrases.SelectMany(p => p.Text));
        _classes = _alphabet.Count;
        List<int[]> trie = [Row()];
        List<int> phraseAt = [-1];
        foreach (var (text, number) in phrases)
        {
            var at = 0;
            foreach (var c in text)
            {
                var step = _alphabet.ClassOf(c);
                if (trie[at][step] < 0)
                {
                    trie[at][step] = trie.Count;
                    trie.Add(Row());
                    phraseAt.Add(-1);
                }

                at = trie[at][step];
            }

            phraseAt[at] = number;
        }

        _phrase = [.. phraseAt];
        _shorter = new int[trie.Count];
        _next = new int[trie.Count * _classes];
        Complete(trie);
    }

    public void Find(ReadOnlySpan<char> text, Hit hit)
    {
        var (next, classes) = (_next, _classes);
        var state = 0;
        for (var i = 0; i < text.Length; i++)
        {
            // Sign bit: some phrase ends here.
            var packed = next[state + _alphabet.ClassOf(text[i])];
            state = packed & int.MaxValue;
            if (packed < 0)
            {
                for (var at = state / classes; at > 0; at = _shorter[at])
                {
                    if (_phrase[at] >= 0)
                    {
                        hit(_phrase[at], i);
                    }
                }
            }
        }
    }

    /// <summary>Breadth first, so that the shorter suffix of a state is complete before the state.</summary>
    private void Complete(List<int[]> trie)
    {
        var failure = new int[trie.Count];
        var order = new Queue<int>([0]);
        while (order.TryDequeue(out var at))
        {
            for (var step = 0; step < _classes; step++)
            {
                var child = trie[at][step];
                var fallback = at == 0 ? 0 : trie[failure[at]][step];
                if (child < 0)
                {
                    trie[at][step] = fallback;
                }
                else
                {
                    failure[child] = fallback;
                    // The next shorter suffix that is a phrase or leads to one; 0 ends the chain.
                    _shorter[child] = _phrase[fallback] >= 0 ? fallback : _shorter[fallback];
                    order.Enqueue(child);
                }
            }
        }

        for (var at = 0; at < trie.Count; at++)
        {
            for (var step = 0; step < _classes; step++)
            {
                var target = trie[at][step];
                var isEnd = target > 0 && (_phrase[target] >= 0 || _shorter[target] > 0);
                _next[(at * _classes) + step] = (target * _classes) | (isEnd ? int.MinValue : 0);
            }
        }
    }

    private int[] Row()
    {
        var row = new int[_classes];
        Array.Fill(row, -1);
        return row;
    }
}
