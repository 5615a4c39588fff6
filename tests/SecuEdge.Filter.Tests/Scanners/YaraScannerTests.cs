using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Filter.Tests.Scanners;

public sealed class YaraScannerTests
{
    private readonly FakeRules _rules = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_for_malware_convicts_whatever_else_matches()
    {
        _rules.Matches = [new("Odd", RuleSeverity.Suspicious, 2), new("Dropper", RuleSeverity.Malware), new("Worm", RuleSeverity.Malware)];

        Assert.Equal(new ScanResult.Infected("Dropper"), await ScanAsync(new YaraOptions()));
    }

    [Fact]
    public async Task Suspicious_rules_are_a_hint_with_their_scores_together()
    {
        _rules.Matches = [new("Odd", RuleSeverity.Suspicious, 2), new("Mark", RuleSeverity.Informational), new("Strange", RuleSeverity.Suspicious, 1.5)];

        Assert.Equal(new ScanResult.Heuristic("Odd, Strange") { Score = 3.5 }, await ScanAsync(new YaraOptions()));
    }

    [Fact]
    public async Task Marks_for_other_programs_judge_nothing()
    {
        _rules.Matches = [new("Mark", RuleSeverity.Informational)];

        Assert.Equal(new ScanResult.Clean(), await ScanAsync(new YaraOptions()));
    }

    [Fact]
    public async Task Matches_that_were_cut_are_not_clean_and_a_conviction_among_them_counts()
    {
        _rules.IsCut = true;
        _rules.Matches = [new("Mark", RuleSeverity.Informational)];
        Assert.Equal(HeuristicKind.LimitsExceeded, Assert.IsType<ScanResult.Heuristic>(await ScanAsync(new YaraOptions())).Kind);

        _rules.Matches = [new("Mark", RuleSeverity.Informational), new("Worm", RuleSeverity.Malware)];
        Assert.Equal(new ScanResult.Infected("Worm"), await ScanAsync(new YaraOptions()));
    }

    [Fact]
    public async Task Clean_is_asked_again_for_the_next_mail_and_a_conviction_is_remembered()
    {
        var check = new ScannerCheck(Scanner(new YaraOptions()), new FakeTimeProvider());
        for (var i = 0; i < 2; i++)
        {
            await check.RunAsync(Facts.Of(parts: Facts.Part($"{i}", Same, "a.zip")), Token);
        }

        Assert.Equal(["0", "1"], _rules.Scanned);

        _rules.Matches = [new("Worm", RuleSeverity.Malware)];
        for (var i = 2; i < 4; i++)
        {
            Assert.Equal("YARA_INFECTED", Assert.Single((await check.RunAsync(Facts.Of(parts: Facts.Part($"{i}", Same, "a.zip")), Token)).Findings).Code);
        }

        Assert.Equal(["0", "1", "2"], _rules.Scanned);
    }

    [Fact]
    public async Task Trouble_with_the_engine_is_a_failure()
    {
        _rules.Failure = new RuleScan.Failed("the rules did not finish within 20 s", IsTimeout: true);

        Assert.Equal(new ScanResult.Failed("the rules did not finish within 20 s", IsTimeout: true), await ScanAsync(new YaraOptions()));
    }

    [Fact]
    public async Task A_part_above_the_limit_is_not_called_clean()
    {
        var result = await ScanAsync(new YaraOptions { MaxScanBytes = 3 });

        Assert.Equal(HeuristicKind.LimitsExceeded, Assert.IsType<ScanResult.Heuristic>(result).Kind);
        Assert.Empty(_rules.Scanned);
    }

    [Fact]
    public async Task Plain_mail_is_not_matched_at_all()
    {
        await RunAsync(new YaraOptions(), Body("1", "text/plain"), Body("2", "text/html"));

        Assert.Empty(_rules.Scanned);
    }

    [Fact]
    public async Task Bodies_that_parsers_read_differently_are_matched_and_so_is_every_other_part()
    {
        var ambiguous = Body("3", "text/html");
        ambiguous.Flags = AnatomyFlags.Ambiguous;

        await RunAsync(new YaraOptions(), Body("1", "text/plain"), Body("2", "application/pdf"), ambiguous, Attachment("4", "page.html", "text/html"));

        Assert.Equal(["2", "3", "4"], _rules.Scanned.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_bodies_switched_on_the_message_and_its_decoded_bodies_are_matched_too()
    {
        await RunAsync(new YaraOptions { ScanBodies = true }, Body("1", "text/plain"), Body("2", "text/html"));

        Assert.Equal(["", "1", "2"], _rules.Scanned.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_attachment_with_the_bytes_of_a_body_is_matched_although_the_body_is_not()
    {
        await RunAsync(new YaraOptions(), Facts.Part("1", Same, kind: PartKind.Body, type: "text/html"), Facts.Part("2", Same, "a.html", type: "text/html"));

        Assert.Equal(["2"], _rules.Scanned);
    }

    [Fact]
    public async Task The_same_bytes_under_another_name_are_matched_again()
    {
        await RunAsync(new YaraOptions(), Facts.Part("1", Same, "a.txt"), Facts.Part("2", Same, "a.exe"), Facts.Part("3", Same, "a.exe"));

        Assert.Equal(["1", "2"], _rules.Scanned.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(2.5, 2.5)]
    [InlineData(null, 3.0)]
    [InlineData(80.0, 10.0)]
    public async Task The_finding_carries_the_score_of_the_rules_within_bounds(double? score, double expected)
    {
        _rules.Matches = [new("Odd", RuleSeverity.Suspicious, score)];

        var finding = Assert.Single((await RunAsync(new YaraOptions(), Attachment("1", "a.lnk", "application/x-ms-shortcut"))).Findings);

        Assert.Equal(("YARA_HEURISTIC", expected), (finding.Code, finding.Score));
        Assert.StartsWith("Odd in ", finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_status_is_that_of_the_rules_in_force() => Assert.Equal("rules abc", Scanner(new YaraOptions()).Status.Version);

    private static byte[] Same => "<html>same</html>"u8.ToArray();

    private static MessagePart Body(string path, string type) => Facts.Part(path, Encoding.ASCII.GetBytes("body " + path), kind: PartKind.Body, type: type);

    private static MessagePart Attachment(string path, string name, string type) => Facts.Part(path, Encoding.ASCII.GetBytes("file " + path), name, type: type);

    private YaraScanner Scanner(YaraOptions options) => new(_rules, options, NullLogger<YaraScanner>.Instance);

    private Task<ScanResult> ScanAsync(YaraOptions options)
    {
        var part = Attachment("1", "a.zip", "application/zip");
        return Scanner(options).ScanAsync(new ScanTarget { Bytes = part.Content!, Part = part }, Token);
    }

    private Task<CheckResult> RunAsync(YaraOptions options, params MessagePart[] parts) =>
        new ScannerCheck(Scanner(options), new FakeTimeProvider()).RunAsync(Facts.Of(parts: parts), Token);

    private sealed class FakeRules : IRuleEngine
    {
        private readonly Lock _lock = new();

        public ScannerStatus Status => new(true, "rules abc", DateTimeOffset.UnixEpoch, "");

        public IReadOnlyList<RuleMatch> Matches { get; set; } = [];

        public bool IsCut { get; set; }

        public RuleScan.Failed? Failure { get; set; }

        public List<string> Scanned { get; } = [];

        public Task<RuleScan> ScanAsync(ScanTarget target, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                Scanned.Add(target.Part?.Path ?? "");
            }

            return Task.FromResult<RuleScan>(Failure ?? (RuleScan)new RuleScan.Done(Matches, IsCut));
        }
    }
}
