using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>Dubious MIME and nested archives with EICAR inside, through the real gateway with a real clamd: what comes out of each.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class EicarTests(ITestOutputHelper output)
{
    /// <summary>
    /// All samples that are infected, bombs or lie about their names are held back; what decodes to garbage by some readings may pass.
    /// </summary>
    [Theory]
    [InlineData("eicar-mime", 51)]
    [InlineData("eicar-archives", 32)]
    public async Task Infected_samples_are_held_back_and_clean_controls_pass(string collection, int atLeast)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var samples = TestData.Find(collection);
        Assert.SkipWhen(samples is null, $"The sample collection {collection} is not here");
        using var folder = new TemporaryFolder();
        await using var clamd = new ClamdProcess(folder.Path);
        await clamd.StartAsync(cancellationToken);
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address, clamd.Endpoint);
        await gateway.StartAsync(cancellationToken);
        using var session = await MailSession.OpenAsync(gateway.Launch.Outbound, cancellationToken);
        var outcomes = new List<(string Label, string File, string Note, MailReply Reply, string Recipient)>();
        foreach (var line in (await File.ReadAllLinesAsync(Path.Combine(samples, "manifest.tsv"), cancellationToken)).Where(line => line.Length > 0))
        {
            var fields = line.Split('\t');
            var bytes = await File.ReadAllBytesAsync(Path.Combine(samples, fields[0]), cancellationToken);
            var sent = new SentMessage($"s{outcomes.Count}@acme.example", fields[0].EndsWith(".eml", StringComparison.Ordinal) ? bytes : InfectedMail.Wrap(fields[0], bytes), null);
            ledger.Note(sent);
            var reply = await session.DeliverAsync("samples@sender.example", sent.Recipient, sent.Bytes, cancellationToken);
            ledger.Note(sent with { Reply = reply });
            outcomes.Add((fields[1], fields[0], fields[2], reply, sent.Recipient));
        }

        var problems = await ledger.BalanceAsync(sink, gateway.Api, TimeSpan.FromSeconds(60), cancellationToken);

        bool Passed(string recipient) => sink.Arrivals.ContainsKey(recipient);
        output.WriteLine(string.Join('\n', outcomes.OrderBy(outcome => outcome.Label).ThenByDescending(outcome => Passed(outcome.Recipient)).Select(outcome =>
            $"{outcome.Label,-9} {(Passed(outcome.Recipient) ? "PASSED" : outcome.Reply.IsAccepted ? "quarantined" : outcome.Reply.Code),-12} {outcome.File,-34} {outcome.Note}")));

        var hostile = outcomes.Where(outcome => outcome.Label is "infected" or "bomb" or "evilname").ToArray();
        var held = hostile.Count(outcome => !Passed(outcome.Recipient));
        output.WriteLine($"{collection}: {held} of {hostile.Length} hostile samples held back; passed: {string.Join(", ", hostile.Where(outcome => Passed(outcome.Recipient)).Select(outcome => outcome.File))}");
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
        Assert.All(outcomes.Where(outcome => outcome.Label == "clean"), outcome => Assert.True(Passed(outcome.Recipient), $"{outcome.File}: {outcome.Reply.Text}"));
        Assert.InRange(held, atLeast, hostile.Length);
    }
}
