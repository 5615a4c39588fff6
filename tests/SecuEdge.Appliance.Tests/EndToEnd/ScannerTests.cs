namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>clamd dies, hangs and comes back: meanwhile mail is deferred, nothing passes unscanned, and nobody has to restart the gateway.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class ScannerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan BalanceLimit = TimeSpan.FromSeconds(60);
    private static readonly IReadOnlyDictionary<string, string> ShortPatience = new Dictionary<string, string> { ["SECUEDGE__ClamAv__ScanTimeout"] = "00:00:03" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_an_answer_of_the_scanner_mail_is_deferred_and_none_passes(bool frozen)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var clamd = new ClamdProcess(folder.Path);
        await clamd.StartAsync(cancellationToken);
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address, clamd.Endpoint, ShortPatience);
        await gateway.StartAsync(cancellationToken);
        // Every third message is infected: should anything pass while nobody looks, one of those will.
        await using var senders = new Senders(ledger, gateway.Launch.Outbound, number => number % 3 == 0 ? InfectedMail.Create() : SampleMail.Create(number));
        senders.Start(4);
        await UntilAsync(() => sink.Arrivals.Count > 20, gateway, cancellationToken);

        await (frozen ? clamd.FreezeAsync(cancellationToken) : clamd.KillAsync(cancellationToken));
        // What was being answered at that moment may still be: the outage counts from its first refusal on.
        var before = senders.Deferred;
        await UntilAsync(() => senders.Deferred > before, gateway, cancellationToken);
        var (accepted, deferred) = (ledger.Acknowledged, senders.Deferred);
        await UntilAsync(() => senders.Deferred > deferred + 8, gateway, cancellationToken);
        var acceptedMeanwhile = ledger.Acknowledged - accepted;

        await (frozen ? clamd.ThawAsync(cancellationToken) : clamd.StartAsync(cancellationToken));
        var arrived = sink.Arrivals.Count;
        await UntilAsync(() => sink.Arrivals.Count > arrived + 20, gateway, cancellationToken);
        await senders.StopAsync();
        var problems = await ledger.BalanceAsync(sink, gateway.Api, BalanceLimit, cancellationToken);

        output.WriteLine($"{ledger.Sent.Count()} sent, {ledger.Acknowledged} acknowledged, {senders.Deferred} deferred, {acceptedMeanwhile} accepted while the scanner was away, {sink.Arrivals.Count} came out");
        Assert.True(acceptedMeanwhile <= 4, $"{acceptedMeanwhile} messages were accepted after the scanner had gone (each session may have had one answered before)");
        Assert.DoesNotContain(sink.Arrivals.Keys, recipient => int.Parse(recipient.Split('@')[0].AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) % 3 == 0);
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
    }

    private static async Task UntilAsync(Func<bool> condition, GatewayProcess gateway, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(90), $"It did not come to that in time\n{gateway.Tail()}");
            // Other processes are waited for, which tell nobody when they are done.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
