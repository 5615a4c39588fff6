using System.Globalization;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests.Policy;

/// <summary>What one node may ask of memory and time.</summary>
public sealed class RuleLimitsTests
{
    private static readonly MailPath Anna = new("anna", "example.org");

    private static readonly PolicyFacts Long = new()
    {
        Reference = "R",
        At = DateTimeOffset.UnixEpoch,
        Tenant = "acme",
        Direction = Direction.Inbound,
        Text = new MessageText("", string.Concat(Enumerable.Repeat("a plain word of nobody ", 20_000)), []),
    };

    [Fact]
    public void A_list_whose_table_would_take_gigabytes_is_refused_with_its_name()
    {
        // 3,000 words of 4 characters, all of them different: 12,000 rows of 12,000 fields.
        WordList list = new() { Name = "all-of-chinese", Words = [.. Enumerable.Range(0, 3000).Select(i => new WordEntry { Text = string.Concat(Enumerable.Range(0, 4).Select(k => (char)(0x4E00 + (i * 4) + k))) })] };

        var error = Assert.Single(RuleSet.Check(new PolicyLayer { Node = "acme", WordLists = [list] }, null), e => e.StartsWith("wordLists[0]", StringComparison.Ordinal));

        Assert.Contains("'all-of-chinese' needs a table of", error, StringComparison.Ordinal);
        Assert.EndsWith("so divide it", error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_node_has_so_many_characters_of_words_in_all()
    {
        var lists = Enumerable.Range(0, 12).Select(n => new WordList
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"list{n}"),
            Words = [.. Enumerable.Range(0, 5000).Select(i => new WordEntry { Text = string.Create(CultureInfo.InvariantCulture, $"word{i:00000}") })],
        });

        Assert.Contains("wordLists: 540000 characters", string.Join('\n', RuleSet.Check(new PolicyLayer { Node = "acme", WordLists = [.. lists] }, null)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(201, true)]
    public void One_node_has_so_many_regular_expressions(int count, bool isRefused)
    {
        var rules = Enumerable.Range(0, count).Select(i => new Rule
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"r{i}"),
            When = i % 2 == 0 ? new PatternCondition { Pattern = $"a{i}" } : new HeaderCondition { Name = "X-A", Matches = $"a{i}" },
            Then = [new TagAction { Subject = "[x]" }],
        });

        Assert.Equal(isRefused, RuleSet.Check(new PolicyLayer { Node = "acme", Rules = [.. rules] }, null).Any(e => e.Contains("regular expressions in one node", StringComparison.Ordinal)));
    }

    [Fact]
    public void Patterns_share_the_work_for_a_message_and_the_rest_are_unknown_while_answers_stay()
    {
        var worked = TimeSpan.Zero;
        var memory = new PatternMemory(() => worked);
        var (message, first) = (new object(), new object());
        Truth Ask(object matcher, TimeSpan takes, out string why) => memory.Ask(matcher, message, () => { worked += takes; return (Truth.Yes, "found"); }, out why);

        // However slow it is, one pattern leaves most of the work to the others.
        Assert.Equal(Truth.Yes, Ask(first, TimeSpan.FromSeconds(3), out _));
        Assert.Equal(Truth.Yes, Ask(new object(), TimeSpan.FromSeconds(0.1), out _));
        Assert.Equal(Truth.Yes, Ask(new object(), TimeSpan.FromSeconds(1), out _));
        Assert.Equal(Truth.Unknown, Ask(new object(), TimeSpan.FromSeconds(0.1), out var why));
        Assert.Equal(PatternMemory.OverSentence, why);
        Assert.Equal(Truth.Yes, memory.Ask(first, message, () => throw new InvalidOperationException("asked twice"), out why));
        Assert.Equal("found", why);
    }

    [Fact]
    public void A_pattern_that_has_its_share_is_over_between_two_texts_and_the_next_one_is_not()
    {
        var worked = TimeSpan.Zero;
        var memory = new PatternMemory(() => worked);
        var message = new object();
        memory.Ask(new object(), message, () => { worked += PatternMemory.Share; return (memory.IsOver ? Truth.Unknown : Truth.No, ""); }, out _);
        Assert.Equal(Truth.No, memory.Ask(new object(), message, () => (memory.IsOver ? Truth.Unknown : Truth.No, ""), out _));
    }

    [Fact]
    public void Rules_that_ask_other_weights_of_one_list_read_the_text_once()
    {
        // Each reading of the clock is a tenth of a second of work: forty weighings would be over after seven.
        var worked = TimeSpan.Zero;
        var rules = RuleSet.Compile(OfWords(_ => "payment-en", count: 40), null);
        var decision = rules.Decide(Long, 0, MessageClass.Clean, Anna, new MessageMemory(() => worked += TimeSpan.FromSeconds(0.1)));
        Assert.All(decision.Answers, a => Assert.Equal(Truth.No, a.Holds));

        // Read for each of them, this is a minute.
        rules = RuleSet.Compile(OfWords(_ => "payment-en", count: 4000), null);
        var started = ProcessorTime.OfThread();
        decision = rules.Decide(Long, 0, MessageClass.Clean, Anna);
        Assert.Equal(4000, decision.Answers.Count(a => a.Holds == Truth.No));
        Assert.InRange((ProcessorTime.OfThread() - started).TotalSeconds, 0, 2.5);
    }

    [Fact]
    public void Lists_share_the_work_for_a_message_with_patterns_and_the_rest_are_unknown()
    {
        var worked = TimeSpan.Zero;
        var layer = OfWords(i => string.Create(CultureInfo.InvariantCulture, $"list{i}"), count: 30) with
        {
            WordLists = [.. Enumerable.Range(0, 30).Select(i => new WordList { Name = string.Create(CultureInfo.InvariantCulture, $"list{i}"), Words = [new WordEntry { Text = "absent" }] })],
        };
        var decision = RuleSet.Compile(layer, null).Decide(Long, 0, MessageClass.Clean, Anna, new MessageMemory(() => worked += TimeSpan.FromSeconds(0.1)));
        Assert.Equal(Truth.No, decision.Answers[0].Holds);
        Assert.Equal(Truth.Unknown, decision.Answers[29].Holds);
        Assert.Equal(char.ToUpperInvariant(PatternMemory.OverSentence[0]) + PatternMemory.OverSentence[1..] + ".", decision.Answers[29].Why);
    }

    [Fact]
    public void What_counts_is_the_work_of_the_thread_and_not_the_time_on_the_wall()
    {
        var started = ProcessorTime.OfThread();
        using var never = new ManualResetEventSlim();
        // A wait in which nothing is worked is what a busy machine looks like.
        never.Wait(TimeSpan.FromMilliseconds(60), TestContext.Current.CancellationToken);
        var waited = ProcessorTime.OfThread() - started;
        Assert.InRange(waited.TotalMilliseconds, 0, 40);
        while (ProcessorTime.OfThread() - started < waited + TimeSpan.FromMilliseconds(5))
        {
            // Work, until it is counted.
        }
    }

    private static PolicyLayer OfWords(Func<int, string> list, int count) => new()
    {
        Node = "acme",
        Rules = [.. Enumerable.Range(0, count).Select(i => new Rule
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"r{i}"),
            When = new WordsCondition { List = list(i), AtLeast = 1000 + i },
            Then = [new TagAction { Subject = "[x]" }],
        })],
    };
}
