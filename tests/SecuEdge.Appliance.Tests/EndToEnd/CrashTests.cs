using System.Globalization;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>The gateway is killed and stopped under load: what it acknowledged it still has, and delivers.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly TimeSpan BalanceLimit = TimeSpan.FromSeconds(90);

    /// <summary>100 takes minutes and belongs into the nightly run; 20 finds what is grossly wrong.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("SECUEDGE_KILLS")
        ?? (Environment.GetEnvironmentVariable("SECUEDGE_LONG_TESTS") == "1" ? "100" : "20"), CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed_again_and_again()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using (var senders = new Senders(ledger, gateway.Launch.Outbound, SampleMail.Create))
        {
            await gateway.StartAsync(cancellationToken);
            senders.Start(6);
            for (var kill = 0; kill < Kills; kill++)
            {
                // The moment of a crash is what varies here: chosen by the seed, from the first message to a full queue.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 900)), TimeProvider.System, cancellationToken);
                ledger.Crashes.Enqueue(TimeProvider.System.GetUtcNow());
                await gateway.KillAsync(cancellationToken);
                await gateway.StartAsync(cancellationToken);
            }
        }

        var problems = await ledger.BalanceAsync(sink, gateway.Api, BalanceLimit, cancellationToken);

        var repeated = sink.Arrivals.Values.Count(arrivals => arrivals.Count > 1);
        output.WriteLine($"{Kills} kills (seed {seed}), {ledger.Sent.Count()} messages, {ledger.Acknowledged} acknowledged, {sink.Arrivals.Count} came out, {repeated} of them more than once");
        Assert.True(ledger.Acknowledged > Kills, $"Too little load to mean anything\n{gateway.Tail()}");
        // Only what was on one of the ten connections to the next hop at that moment may be sent again.
        Assert.InRange(repeated, 0, 10 * Kills);
        Assert.True(problems.Count == 0, $"seed {seed}\n{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
    }

    [Fact]
    public async Task The_message_log_knows_every_acknowledged_message_after_crashes()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        sink.IsRefusing = true;
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        await using (var senders = new Senders(ledger, gateway.Launch.Outbound, SampleMail.Create))
        {
            await gateway.StartAsync(cancellationToken);
            senders.Start(4);
            for (var kill = 0; kill < 3; kill++)
            {
                // So much mail, not so much time: a busy machine would have nothing to lose yet.
                await ledger.WaitForAcknowledgedAsync(10 * (kill + 1), cancellationToken);
                ledger.Crashes.Enqueue(TimeProvider.System.GetUtcNow());
                await gateway.KillAsync(cancellationToken);
                await gateway.StartAsync(cancellationToken);
            }
        }

        var states = await gateway.Api.StatesAsync([.. ledger.Sent.Where(sent => sent.IsAcknowledged).Select(sent => sent.Reply!.Reference)], cancellationToken);

        output.WriteLine(string.Join(", ", states.Values.CountBy(state => state)));
        Assert.True(states.Count > 20);
        Assert.All(states, pair => Assert.True(pair.Value is "queued" or "deferred" or "quarantined", $"{pair.Key} is {pair.Value}"));
    }

    [Fact]
    public async Task A_stop_under_load_ends_well_and_loses_nothing()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        var exitCodes = new List<int>();
        await using (var senders = new Senders(ledger, gateway.Launch.Outbound, SampleMail.Create))
        {
            senders.Start(6);
            for (var stop = 0; stop < 3; stop++)
            {
                await gateway.StartAsync(cancellationToken);
                // In the middle of its load.
                await ledger.WaitForAcknowledgedAsync(10 * (stop + 1), cancellationToken);
                exitCodes.Add(await gateway.TerminateAsync(cancellationToken));
            }

            await gateway.StartAsync(cancellationToken);
        }

        var problems = await ledger.BalanceAsync(sink, gateway.Api, BalanceLimit, cancellationToken);

        // No crash here: neither a second copy nor a cut answer is excused.
        output.WriteLine($"{ledger.Acknowledged} acknowledged, {ledger.Sent.Count(sent => sent.Reply is null)} without an answer");
        Assert.All(exitCodes, code => Assert.Equal(0, code));
        Assert.True(ledger.Acknowledged > 20, gateway.Tail());
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{gateway.Tail()}");
    }

    [Fact]
    public async Task A_transaction_in_its_data_is_finished_before_the_gateway_stops()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        await gateway.StartAsync(cancellationToken);
        using var session = await MailSession.OpenAsync(gateway.Launch.Outbound, cancellationToken);
        var message = new SentMessage("m1@acme.example", SampleMail.Create(1), null);
        ledger.Note(message);

        var stopping = Task.FromResult(0);
        var reply = await session.DeliverSlowlyAsync("load@sender.example", message.Recipient, message.Bytes, async () =>
        {
            stopping = gateway.TerminateAsync(cancellationToken);
            // The signal has to arrive in the middle of the data, and the process does not say that it did.
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
        }, cancellationToken);
        ledger.Note(message with { Reply = reply });

        Assert.True(reply.IsAccepted, reply.Text);
        Assert.Equal(0, await stopping);
        await gateway.StartAsync(cancellationToken);
        Assert.Empty(await ledger.BalanceAsync(sink, gateway.Api, BalanceLimit, cancellationToken));
    }
}
