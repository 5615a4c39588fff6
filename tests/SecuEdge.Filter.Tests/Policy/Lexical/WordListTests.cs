using SecuEdge.Filter.Policy.Lexical;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Tests.Policy.Lexical;

public sealed class WordListTests
{
    /// <summary>Entry, text, expected occurrences.</summary>
    public static TheoryData<string, string, int> Foldings => new()
    {
        { "confidentiel", "Ceci est CONFIDENTIEL.", 1 },
        { "réservé", "RESERVE, réservé; re\u0301serve\u0301!", 3 },
        { "straße", "Strasse STRASSE Straße", 3 },
        { "cœur", "coeur CŒUR cœur", 3 },
        { "do not forward", "Do  not\r\n\tforward", 1 },
        { "do not forward", "do not\u00A0forward", 1 },
        { "do not forward", "do not, forward", 0 },
        { "l'argent", "l’argent et l'argent", 2 },
        { "secret", "se\u200Bcr\u00ADet", 1 },
        { "secret", "ｓｅｃｒｅｔ \U0001D42C\U0001D41E\U0001D41C\U0001D42B\U0001D41E\U0001D42D", 2 },
        { "ﬁn", "fin ﬁn", 2 },
        { "con", "connard icon con", 1 },
        { "con", "con-con, (con)!", 3 },
        { "c++", "c++ c++11 xc++", 2 },
        { "秘密", "これは秘密です", 1 },
        { "mot", "mot\tmot\nmot", 3 },
        { "ana", "banana", 0 },
        { "łódź", "Lodz ŁÓDŹ", 2 },
        { "x", "", 0 },
        { "İstanbul", "istanbul İSTANBUL", 2 },
        { "секрет", "СЕКРЕТ", 1 },
        { "секрет", "это секрет!", 1 },
        { "απόρρητο", "ΑΠΟΡΡΗΤΟ απόρρητο", 2 },
        { "virement", "v\u0456rement virem\u0435nt", 2 },
        { "payment", "\u0440\u0430ym\u0435nt", 1 },
        { "secret", "se\u3164cret se\u1160cret se\uFFA0cret", 3 },
        { "secret", "se\U000E0020cr\U000E0065et s\uFE0Fecret", 2 },
        { "secret", "\u1D04 \uA731\u1D07\u1D04\u0280\u1D07\u1D1B \U0001F142\U0001F134\U0001F132\U0001F141\U0001F134\U0001F143", 2 },
    };

    [Theory]
    [MemberData(nameof(Foldings))]
    public void A_whole_word_is_found_in_every_way_to_write_it(string entry, string text, int expected) =>
        Assert.Equal(expected, Weigh(text, new WordEntry { Text = entry, Limit = 1000 }));

    [Fact]
    public void Inside_words_repetitions_do_not_overlap() =>
        Assert.Equal(2, Weigh("aaaaa", new WordEntry { Text = "aa", WholeWord = false, Limit = 10 }));

    [Fact]
    public void Repetitions_count_up_to_the_limit_and_weights_may_speak_against() =>
        Assert.Equal(
            (3 * 2) - 5,
            Weigh("spam spam spam spam ham", new WordEntry { Text = "spam", Weight = 2 }, new WordEntry { Text = "ham", Weight = -5 }));

    /// <summary>Text, distance, expected.</summary>
    public static TheoryData<string, int, int> Nearness => new()
    {
        { "transfer the money", 2, 1 },
        { "transfer all the money", 2, 0 },
        { "transfer all the money", 3, 1 },
        { "money first, then transfer", 3, 1 },
        { "transfer, transfer, money", 1, 1 },
        { "transfer one two three money transfer", 1, 1 },
        { "transfer", 100, 0 },
        { "money transfer money", 1, 1 },
        { "moneytransfer money", 5, 0 },
    };

    [Theory]
    [MemberData(nameof(Nearness))]
    public void An_entry_with_a_neighbour_counts_where_the_neighbour_is_near(string text, int within, int expected) =>
        Assert.Equal(expected, Weigh(text, new WordEntry { Text = "transfer", Near = "money", Within = within }));

