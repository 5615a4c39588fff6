using System.Collections.Frozen;

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
    private readonly byte[] _asciiClasses = new byte[128];
    private readonly FrozenDictionary<char, int> _otherClasses;
    private readonly int[] _phrase;
    private readonly int[] _shorter;

    /// <param name="phrases">Folded, none empty, none twice.</param>
    public WordAutomaton(IReadOnlyList<string> phrases)
    {
        var alphabet = phrases.SelectMany(p => p).Distinct().Order().Select((c, i) => (c, i: i + 1)).ToList();
        _classes = alphabet.Count + 1;
        _otherClasses = alphabet.ToFrozenDictionary(p => p.c, p => p.i);
        foreach (var (c, i) in alphabet.Where(p => p.c < 128))
        {
            // ASCII has fewer than 128 characters, so a class that an ASCII character gets may still be large: others sort after it.
            _asciiClasses[c] = (byte)i;
        }

        List<int[]> trie = [Row()];
        List<int> phraseAt = [-1];
        for (var p = 0; p < phrases.Count; p++)
        {
            var at = 0;
            foreach (var c in phrases[p])
            {
                var step = _otherClasses[c];
                if (trie[at][step] < 0)
                {
                    trie[at][step] = trie.Count;
                    trie.Add(Row());
                    phraseAt.Add(-1);
                }

                at = trie[at][step];
            }

            phraseAt[at] = p;
        }

        _phrase = [.. phraseAt];
        _shorter = new int[trie.Count];
        _next = new int[trie.Count * _classes];
        Complete(trie);
    }

    public void Find(ReadOnlySpan<char> text, Hit hit)
    {
        var (next, classes, ascii) = (_next, _classes, _asciiClasses);
        var state = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var step = c < 128 ? ascii[c] : _otherClasses.GetValueOrDefault(c);
            // Sign bit: some phrase ends here.
            var packed = next[state + step];
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
