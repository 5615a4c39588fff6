using System.Globalization;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// A word list compiled: finds all its phrases and adds up what they weigh. Whole words are looked for where words begin, the rest everywhere. Repetitions that overlap themselves count once, an
/// entry counts at most <see cref="WordEntry.Limit"/> times in the whole message.
/// </summary>
internal sealed class WordListMatcher
{
    /// <summary>A list of so many entries is a dictionary, and its table some tens of megabytes.</summary>
    public const int MaxEntries = 5_000;

    /// <summary>Twice what 5,000 usual words have.</summary>
    public const int MaxCharacters = 100_000;

    /// <summary>32 MB. A row has a field for each different character: some hundreds of them, as Chinese has, and rows enough for long lists make gigabytes.</summary>
    public const long MaxFields = 8_000_000;

    /// <summary>
    /// Places remembered of all phrases of one text that stand in conditions of nearness, and comparisons of them: a text made of nothing else
    /// has fewer, unless phrases end in each other. Beyond that the answer is not known.
    /// </summary>
    private const int MaxPlaces = 1 << 20;

    private const int MaxComparisons = 4 << 20;

    private readonly WordTrie? _words;
    private readonly WordAutomaton? _automaton;
    private readonly string[] _phrases;
    private readonly (WordEntry Entry, int Phrase, int Near)[] _entries;
    private readonly bool[] _needsPlaces;

    /// <exception cref="ArgumentException">The list did not pass <see cref="Problem"/>.</exception>
    public WordListMatcher(WordList list)
    {
        if (Problem(list) is { } problem)
        {
            throw new ArgumentException(problem);
        }

        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        _entries = [.. list.Words.Select(e => (e, Number(e.Text), e.Near is { } near ? Number(near) : -1))];
        _phrases = [.. numbers.OrderBy(p => p.Value).Select(p => p.Key)];
        _needsPlaces = new bool[_phrases.Length];
        foreach (var (_, phrase, near) in _entries.Where(e => e.Near >= 0))
        {
            (_needsPlaces[phrase], _needsPlaces[near]) = (true, true);
        }

        var anywhere = _entries.Where(e => !e.Entry.WholeWord).SelectMany(e => new[] { e.Phrase, e.Near }).ToHashSet();
        var byPlace = _phrases.Select((text, number) => (text, number)).ToLookup(p => BeginsWithWord(p.text) && !anywhere.Contains(p.number));
        _words = byPlace[true].Any() ? new WordTrie([.. byPlace[true]]) : null;
        _automaton = byPlace[false].Any() ? new WordAutomaton([.. byPlace[false]]) : null;

        int Number(string text)
        {
            var folded = TextFolding.Fold(text);
            if (!numbers.TryGetValue(folded, out var number))
            {
                number = numbers[folded] = numbers.Count;
            }

            return number;
        }
    }

    /// <summary>What is wrong with a list, with the place and the remedy; null when it can be compiled.</summary>
    public static string? Problem(WordList list)
    {
        if (list.Words.Count > MaxEntries)
        {
            return $"words: has {list.Words.Count} entries; a list takes {MaxEntries}, so divide it";
        }

        var size = SizeOf(list);
        if (size.Characters > MaxCharacters)
        {
            return $"words: list '{list.Name}' has {size.Characters} characters; a list takes {MaxCharacters}, so divide it";
        }

        if (size.Fields > MaxFields)
        {
            return $"words: list '{list.Name}' needs a table of {size.Fields} fields, characters times different characters; a list takes {MaxFields}, so divide it";
        }

        for (var i = 0; i < list.Words.Count; i++)
        {
            var entry = list.Words[i];
            if (TextFolding.Fold(entry.Text).Length == 0)
            {
                return $"words[{i}].text: '{entry.Text}' has no letter or sign to look for";
            }

            if (entry.Near is { } near && TextFolding.Fold(near).Length == 0)
            {
                return $"words[{i}].near: '{near}' has no letter or sign to look for; leave it out";
            }
        }

        return null;
    }

