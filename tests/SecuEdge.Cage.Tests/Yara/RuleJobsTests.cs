using System.Security.Cryptography;
using System.Text;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;
using SecuEdge.TestKit;

namespace SecuEdge.Cage.Tests.Yara;

public sealed class RuleJobsTests
{
    private static readonly RuleSource Simple = new("simple.yar", """
        rule Apple : fruit red
        {
          meta:
            description = "says apple"
            score = 4
            sure = true
          strings:
            $word = "apple"
          condition:
            $word
        }
        private rule Hidden { condition: true }
        rule Pear { strings: $word = "pear" condition: $word and Hidden }
        """);

    private readonly RuleJobs _jobs = new();

    public RuleJobsTests() => RuleJobs.SkipWithoutLibrary();

    [Fact]
    public void A_matching_rule_is_told_with_everything_it_says_about_itself()
    {
        var (answer, compiled) = RuleJobs.Compile(Simple);

        var match = Assert.Single(_jobs.Ask("1", compiled, "an apple a day"u8.ToArray()).Matches);

        Assert.Empty(answer.Errors);
        Assert.Equal(["Apple", "Pear"], answer.Rules.Select(r => r.Name));
        Assert.Equal(("Apple", "simple.yar"), (match.Name, match.File));
        Assert.Equal(["fruit", "red"], match.Tags);
        Assert.Equal([("description", "says apple"), ("score", "4"), ("sure", "true")], match.Meta.Select(m => (m.Key, m.Value)));
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(150, true)]
    public void More_than_a_hundred_matches_are_cut_and_the_answer_says_so(int rules, bool isCut)
    {
        var (_, compiled) = RuleJobs.Compile(new RuleSource("many.yar", string.Concat(Enumerable.Range(0, rules).Select(i => $"rule R{i} {{ condition: true }}\n"))));

        var answer = _jobs.Ask("1", compiled, "x"u8.ToArray());

        Assert.Equal(("", isCut), (answer.Trouble, answer.IsCut));
        Assert.InRange(answer.Matches.Count, 100, 101);
    }

    [Fact]
    public void Bytes_in_a_file_are_matched_like_bytes_in_memory()
    {
        var (_, compiled) = RuleJobs.Compile(Simple);
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "part");
        File.WriteAllBytes(file, [.. compiled, .. new byte[100_000], .. "a pear"u8]);

        var answer = _jobs.Ask(new RuleScanQuestion("1", compiled.Length, "", "", 10), new FileBytes(file));

        Assert.Equal(["Pear"], answer.Matches.Select(m => m.Name));
    }

    [Fact]
    public void A_worker_keeps_the_set_it_was_sent_and_the_one_before()
    {
        var (_, compiled) = RuleJobs.Compile(Simple);
        var apple = new MemoryBytes("apple"u8.ToArray());
        RuleScanAnswer Short(string version) => _jobs.Ask(new RuleScanQuestion(version, 0, "", "", 10), apple);

        Assert.True(Short("1").NeedsRules);
        foreach (var version in new[] { "1", "2", "3" })
        {
            _jobs.Ask(version, compiled, []);
        }

        Assert.True(Short("1").NeedsRules);
        Assert.Single(Short("2").Matches);
        Assert.Single(Short("3").Matches);
    }

    [Fact]
    public void Every_wrong_file_is_named_with_its_line()
    {
        var (answer, compiled) = RuleJobs.Compile(
            Simple,
            new("first.yar", "rule A {\n  condition:\n    nonsense\n}"),
            new("good.yar", "rule B { condition: true }"),
            new("second.yar", "\n\nrule C { strings: $a = \"x\" condition: true }"));

        Assert.Empty(compiled);
        Assert.Equal(["first.yar:3", "second.yar:3"], answer.Errors.Select(e => $"{e.File}:{e.Line}"));
        Assert.Equal("first.yar:3: undefined identifier \"nonsense\"", answer.Errors[0].ToString());
    }

    [Theory]
    [InlineData("include \"/etc/passwd\"")]
    [InlineData("rule A { condition: true }\n\0rule B { condition: true }")]
    [InlineData("rule A { condition: ")]
    [InlineData("import \"nothing\"")]
    [InlineData("\u0001\u0002\u0003")]
    public void What_is_no_whole_rule_file_is_refused(string text) =>
        Assert.NotEmpty(RuleJobs.Compile(new RuleSource("bad.yar", text)).Answer.Errors);

    [Fact]
    public void Files_are_apart_from_each_other()
    {
        var (answer, compiled) = RuleJobs.Compile(
            new("a.yar", "global rule Never { condition: false } rule Same { condition: true }"),
            new("b.yar", "rule Same { condition: true }"));

        Assert.Empty(answer.Errors);
        Assert.Equal(["b.yar"], _jobs.Ask("1", compiled, [1]).Matches.Select(m => m.File));
    }

    [Fact]
    public void Rules_may_ask_for_the_name_and_the_type_of_the_part()
    {
        var (answer, compiled) = RuleJobs.Compile(new RuleSource("names.yar", """
            rule Named { condition: filename matches /invoice/i and extension == ".exe" and filetype == "application/pdf" }
            """));

        Assert.Empty(answer.Errors);
        Assert.Single(_jobs.Ask("1", compiled, [1], "Invoice.EXE", "application/pdf").Matches);
        Assert.Empty(_jobs.Ask("1", compiled, [1], "picture.exe", "application/pdf").Matches);
    }

    [Fact]
    public void Modules_that_published_rules_use_are_there()
    {
        var (answer, compiled) = RuleJobs.Compile(new RuleSource("modules.yar", """
            import "pe"
            import "math"
            import "hash"
            rule Random { condition: math.entropy(0, filesize) > 7 and not pe.is_pe and hash.md5(0, filesize) != "" }
            """));

        Assert.Empty(answer.Errors);
        Assert.Single(_jobs.Ask("1", compiled, RandomNumberGenerator.GetBytes(4096)).Matches);
    }

    [Fact]
    public void Rules_that_take_too_long_are_a_time_out_and_no_clean_part()
    {
        // 10^12 turns of a loop.
        var (_, compiled) = RuleJobs.Compile(new RuleSource("slow.yar", """
            rule Slow { condition: for all i in (0..1000000) : (for all j in (0..1000000) : (uint8(i + j) != 300)) }
            """));

        var answer = _jobs.Ask("1", compiled, [1], seconds: 1);

        Assert.True(answer.IsTimeout);
        Assert.Contains("within 1 s", answer.Trouble, StringComparison.Ordinal);
        Assert.Empty(answer.Matches);
    }

    [Fact]
    public void Compiled_rules_that_are_damaged_are_trouble_and_no_crash()
    {
        var answer = _jobs.Ask("1", Encoding.ASCII.GetBytes("nothing of libyara's"), "apple"u8.ToArray());

        Assert.Contains("damaged", answer.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_can_be_scanned_too()
    {
        var (_, compiled) = RuleJobs.Compile(Simple);

        Assert.Equal("", _jobs.Ask("1", compiled, []).Trouble);
    }

    [Fact]
    public void Any_bytes_are_scanned_without_trouble()
    {
        var (_, compiled) = RuleJobs.Compile(Simple);
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(2000)];
            random.NextBytes(bytes);
            Assert.Equal("", _jobs.Ask("1", compiled, bytes).Trouble);
        }
    }
}
