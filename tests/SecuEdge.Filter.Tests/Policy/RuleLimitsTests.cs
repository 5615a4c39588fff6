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

    [Fact]
    public void Conditions_that_name_one_group_share_its_members()
    {
        var layer = OfGroup(300, i => $"m{i}@partner.example", 10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var rules = RuleSet.Compile(layer, null);
        // A set of ten thousand for each condition is half a gigabyte.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60_000_000);
        Assert.Equal("r", rules.Decide(From("m9999@partner.example"), 0, MessageClass.Clean, Anna).Disposition?.Rule);
        Assert.Equal("r", rules.Decide(From("eva@own299.example"), 0, MessageClass.Clean, Anna).Disposition?.Rule);
        Assert.Null(rules.Decide(From("eva@else.example"), 0, MessageClass.Clean, Anna).Disposition);
    }

    [Fact]
    public void Patterns_of_a_group_are_tried_once_for_an_address_whoever_names_it()
    {
        var rules = RuleSet.Compile(OfGroup(2_000, i => $"*needle-{i}*@*", 5_000), null);
        var sender = $"{new string('n', 60)}@else.example";
        var started = ProcessorTime.OfThread();
        Assert.Null(rules.Decide(From(sender), 0, MessageClass.Clean, Anna).Disposition);
        // Tried for each condition, these are ten million.
        Assert.InRange((ProcessorTime.OfThread() - started).TotalSeconds, 0, 1.5);
    }

    [Fact]
    public void Looking_for_contradictions_ends_and_finds_those_that_stand_first()
    {
        // Alike but for the last of them: each comparison of two lists reads both to their end.
        string[] patterns = [.. Enumerable.Range(0, 400).Select(i => $"news-{i}-*@*")];
        var rules = Enumerable.Range(0, 400).Select(i => new Rule { Name = $"r{i}", When = new SenderCondition { Addresses = [.. patterns, $"own-{i}-*@*"] }, Then = [new QuarantineAction()] });
        var set = RuleSet.Compile(
            new PolicyLayer
            {
                Node = "acme",
                Rules =
                [
                    new Rule { Name = "large", Priority = 90, When = new SizeCondition(1000, null), Then = [new RejectAction()] },
                    new Rule { Name = "larger", Priority = 80, When = new SizeCondition(5000, null), Then = [new DeliverAction()] },
                    .. rules,
                ],
            },
            null);
        var started = ProcessorTime.OfThread();
        Assert.Equal(["large", "larger"], Contradictions.Find(set)[0].Rules);
        Assert.InRange((ProcessorTime.OfThread() - started).TotalSeconds, 0, 5);
    }

    [Theory]
    [InlineData("m@a.example", "", true)]
    [InlineData("@b.example", "", true)]
    [InlineData("eva@b.example", "", true)]
    [InlineData("news-*@*", "", true)]
    [InlineData("", "staff", true)]
    [InlineData("m@a.example", "copy", true)]
    [InlineData("@a.example", "", false)]
    [InlineData("m@a.example", "more", false)]
    public void A_rule_about_a_group_decides_before_one_about_some_of_it(string address, string group, bool isShown)
    {
        SenderCondition Of(string a, string g) => new() { Addresses = a.Length == 0 ? [] : [a], Groups = g.Length == 0 ? [] : [g] };
        string[] staff = ["m@a.example", "@b.example", "news-*@*"];
        var set = RuleSet.Compile(
            new PolicyLayer
            {
                Node = "acme",
                Groups = [new Group { Name = "staff", Members = staff }, new Group { Name = "copy", Members = [.. staff.Reverse()] }, new Group { Name = "more", Members = [.. staff, "<>"] }],
                Rules = [new Rule { Name = "first", Priority = 90, When = Of("x@x.example", "staff"), Then = [new RejectAction()] }, new Rule { Name = "second", When = Of(address, group), Then = [new RejectAction()] }],
            },
            null);
        Assert.Equal(isShown, Contradictions.Find(set).Any(c => c.Kind == ContradictionKind.NeverReached));
    }

    [Theory]
    [InlineData("m{0}@a.example", 10, false)]
    [InlineData("m{0}@a.example", 11, true)]
    [InlineData("m{0}-*@*", 2, false)]
    [InlineData("m{0}-*@*", 3, true)]
    [InlineData("@*.a{0}.example", 10, false)]
    public void One_node_has_so_many_addresses_and_a_change_that_takes_some_out_is_never_refused(string member, int groups, bool isRefused)
    {
        PolicyLayer Of(int count) => new()
        {
            Node = "acme",
            Groups = [.. Enumerable.Range(0, count).Select(g => new Group { Name = $"g{g}", Members = [.. Enumerable.Range(0, 10_000).Select(i => string.Format(CultureInfo.InvariantCulture, member, i))] })],
        };
        var errors = RuleSet.CheckGrowth(Of(groups), null);
        Assert.Equal(isRefused, errors.Count == 1 && errors[0].StartsWith("groups: ", StringComparison.Ordinal) && errors[0].EndsWith("put some into nodes below", StringComparison.Ordinal));
        Assert.Equal(isRefused, errors.Count > 0);
        Assert.Empty(RuleSet.CheckGrowth(Of(groups), Of(groups)));
        Assert.Empty(RuleSet.CheckGrowth(Of(groups), Of(groups + 1)));
    }

    [Fact]
    public void Naming_groups_again_and_again_counts_too()
    {
        var conditions = Enumerable.Range(0, 11).Select(_ => new RecipientCondition { Groups = [.. Enumerable.Repeat("g", 10_000)] });
        var layer = new PolicyLayer { Node = "acme", Groups = [new Group { Name = "g", Members = ["a@a.example"] }], Rules = [new Rule { Name = "r", When = new AnyCondition([.. conditions]), Then = [new DeliverAction()] }] };
        Assert.StartsWith("rules: 110001 addresses", Assert.Single(RuleSet.CheckGrowth(layer, null)), StringComparison.Ordinal);
    }

    private static PolicyFacts From(string sender) => Long with { Sender = sender, HeaderFrom = sender, Text = null };

    /// <summary>One rule of so many conditions, each about senders of its own and of one group.</summary>
    private static PolicyLayer OfGroup(int conditions, Func<int, string> member, int members) => new()
    {
        Node = "acme",
        Groups = [new Group { Name = "g", Members = [.. Enumerable.Range(0, members).Select(member)] }],
        Rules =
        [
            new Rule
            {
                Name = "r",
                When = new AnyCondition([.. Enumerable.Range(0, conditions).Select(i => new SenderCondition { Addresses = [$"@own{i}.example"], Groups = ["g"] })]),
                Then = [new QuarantineAction()],
            },
        ],
    };

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