    /// <summary>What the tables of a list take at most: beginnings that words share need less.</summary>
    public static WordListSize SizeOf(WordList list)
    {
        var characters = 0L;
        var different = new HashSet<char>();
        foreach (var text in list.Words.SelectMany(e => e.Near is { } near ? new[] { e.Text, near } : [e.Text]))
        {
            var folded = TextFolding.Fold(text);
            characters += folded.Length;
            different.UnionWith(folded);
        }

        return new WordListSize(characters, (characters + 1) * (different.Count + 1));
    }

    /// <summary>The weight of texts, with what counted, heaviest first.</summary>
    public WordWeight Weigh(IEnumerable<FoldedText> texts) => Weigh(texts, []);

    /// <param name="oneOf">The same text as different programs show it: the one that weighs most counts.</param>
    public WordWeight Weigh(IEnumerable<FoldedText> texts, IReadOnlyList<FoldedText> oneOf)
    {
        var counts = new int[_entries.Length];
        var isCut = false;
        foreach (var text in texts)
        {
            isCut |= Count(text, counts);
        }

        var heaviest = oneOf.Count > 1 ? null : WeightOf(counts, oneOf.Count == 1 && Count(oneOf[0], counts));
        foreach (var text in oneOf.Count > 1 ? oneOf : [])
        {
            int[] own = [.. counts];
            isCut |= Count(text, own);
            heaviest = WeightOf(own, false) is var weight && weight.Weight > heaviest?.Weight ? weight : heaviest ?? weight;
        }

        return heaviest! with { IsCut = isCut || heaviest.IsCut };
    }