    [Fact]
    public void A_word_is_not_near_itself()
    {
        Assert.Equal(0, Weigh("wire", new WordEntry { Text = "wire", Near = "wire" }));
        Assert.Equal(2, Weigh("wire wire", new WordEntry { Text = "wire", Near = "wire" }));
    }

    [Theory]
    [InlineData("\u200B")]
    [InlineData("   ")]
    public void An_entry_of_nothing_is_refused_with_its_place(string nothing)
    {
        var list = new WordList { Name = "mine", Words = [new WordEntry { Text = "a" }, new WordEntry { Text = nothing }] };
        var wrong = Assert.Throws<ArgumentException>(() => TextMatchers.Words(list, 1, []));
        Assert.StartsWith("words[1].text: ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sentence_names_what_counted()
    {
        var list = new WordList { Name = "mine", Words = [new WordEntry { Text = "Été", Weight = 1.5 }, new WordEntry { Text = "hiver" }] };
        var matcher = TextMatchers.Words(list, 3, [TextPlace.Body]);
        Assert.Equal(Truth.Yes, matcher.Matches(new MessageText("hiver", "ete, ÉTÉ", []), out var why));
        Assert.Equal("Weighs 3 by the list mine, at least 3 is asked for: 'Été' 2 × 1.5.", why);
        Assert.Equal(Truth.No, matcher.Matches(new MessageText("été été", "hiver", ["été"]), out why));
        Assert.Equal("Weighs 1 by the list mine, at least 3 is asked for: 'hiver' 1 × 1.", why);
    }

    [Theory]
    [InlineData(TextPlace.Subject, 1)]
    [InlineData(TextPlace.Body, 2)]
    [InlineData(TextPlace.Attachments, 3)]
    public void Only_the_places_asked_for_are_read(TextPlace place, double weight)
    {
        var list = new WordList { Name = "mine", Words = [new WordEntry { Text = "x", Limit = 100 }] };
        var text = new MessageText("x", "x x", ["x x", "x"]);
        Assert.Equal(Truth.Yes, TextMatchers.Words(list, weight, [place]).Matches(text, out _));
        Assert.Equal(Truth.No, TextMatchers.Words(list, weight + 1, [place]).Matches(text, out _));
        Assert.Equal(Truth.Yes, TextMatchers.Words(list, 6, []).Matches(text, out _));
    }

    [Fact]
    public void What_is_beyond_the_limit_is_not_read_and_the_sentence_says_so()
    {
        var list = new WordList { Name = "mine", Words = [new WordEntry { Text = "needle" }] };
        var text = new MessageText("", new string('x', FoldedMessage.MaxChars) + " needle", []);
        Assert.Equal(Truth.Unknown, TextMatchers.Words(list, 1, []).Matches(text, out var why));
        Assert.Contains("the text is longer than what is looked at", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_behind_ten_thousand_repetitions_is_found()
    {
        var list = new WordList { Name = "mine", Words = [new WordEntry { Text = "transfer", Near = "money", Within = 3 }] };
        var text = string.Concat(Enumerable.Repeat("transfer ", 10_001)) + "one two three four five transfer the money";
        Assert.Equal(Truth.Yes, TextMatchers.Words(list, 1, []).Matches(new MessageText("", text, []), out _));
    }

    [Fact]
    public void More_places_than_can_be_compared_are_unknown()
    {
        // Phrases that end in each other multiply the places of a text.
        var list = new WordList { Name = "mine", Words = [.. Enumerable.Range(1, 60).Select(i => new WordEntry { Text = new string('a', i), Near = "b", WholeWord = false })] };
        Assert.Equal(Truth.Unknown, TextMatchers.Words(list, 1, []).Matches(new MessageText("", new string('a', 1_000_000), []), out _));
    }

    /// <summary>Seen, hidden, in its order; the answer.</summary>
    public static TheoryData<string, string, string, Truth> Bodies => new()
    {
        { "wire transfer", "", "", Truth.Yes },
        { "hello", "wire transfer", "hello wire transfer", Truth.Yes },
        { "wire", "transfer", "wire transfer", Truth.Yes },
        { "wire transfer", "newsletter", "wire transfer newsletter", Truth.Yes },
        { "wire", "transfer", "transfer wire", Truth.No },
        { "hello", "", "", Truth.No },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_body_is_asked_as_each_program_shows_it(string seen, string hidden, string whole, Truth expected)
    {
        var list = new WordList { Name = "mine", Words = [new WordEntry { Text = "wire transfer" }, new WordEntry { Text = "newsletter", Weight = -5 }] };
        var text = new MessageText("", seen, []) { OtherBodies = [.. new[] { hidden, whole }.Where(t => t.Length > 0)] };
        Assert.Equal(expected, TextMatchers.Words(list, 1, []).Matches(text, out _));
        Assert.Equal(expected, TextMatchers.Pattern("wire transfer", true, []).Matches(text, out _));
        Assert.Equal(expected == Truth.Yes ? Truth.Yes : Truth.Unknown, TextMatchers.Words(list, 1, []).Matches(text with { IsBodyCut = true }, out _));
        Assert.Equal(expected == Truth.Yes ? Truth.Yes : Truth.Unknown, TextMatchers.Pattern("wire transfer", true, []).Matches(text with { IsBodyCut = true }, out _));
        Assert.Equal(Truth.No, TextMatchers.Words(list, 1, [TextPlace.Subject]).Matches(text with { IsBodyCut = true }, out _));
    }

    [Fact]
    public void The_same_word_in_two_readings_of_a_body_weighs_once()
    {
        var list = new WordList { Name = "mine", Words = [new WordEntry { Text = "wire", Limit = 10 }] };
        var text = new MessageText("wire", "wire", ["wire"]) { OtherBodies = ["wire", "wire"] };
        Assert.Equal(Truth.Yes, TextMatchers.Words(list, 3, []).Matches(text, out _));
        Assert.Equal(Truth.No, TextMatchers.Words(list, 4, []).Matches(text, out _));
    }

    [Fact]
    public void Expansions_at_the_end_of_a_text_have_room() =>
        Assert.Equal(new string('s', 20_000), TextFolding.Fold(new string('ß', 10_000)));

    [Fact]
    public void The_automaton_finds_what_a_naive_search_finds()
    {
        var random = new Random(20260301);
        for (var round = 0; round < 3_000; round++)
        {
            var list = RandomList(random);
            var text = RandomText(random, random.Next(0, 120));
            var actual = new WordListMatcher(list).Weigh([TextFolding.Fold(text, int.MaxValue)]).Weight;
            var expected = NaiveWords.Weigh(list, text);
            Assert.True(Math.Abs(expected - actual) < 0.0005, $"round {round}: '{text}' by {string.Join(" | ", list.Words)}: {actual}, naively {expected}");
        }
    }

    private static WordList RandomList(Random random) => new()
    {
        Name = "random",
        Words = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => new WordEntry
        {
            Text = RandomWord(random),
            Weight = random.Next(-4, 5),
            WholeWord = random.Next(3) > 0,
            Near = random.Next(4) == 0 ? RandomWord(random) : null,
            Within = random.Next(1, 5),
            Limit = random.Next(1, 6),
        })],
    };

    private static string RandomWord(Random random)
    {
        while (true)
        {
            var word = RandomText(random, random.Next(1, 6));
            if (TextFolding.Fold(word).Length > 0)
            {
                return word;
            }
        }
    }

    private static string RandomText(Random random, int length)
    {
        const string alphabet = "aaabbcéßœ  .'\u0301\u200B-秘";
        return new string([.. Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)])]);
    }

    private static double Weigh(string text, params WordEntry[] entries) =>
        new WordListMatcher(new WordList { Name = "test", Words = entries }).Weigh([TextFolding.Fold(text, int.MaxValue)]).Weight;
}
