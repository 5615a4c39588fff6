using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>
/// Whole sample folders through the real gateway with a real clamd, as mail and as <c>analyze</c> of the file: both say the same, whatever
/// is hostile is held back for the right reason, and honest files pass.
/// </summary>
[Collection(EndToEndGroup.Name)]
public sealed class SampleTests(ITestOutputHelper output)
{
    /// <summary>That a file is new here would hide what else is found in it.</summary>
    private const string NoHold = """{"outbreakHold":{"inbound":"off"}}""";

    /// <summary>Label of a manifest -> findings of which one at least has to be there.</summary>
    private static readonly Dictionary<string, string[]> Expected = new()
    {
        ["infected"] = ["CLAMAV_INFECTED"],
        ["bomb"] = ["ATTACHMENT_BOMB", "ANATOMY_OVER_BUDGET"],
        ["evilname"] = ["CLAMAV_INFECTED"],
        ["encrypted"] = ["ATTACHMENT_ENCRYPTED"],
        ["macro"] = ["OFFICE_MACRO"],
        ["dde"] = ["OFFICE_DDE"],
        ["external-template"] = ["OFFICE_EXTERNAL_TEMPLATE"],
        ["external-link"] = ["OFFICE_EXTERNAL_OBJECT", "OFFICE_EXTERNAL_TEMPLATE"],
        ["xlm"] = ["EXCEL4_MACRO"],
        ["pdf-js"] = ["PDF_JAVASCRIPT"],
        ["html-smuggling"] = ["HTML_SMUGGLING"],
        ["lnk"] = ["SHORTCUT_COMMAND", "ATTACHMENT_EXECUTABLE"],
        ["url-file"] = ["REMOTE_PATH"],
        ["infected-or-garbage"] = [],
        ["clean"] = [],
    };

    private static readonly string[] Hostile = ["infected", "bomb", "evilname", "dde", "external-template", "xlm", "html-smuggling", "lnk", "url-file"];

    [Theory]
    [InlineData("eicar-mime")]
    [InlineData("eicar-archives")]
    [InlineData("eicar-docs")]
    public Task Every_sample_is_judged_as_its_label_says(string collection)
    {
        var folder = TestData.Find(collection);
        Assert.SkipWhen(folder is null, $"The sample collection {collection} is not here");
        var samples = File.ReadLines(Path.Combine(folder, "manifest.tsv")).Where(line => line.Length > 0).Select(line => line.Split('\t'));
        return JudgeAsync([.. samples.Select(fields => new Sample(Path.Combine(folder, fields[0]), fields[1].Split(','), fields[2]))]);
    }

    [Fact]
    public Task Every_test_file_of_clamav_is_found()
    {
        const string Folder = "/usr/share/clamav-testfiles";
        Assert.SkipUnless(Directory.Exists(Folder), "Debian's clamav-testfiles is not installed");
        return JudgeAsync([.. Directory.GetFiles(Folder, "clam*").Order().Select(file => new Sample(file, ["infected"], ""))]);
    }

    private async Task JudgeAsync(IReadOnlyList<Sample> samples)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var clamd = new ClamdProcess(folder.Path);
        await clamd.StartAsync(cancellationToken);
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address, clamd.Endpoint, policy: NoHold);
        await gateway.StartAsync(cancellationToken);
        using var session = await MailSession.OpenAsync(gateway.Launch.Outbound, cancellationToken);
        var outcomes = new List<Outcome>();
        foreach (var sample in samples)
        {
            var bytes = await File.ReadAllBytesAsync(sample.File, cancellationToken);
            var sent = new SentMessage($"s{outcomes.Count}@acme.example", sample.IsMail ? bytes : InfectedMail.Wrap(sample.Name, bytes), null);
            ledger.Note(sent);
            var reply = await session.DeliverAsync("samples@sender.example", sent.Recipient, sent.Bytes, cancellationToken);
            ledger.Note(sent with { Reply = reply });
            using var analysis = await gateway.Api.AnalyzeAsync(sample.Name, bytes, cancellationToken);
            outcomes.Add(new Outcome(
                sample,
                sent.Recipient,
                reply,
                analysis.RootElement.GetProperty("action").GetString()!.ToLowerInvariant(),
                [.. analysis.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()!)]));
        }

        var problems = await ledger.BalanceAsync(sink, gateway.Api, TimeSpan.FromSeconds(60), cancellationToken);
        var complaints = outcomes.SelectMany(outcome => Complaints(outcome, sink.Arrivals.ContainsKey(outcome.Recipient))).ToArray();
        output.WriteLine(string.Join('\n', outcomes.Select(outcome =>
            $"{string.Join(',', outcome.Sample.Labels),-24} {outcome.Action,-10} {outcome.Sample.Name,-34} {string.Join(' ', outcome.Findings)}")));
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
        Assert.True(complaints.Length == 0, string.Join('\n', complaints));
    }

    private static IEnumerable<string> Complaints(Outcome outcome, bool hasPassed)
    {
        var (sample, _, reply, action, findings) = outcome;
        var name = $"{sample.Name} ({string.Join(',', sample.Labels)}; {sample.Note})";
        foreach (var label in sample.Labels)
        {
            if (Expected[label] is { Length: > 0 } codes && !codes.Intersect(findings).Any())
            {
                yield return $"{name}: no {string.Join(" or ", codes)} but {string.Join(' ', findings)}";
            }
        }

        var isHostile = sample.Labels.Any(Hostile.Contains);
        if (isHostile && (hasPassed || action is "deliver" or "tag"))
        {
            yield return $"{name}: passes ({action}, {reply.Text})";
        }

        if (sample.Labels.Contains("clean") && (!hasPassed || action != "deliver"))
        {
            yield return $"{name}: an honest file is held ({action}, {reply.Text}): {string.Join(' ', findings)}";
        }
    }

    private sealed record Sample(string File, string[] Labels, string Note)
    {
        public string Name => Path.GetFileName(File);

        public bool IsMail => File.EndsWith(".eml", StringComparison.Ordinal);
    }

    private sealed record Outcome(Sample Sample, string Recipient, MailReply Reply, string Action, IReadOnlyList<string> Findings);
}