    private WordWeight WeightOf(int[] counts, bool isCut)
    {
        double weight = 0;
        List<CountedWord>? counted = null;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                var entry = _entries[i].Entry;
                var times = Math.Min(counts[i], entry.Limit);
                weight += times * entry.Weight;
                (counted ??= []).Add(new CountedWord(entry.Text, times, entry.Weight));
            }
        }

        return new WordWeight(Math.Round(weight, 3), counted is null ? [] : [.. counted.OrderByDescending(c => Math.Abs(c.Weight * c.Times))]) { IsCut = isCut };
    }

    /// <returns>True when there was too much to count all of it.</returns>
    private bool Count(FoldedText text, int[] counts)
    {
        var found = new Found(this, text.Text);
        _words?.Find(text, found.Take);
        _automaton?.Find(text.Text.Span, found.Take);
        if (!found.IsAny)
        {
            return false;
        }

        for (var i = 0; i < _entries.Length; i++)
        {
            var (entry, phrase, near) = _entries[i];
            counts[i] += near >= 0 ? CountNear(text, entry, phrase, near, found) : entry.WholeWord ? found.Whole[phrase].Count : found.Any[phrase].Count;
        }

        return found.IsCut;
    }

    private static bool BeginsWithWord(string phrase) => TextFolding.IsWordChar(phrase[0]) && !TextFolding.IsUnspaced(phrase[0]);

    private int CountNear(FoldedText text, WordEntry entry, int phrase, int near, Found found)
    {
        var (here, there) = entry.WholeWord ? (found.Whole[phrase], found.Whole[near]) : (found.Any[phrase], found.Any[near]);
        if (here.Ends is null || there.Ends is null)
        {
            return 0;
        }

        var count = 0;
        var from = 0;
        foreach (var end in here.Ends)
        {
            // More than the limit weighs nothing.
            if (count == entry.Limit || !found.TryCompare())
            {
                break;
            }

            var (first, last) = Words(end, phrase);
            // Both are in order of the text: what ends too early for this one does so for the next ones, too.
            while (from < there.Ends.Count && found.TryCompare() && first - Words(there.Ends[from], near).Last > entry.Within)
            {
                from++;
            }

            for (var i = from; i < there.Ends.Count; i++)
            {
                var (otherFirst, otherLast) = Words(there.Ends[i], near);
                if (otherFirst - last > entry.Within)
                {
                    break;
                }

                // A word is not near itself.
                if (there.Ends[i] != end || near != phrase)
                {
                    count++;
                    break;
                }
            }
        }

        return count;

        (int First, int Last) Words(int end, int which) => (text.WordAt(end - _phrases[which].Length + 1), text.WordAt(end));
    }

    /// <summary>What one pass found.</summary>
    private sealed class Found(WordListMatcher list, ReadOnlyMemory<char> text)
    {
        private int _kept;
        private int _compared;

        public bool IsAny { get; private set; }

        /// <summary>Not all places were kept or compared.</summary>
        public bool IsCut { get; private set; }

        /// <summary>Standing as whole words, by phrase.</summary>
        public Places[] Whole { get; } = new Places[list._phrases.Length];

        /// <summary>Standing anywhere, by phrase.</summary>
        public Places[] Any { get; } = new Places[list._phrases.Length];

        public void Take(int phrase, int end)
        {
            IsAny = true;
            var length = list._phrases[phrase].Length;
            Add(ref Any[phrase], phrase, end, length);
            if (IsWhole(text.Span, end - length + 1, end))
            {
                Add(ref Whole[phrase], phrase, end, length);
            }
        }

        public bool TryCompare()
        {
            IsCut |= _compared >= MaxComparisons;
            return ++_compared <= MaxComparisons;
        }

        private void Add(ref Places places, int phrase, int end, int length)
        {
            if (!places.TryAdd(end, length) || !list._needsPlaces[phrase])
            {
                return;
            }

            IsCut |= _kept == MaxPlaces;
            if (!IsCut)
            {
                _kept++;
                places.Keep(end);
            }
        }

        private static bool IsWhole(ReadOnlySpan<char> text, int start, int end) =>
            (start == 0 || !IsJoined(text[start], text[start - 1])) && (end == text.Length - 1 || !IsJoined(text[end], text[end + 1]));

        /// <summary>Whether the character at the edge goes on in its neighbour.</summary>
        private static bool IsJoined(char edge, char neighbour) =>
            TextFolding.IsWordChar(edge) && TextFolding.IsWordChar(neighbour) && !TextFolding.IsUnspaced(edge);
    }

    private struct Places
    {
        private int _nextFree;

        public int Count { get; private set; }

        /// <summary>Positions of the last characters; null where nobody asks for them.</summary>
        public List<int>? Ends { get; private set; }

        /// <returns>False when it overlaps the one before.</returns>
        public bool TryAdd(int end, int length)
        {
            if (end - length + 1 < _nextFree)
            {
                return false;
            }

            _nextFree = end + 1;
            Count++;
            return true;
        }

        public void Keep(int end) => (Ends ??= []).Add(end);
    }
}

/// <summary>What a text weighs by a list.</summary>
internal sealed record WordWeight(double Weight, IReadOnlyList<CountedWord> Words)
{
    private const int Named = 8;

    /// <summary>There may be more.</summary>
    public bool IsCut { get; init; }

    /// <summary><c>'wire transfer' 2 × 3, 'iban' 1 × 1</c>.</summary>
    public string Sentence()
    {
        var words = string.Join(", ", Words.Take(Named).Select(w => string.Create(CultureInfo.InvariantCulture, $"'{w.Text}' {w.Times} × {w.Weight}")));
        return Words.Count > Named ? $"{words} and {Words.Count - Named} more" : words;
    }
}

/// <param name="Characters">Of all words, folded.</param>
/// <param name="Fields">Rows times columns of the tables, four bytes each.</param>
internal readonly record struct WordListSize(long Characters, long Fields);

internal sealed record CountedWord(string Text, int Times, double Weight);
