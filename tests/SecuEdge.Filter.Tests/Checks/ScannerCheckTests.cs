using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Filter.Tests.Checks;

public sealed class ScannerCheckTests
{
    private static readonly DateTimeOffset Published = new(2025, 11, 17, 10, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_text_only_mail_is_one_scan()
    {
        var scanner = new FakeScanner();

        var result = await RunAsync(scanner, Facts.Of(parts: Text("1", "Hello")));

        Assert.Equal(["From: a"], scanner.Scanned);
        Assert.Empty(result.Findings);
        Assert.Equal(("clamav", "1.4.3/27500", "clean"), (result.Engine!.Name, result.Engine.Version, result.Engine.Result));
    }

    [Theory]
    [InlineData(AnatomyFlags.Ambiguous)]
    [InlineData(AnatomyFlags.Unparseable)]
    [InlineData(AnatomyFlags.OverBudget)]
    public async Task The_text_of_a_message_that_may_be_read_differently_is_scanned_too(AnatomyFlags flags)
    {
        var scanner = new FakeScanner();

        await RunAsync(scanner, Facts.Of("x", flags, Text("1", "Hello")));

        Assert.Equal(["From: a", "Hello"], scanner.Scanned.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_part_with_content_is_scanned_and_the_same_content_only_once()
    {
        var scanner = new FakeScanner();
        MessagePart[] parts =
        [
            Text("1", "Hello"), Part("2", "logo"), Part("3", "logo"), Part("4", "html", kind: PartKind.Body, type: "text/html"),
            Part("8", "form", kind: PartKind.Body, type: "application/pdf"),
            Part("5", "reading", kind: PartKind.Reading, type: "text/plain"), Part("6", ""),
            new MessagePart { Path = "7", Kind = PartKind.Multipart },
        ];
        parts[1].Children.Add(Part("2/inner.txt", "entry", kind: PartKind.Entry, type: "text/plain"));

        await RunAsync(scanner, Facts.Of(parts: parts));

        Assert.Equal(["From: a", "entry", "form", "logo", "reading"], scanner.Scanned.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_message_itself_as_content_of_the_root_is_not_scanned_twice()
    {
        var scanner = new FakeScanner();
        var message = new MemoryBytes("From: a\r\n\r\n"u8.ToArray());
        var root = new MessagePart { Path = "", Kind = PartKind.Message, Content = message, Sha256 = "ab" };

        await RunAsync(scanner, Facts.Of(message) with { Anatomy = new MessageAnatomy { Root = root, Headers = new(), Flags = default } });

        Assert.Single(scanner.Scanned);
    }

    [Fact]
    public async Task A_conviction_names_signature_and_part_and_quarantines()
    {
        var result = await RunAsync(new FakeScanner(), Facts.Of(parts: [Part("1", "fine"), Part("2.1", "evil one", name: "invoice.zip")]));

        var finding = Assert.Single(result.Findings);
        Assert.Equal(
            ("CLAMAV_INFECTED", MessageClass.Infected, VerdictAction.Quarantine, "Evil.Sig in 2.1 (invoice.zip)"),
            (finding.Code, finding.Class, finding.Action, finding.Detail));
        Assert.Equal("hit", result.Engine!.Result);
    }

    [Fact]
    public async Task The_first_conviction_ends_the_scan_of_the_others()
    {
        var scanner = new FakeScanner { Delays = "slow" };
        MessagePart[] parts = [Part("1", "slow 1"), Part("2", "evil"), .. Enumerable.Range(3, 100).Select(i => Part($"{i}", $"slow {i}"))];

        var result = await RunAsync(scanner, Facts.Of(parts: parts));

        Assert.Equal("CLAMAV_INFECTED", Assert.Single(result.Findings).Code);
        Assert.InRange(scanner.Scanned.Count, 1, 10);
    }

    [Fact]
    public async Task A_conviction_wins_over_a_failure_of_the_same_moment()
    {
        var both = new TaskCompletionSource();
        var scanner = new FakeScanner { Delays = "broken", Until = both };

        var result = await RunAsync(scanner, Facts.Of(parts: [Part("1", "broken"), Part("2", "evil")]));

        Assert.Equal("CLAMAV_INFECTED", Assert.Single(result.Findings).Code);
    }

    [Theory]
    [InlineData("broken", "error")]
    [InlineData("late", "timeout")]
    public async Task A_part_that_cannot_be_scanned_fails_the_check_however_clean_the_others_are(string content, string result)
    {
        MessagePart[] parts = [Part("1", "fine"), Part("2", content), Part("3", "fine too"), Part("4", "odd")];

        var report = await RunAsync(new FakeScanner(), Facts.Of(parts: parts));

        var finding = Assert.Single(report.Findings);
        Assert.Equal(
            ("CLAMAV_FAILED", VerdictAction.Defer, MessageClass.Suspicious, content),
            (finding.Code, finding.Action, finding.Class, finding.Detail));
        Assert.Equal(result, report.Engine!.Result);
    }

    [Fact]
    public async Task A_message_that_cannot_be_scanned_fails_the_check()
    {
        Assert.Equal("CLAMAV_FAILED", Assert.Single((await RunAsync(new FakeScanner(), Facts.Of("broken"))).Findings).Code);
    }

    [Fact]
    public async Task Heuristics_are_findings_by_kind_and_encryption_is_left_to_the_anatomy()
    {
        MessagePart[] parts = [Part("1", "odd"), Part("2", "limits"), Part("3", "encrypted"), Part("4", "odd too")];
        parts[2].Flags |= AnatomyFlags.EncryptedArchive;

        var result = await RunAsync(new FakeScanner(), Facts.Of(parts: parts));

        Assert.Equal(
            [
                ("CLAMAV_LIMITS", VerdictAction.Quarantine, 0.0, "Heuristics.limits in 2"),
                ("CLAMAV_HEURISTIC", (VerdictAction?)null, 3.0, "Heuristics.odd in 1, Heuristics.odd in 4"),
            ],
            result.Findings.Select(finding => (finding.Code, finding.Action, finding.Score, finding.Detail)));
        Assert.Equal("hit", result.Engine!.Result);
        Assert.Equal("clean", (await RunAsync(new FakeScanner(), Facts.Of(parts: parts[2]))).Engine!.Result);
    }

    [Fact]
    public async Task Encryption_that_the_anatomy_does_not_know_of_is_a_finding()
    {
        var result = await RunAsync(new FakeScanner(), Facts.Of(parts: Part("3", "encrypted")));

        Assert.Equal(("CLAMAV_HEURISTIC", "Heuristics.encrypted in 3"), (Assert.Single(result.Findings).Code, result.Findings[0].Detail));
    }

    [Fact]
    public async Task A_conviction_comes_with_hash_and_signature_even_if_the_whole_message_was_convicted_first()
    {
        var evil = Part("2", "evil");

        var report = (await RunAsync(new FakeScanner(), Facts.Of("evil too", parts: [Part("1", "fine"), evil]))).Engine!;

        Assert.Contains(report.Convictions, c => c.Sha256 == evil.Sha256 && c is { Signature: "Evil.Sig", Label: "2", IsAdvisory: false });
    }

    [Fact]
    public async Task The_search_for_the_convicted_part_ends_long_before_the_check_would_be_late()
    {
        var scanner = new FakeScanner { Delays = "slow" };
        var running = RunAsync(scanner, Facts.Of("evil", parts: Part("1", "slow")));
        // The limit begins somewhere in the first steps; how many there are does not matter to the clock of the test.
        for (var step = 0; step < 100 && !running.IsCompleted; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(running, Task.Delay(20, Token));
        }

        Assert.Equal("CLAMAV_INFECTED", Assert.Single((await running).Findings).Code);
    }

    [Fact]
    public async Task An_advisory_conviction_holds_and_the_other_parts_are_scanned_all_the_same()
    {
        var scanner = new FakeScanner();
        MessagePart[] parts = [Part("1", "evil"), Part("2", "fine"), Part("3", "odd")];

        var result = await new ScannerCheck(scanner, _time, new Advised("Evil.Sig")).RunAsync(Facts.Of(parts: parts), Token);

        Assert.Equal(["CLAMAV_ADVISORY", "CLAMAV_HEURISTIC"], result.Findings.Select(f => f.Code));
        Assert.Equal((VerdictAction.Hold, VerdictAction.Hold, MessageClass.Suspicious), (result.Findings[0].Action, result.Findings[0].Floor, result.Findings[0].Class));
        Assert.True(Assert.Single(result.Engine!.Convictions).IsAdvisory);
        Assert.Equal(4, scanner.Scanned.Count);
    }

    [Fact]
    public async Task An_advisory_conviction_does_not_hide_a_failure()
    {
        var result = await new ScannerCheck(new FakeScanner(), _time, new Advised("Evil.Sig")).RunAsync(Facts.Of(parts: [Part("1", "evil"), Part("2", "broken")]), Token);

        Assert.Equal("CLAMAV_FAILED", Assert.Single(result.Findings).Code);
    }

    [Fact]
    public async Task The_callers_cancellation_is_thrown()
    {
        using var cancelled = new CancellationTokenSource();
        var running = new ScannerCheck(new FakeScanner { Delays = "slow" }, _time)
            .RunAsync(Facts.Of(parts: [Part("1", "slow"), Part("2", "slow too")]), cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_known_part_is_not_scanned_again_until_the_signatures_change_or_time_passes()
    {
        var scanner = new FakeScanner();
        var check = new ScannerCheck(scanner, _time);
        var facts = Facts.Of(parts: [Part("1", "logo"), Part("2", "evil")]);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("CLAMAV_INFECTED", Assert.Single((await check.RunAsync(facts, Token)).Findings).Code);
        }

        Assert.Single(scanner.Scanned, "evil");

        scanner.Status = new(true, "1.4.3/27501", Published, "");
        await check.RunAsync(facts, Token);
        Assert.Equal(2, scanner.Scanned.Count(content => content == "evil"));

        _time.Advance(TimeSpan.FromMinutes(11));
        await check.RunAsync(facts, Token);
        Assert.Equal(3, scanner.Scanned.Count(content => content == "evil"));
    }

    [Theory]
    [InlineData("logo", false, 2)]
    [InlineData("odd", true, 2)]
    [InlineData("broken", true, 2)]
    [InlineData("logo", true, 1)]
    public async Task Only_clean_and_infected_under_a_known_signature_version_are_remembered(string content, bool isVersionKnown, int scans)
    {
        var scanner = new FakeScanner { Status = new(true, "1.4.3", isVersionKnown ? Published : null, "") };
        var check = new ScannerCheck(scanner, _time);

        await check.RunAsync(Facts.Of(parts: Part("1", content)), Token);
        await check.RunAsync(Facts.Of(parts: Part("1", content)), Token);

        Assert.Equal(scans, scanner.Scanned.Count(scanned => scanned == content));
    }

    [Fact]
    public void The_cache_is_bounded_and_forgets_what_was_not_used_longest()
    {
        var cache = new ScanCache(2, TimeSpan.FromMinutes(1), _time);
        cache.Remember("a", "1", new ScanResult.Clean());
        cache.Remember("b", "1", new ScanResult.Clean());
        Assert.NotNull(cache.Find("a", "1"));
        cache.Remember("c", "1", new ScanResult.Infected("x"));
        cache.Remember("c", "1", new ScanResult.Infected("x"));

        Assert.Equal(2, cache.Count);
        Assert.Null(cache.Find("b", "1"));
        Assert.Null(cache.Find("a", "2"));
        Assert.Equal(new ScanResult.Clean(), cache.Find("a", "1"));
        Assert.Equal(new ScanResult.Infected("x"), cache.Find("c", "1"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static MessagePart Text(string path, string content) => Part(path, content, kind: PartKind.Body, type: "text/plain");

    private static MessagePart Part(
        string path, string content, string? name = null, PartKind kind = PartKind.Attachment, string type = "application/zip") =>
        Facts.Part(path, Encoding.ASCII.GetBytes(content), name, kind, type);

    private Task<CheckResult> RunAsync(IScanner scanner, MessageFacts facts) => new ScannerCheck(scanner, _time).RunAsync(facts, Token);

    private sealed class Advised(string signature) : IAdvisories
    {
        public bool IsAdvisory(string engine, string named) => named == signature;
    }

    /// <summary>Judges by the words in the content.</summary>
    private sealed class FakeScanner : IScanner
    {
        public string Name => "clamav";

        public ScannerStatus Status { get; set; } = new(true, "1.4.3/27500", Published, "");

        /// <summary>Content that begins so takes until it is cancelled.</summary>
        public string? Delays { get; init; }

        /// <summary>Ends that delay in place of the cancellation, and is set by the conviction.</summary>
        public TaskCompletionSource? Until { get; init; }

        public ConcurrentQueue<string> Scanned { get; } = [];

        public async Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(target.Bytes.OpenRead());
            var content = await reader.ReadToEndAsync(cancellationToken);
            Scanned.Enqueue(content.StartsWith("From: a", StringComparison.Ordinal) ? "From: a" : content);
            if (Delays is not null && content.StartsWith(Delays, StringComparison.Ordinal))
            {
                await (Until?.Task ?? Task.Delay(Timeout.Infinite, cancellationToken));
            }
            else if (content.Contains("evil", StringComparison.Ordinal))
            {
                Until?.TrySetResult();
            }

            bool Has(string word) => content.Contains(word, StringComparison.Ordinal);
            return Has("evil") ? new ScanResult.Infected("Evil.Sig")
                : Has("broken") ? new ScanResult.Failed("broken")
                : Has("late") ? new ScanResult.Failed("late", IsTimeout: true)
                : Has("odd") ? new ScanResult.Heuristic("Heuristics.odd")
                : Has("limits") ? new ScanResult.Heuristic("Heuristics.limits", HeuristicKind.LimitsExceeded)
                : Has("encrypted") ? new ScanResult.Heuristic("Heuristics.encrypted", HeuristicKind.Encrypted)
                : new ScanResult.Clean();
        }
    }
}
