namespace SecuEdge.Appliance.Api.Languages;

/// <summary>
/// What says why, and what timelines tell, in another language. Such sentences are put together from parts in many places, so the table is a small
/// grammar: each phrase is of a kind, and a hole <c>{0:part}</c> names the kind of what may stand in it. What stands in <c>{0}</c> is somebody's own
/// word and stays, even where it looks like a sentence of ours; <c>{0:word}</c> is one without a blank. What nobody wrote stays English: all of the
/// sentence, or what is in a hole <c>{0:part?}</c>. What was cut off, which ends in <c>…</c>, is said as far as it goes.
/// </summary>
internal sealed class WhyTable
{
    private const string Word = "word";

    // A sentence takes a few dozen. A stranger's word may be made of our sentences again and again, and is then said in English.
    private const int MaxTries = 4000;
    private const int MaxDepth = 100;

    // Ours are hundreds of characters long.
    private const int MaxChars = 4000;

    private readonly Dictionary<string, Phrase[]> _kinds;

    /// <param name="kinds">Kind → English phrase → the other.</param>
    public WhyTable(IEnumerable<KeyValuePair<string, Dictionary<string, string>>> kinds) =>
        // Most words first: a phrase that is nearly all hole must not take what another one says better.
        _kinds = kinds.ToDictionary(k => k.Key, k => k.Value.Select(p => new Phrase(p.Key, p.Value)).OrderBy(p => p.BeginsWithHole).ThenByDescending(p => p.Length).ToArray());

    /// <summary>A whole sentence of that kind in the other language, or as it is.</summary>
    public string Of(string kind, string english)
    {
        if (english.Length is 0 or > MaxChars || (new Reading(_kinds, isLenient: false).Of(kind, english) ?? new Reading(_kinds, isLenient: true).Of(kind, english)) is not { Length: > 0 } said)
        {
            return english;
        }

        return char.IsUpper(english[0]) ? $"{char.ToUpperInvariant(said[0])}{said.AsSpan(1)}" : said;
    }

    /// <summary>Reads one sentence.</summary>
    /// <param name="isLenient">Where a part is not known, the others are said all the same.</param>
    private sealed class Reading(Dictionary<string, Phrase[]> kinds, bool isLenient)
    {
        private int _tries;
        private int _depth;

        /// <summary>Null when nobody wrote it.</summary>
        public string? Of(string kind, string text)
        {
            if (kind == Word)
            {
                return text.Contains(' ', StringComparison.Ordinal) ? null : text;
            }

            if (_depth == MaxDepth)
            {
                return null;
            }

            _depth++;
            var said = Of(kind, text, isCut: false) ?? (isLenient && text.EndsWith(Phrase.Cut) ? Of(kind, text, isCut: true) : null);
            _depth--;
            return said;
        }

        private string? Of(string kind, string text, bool isCut)
        {
            foreach (var phrase in kinds[kind])
            {
                if (!phrase.Begins(text))
                {
                    continue;
                }

                var values = new string[phrase.Holes.Count];
                if (phrase.Ends(text) && Fill(phrase, text, phrase.Texts[0].Length, 0, values))
                {
                    return phrase.Say(values);
                }

                if (isCut && FillCut(phrase, text, phrase.Texts[0].Length, 0, values) is { } filled)
                {
                    return phrase.SayCut(values.AsSpan(0, filled));
                }
            }

            return null;
        }

        private bool Fill(Phrase phrase, string text, int at, int hole, string[] values)
        {
            if (hole == phrase.Holes.Count)
            {
                return at == text.Length;
            }

            var behind = phrase.Texts[hole + 1];
            if (hole == phrase.Holes.Count - 1)
            {
                var end = text.Length - behind.Length;
                return end >= at && text.EndsWith(behind, StringComparison.Ordinal) && Put(phrase, hole, text[at..end], values);
            }

            for (var next = text.IndexOf(behind, at, StringComparison.Ordinal); next >= 0 && _tries < MaxTries; next = text.IndexOf(behind, next + 1, StringComparison.Ordinal))
            {
                if (Put(phrase, hole, text[at..next], values) && Fill(phrase, text, next + behind.Length, hole + 1, values))
                {
                    return true;
                }
            }

            return false;
        }

        /// <returns>How many holes are filled before the end that is missing; null when it is another phrase.</returns>
        private int? FillCut(Phrase phrase, string text, int at, int hole, string[] values)
        {
            if (hole == phrase.Holes.Count || (phrase.BeginsWithHole && hole == 0 && phrase.Holes[0].Kind is null))
            {
                return null;
            }

            var behind = phrase.Texts[hole + 1];
            var first = behind.Length == 0 ? -1 : text.IndexOf(behind, at, StringComparison.Ordinal);
            for (var next = first; next >= 0 && _tries < MaxTries; next = text.IndexOf(behind, next + 1, StringComparison.Ordinal))
            {
                if (Put(phrase, hole, text[at..next], values) && FillCut(phrase, text, next + behind.Length, hole + 1, values) is { } filled)
                {
                    return filled;
                }
            }

            // The words behind the hole have begun, or not even those.
            var rest = text[at..^1].TrimEnd();
            for (var begun = Math.Min(behind.Length, rest.Length); begun > 0; begun--)
            {
                if (rest.EndsWith(behind[..begun], StringComparison.Ordinal) && Put(phrase, hole, rest[..^begun], values))
                {
                    return hole + 1;
                }
            }

            return first < 0 && Put(phrase, hole, text[at..], values) ? hole + 1 : null;
        }

        private bool Put(Phrase phrase, int hole, string text, string[] values)
        {
            _tries++;
            var (_, kind, isOptional) = phrase.Holes[hole];
            var said = kind is null ? text : Of(kind, text) ?? (isOptional && isLenient && IsWhole(text) ? text : null);
            values[hole] = said ?? "";
            return said is not null;
        }

        /// <summary>What is left as it is must not end within a quotation.</summary>
        private static bool IsWhole(string text) => text.AsSpan().Count('\'') % 2 == 0;
    }
}
