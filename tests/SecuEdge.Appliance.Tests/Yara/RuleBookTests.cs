using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Yara;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.Yara;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Yara;

public sealed class RuleBookTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _data = new();
    private readonly FakeRuleCage _fake = new();
    private readonly YaraServiceOptions _service = new();
    private readonly RuleCage _cage;
    private readonly RuleBook _book;
    private readonly CagedRuleEngine _engine;

    public RuleBookTests()
    {
        _cage = new RuleCage(_fake.RunAsync, _fake.RunAloneAsync, _data.Path);
        _book = new RuleBook(new RuleFolder(Path.Combine(_data.Path, "yara"), 1_000_000), new RuleTrial(_cage, _service), NullLogger<RuleBook>.Instance);
        _engine = new CagedRuleEngine(_book, _cage, new YaraOptions());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_program_carries_its_rules() => Assert.Contains(BuiltInRules.All, file => file.Key == "secuedge/test.yar");

    [Fact]
    public async Task A_file_of_the_folder_is_in_force_after_the_start()
    {
        Write("mine.yar", "find evil malware");

        Assert.True(await _book.ReloadAsync(Token));

        Assert.True(_book.Status.IsReady);
        Assert.Equal([new RuleMatch("mine.yar:evil", RuleSeverity.Malware)], await ScanAsync("so evil"));
        Assert.Empty(await ScanAsync("so good"));
    }

    [Fact]
    public async Task A_set_that_lacks_a_built_in_rule_is_not_put_in_force()
    {
        _fake.LeftOut = "Lnk_Interpreter";

        Assert.False(await _book.ReloadAsync(Token));

        Assert.Contains("lacks the built-in rule Lnk_Interpreter", _book.Status.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_file_of_the_folder_is_set_aside_and_the_others_are_in_force()
    {
        Write("good.yar", "find evil");
        Write("bad.yar", "find x\nerror");

        Assert.True(await _book.ReloadAsync(Token));

        Assert.Single(await ScanAsync("evil"));
        Assert.Contains("bad.yar:2: syntax error", _book.Status.Trouble, StringComparison.Ordinal);
        Assert.Equal(["bad.yar.refused", "good.yar"], Files());

        await _book.ReloadAsync(Token);
        Assert.Contains("rule file bad.yar is not in force", _book.Status.Trouble, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slow", "did not finish")]
    [InlineData("crash", "the worker died")]
    [InlineData("find meeting suspicious", "honest sample")]
    [InlineData("find PDF malware", "honest sample report.pdf")]
    public async Task A_file_that_is_slow_or_kills_or_convicts_honest_mail_is_refused_and_the_former_set_stays(string text, string reason)
    {
        await PutAsync("good", "find evil");
        var before = _book.Status.Version;

        var (problems, _) = await PutAsync("bad", text);

        var problem = Assert.Single(problems);
        Assert.Equal("bad.yar", problem.File);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        Assert.Equal(before, _book.Status.Version);
        Assert.Equal(["good.yar"], Files());
        Assert.Single(await ScanAsync("evil"));
    }

    [Fact]
    public async Task Such_a_file_in_the_folder_is_set_aside_at_the_start()
    {
        Write("bad.yar", "crash");

        Assert.True(await _book.ReloadAsync(Token));

        Assert.True(_book.Status.IsReady);
        Assert.Equal(["bad.yar.refused"], Files());
    }

    [Fact]
    public async Task Marks_may_match_honest_mail() => Assert.Empty((await PutAsync("marks", "find meeting informational")).Problems);

    [Fact]
    public async Task Every_change_is_another_version_and_the_same_files_are_the_same_version()
    {
        await _book.ReloadAsync(Token);
        var empty = _book.Status.Version;
        await PutAsync("a", "find evil");
        var one = _book.Status.Version;
        await PutAsync("a", "find evil malware");
        var changed = _book.Status.Version;
        await _book.DeleteAsync("a", Token);

        Assert.Equal(3, new[] { empty, one, changed }.Distinct().Count());
        Assert.Equal(empty, _book.Status.Version);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Without_a_cage_nothing_is_ready_and_nothing_is_set_aside()
    {
        Write("mine.yar", "find evil");
        _fake.Unavailable = "libyara.so.9 is not installed";

        Assert.False(await _book.ReloadAsync(Token));

        Assert.False(_book.Status.IsReady);
        Assert.Equal("libyara.so.9 is not installed", _book.Status.Trouble);
        Assert.Equal(["mine.yar"], Files());
        Assert.IsType<RuleScan.Failed>(await _engine.ScanAsync(Target("x"), Token));
    }

    [Fact]
    public async Task Workers_are_sent_the_rules_only_when_they_lack_them()
    {
        await PutAsync("a", "find evil");
        _fake.RuleBytes.Clear();

        await ScanAsync("evil");
        _fake.ForgetRules();
        Assert.Single(await ScanAsync("evil"));
        await ScanAsync("evil");

        Assert.Equal([true, true, false, true], _fake.RuleBytes.Select(count => count == 0));
    }

    [Fact]
    public async Task A_large_part_goes_to_a_new_worker_through_a_file_that_is_gone_afterwards()
    {
        await PutAsync("a", "find evil");
        _fake.ForgetRules();

        Assert.Single(await ScanAsync(new string('x', 5_000_000) + "evil"));

        Assert.Empty(Directory.GetFiles(_data.Path));
    }

    [Theory]
    [InlineData("find evil", RuleSeverity.Suspicious, null)]
    [InlineData("find evil MALWARE", RuleSeverity.Malware, null)]
    [InlineData("find evil suspicious 4", RuleSeverity.Suspicious, 4.0)]
    [InlineData("find evil suspicious 75", RuleSeverity.Suspicious, 7.5)]
    [InlineData("find evil suspicious 900", RuleSeverity.Suspicious, 10.0)]
    [InlineData("find evil suspicious -3", RuleSeverity.Suspicious, null)]
    [InlineData("find evil suspicious NaN", RuleSeverity.Suspicious, null)]
    [InlineData("find evil nonsense", RuleSeverity.Suspicious, null)]
    public async Task A_rule_means_what_its_meta_says(string text, RuleSeverity severity, double? score)
    {
        await PutAsync("a", text);

        Assert.Equal([new RuleMatch("a.yar:evil", severity, score)], await ScanAsync("evil"));
    }

    [Fact]
    public async Task Rules_without_severity_convict_where_the_administrator_says_so()
    {
        _service.UnmarkedRules = RuleSeverity.Malware;
        await PutAsync("a", "find evil");

        Assert.Equal(RuleSeverity.Malware, Assert.Single(await ScanAsync("evil")).Severity);
    }

    [Theory]
    [InlineData("good-1.2_b", true)]
    [InlineData("../../etc/passwd", false)]
    [InlineData(".hidden", false)]
    [InlineData("a/b", false)]
    [InlineData("", false)]
    [InlineData("été", false)]
    public void A_name_is_never_a_path(string name, bool isName) => Assert.Equal(isName, RuleFolder.IsName(name));

    public void Dispose()
    {
        _book.Dispose();
        _data.Dispose();
    }

    private static ScanTarget Target(string text) => new() { Bytes = new MemoryBytes(Encoding.Latin1.GetBytes(text)) };

    private Task<(IReadOnlyList<SecuEdge.Cage.Yara.RuleProblem> Problems, string Trouble)> PutAsync(string name, string text) => _book.PutAsync(name, text, Now, Token);

    private async Task<IReadOnlyList<RuleMatch>> ScanAsync(string text) => Assert.IsType<RuleScan.Done>(await _engine.ScanAsync(Target(text), Token)).Matches;

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(_data.Path, "yara"));
        File.WriteAllText(Path.Combine(_data.Path, "yara", name), text);
    }

    private IEnumerable<string> Files() => Directory.GetFiles(Path.Combine(_data.Path, "yara")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);
}
