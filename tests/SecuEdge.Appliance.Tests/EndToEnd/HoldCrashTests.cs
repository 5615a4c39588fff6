using System.Text;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>Held mail is as durable as any: killed with it, the gateway holds it on to its time and then delivers it.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class HoldCrashTests
{
    [Fact]
    public async Task Held_mail_survives_kills_with_its_time_and_is_delivered_afterwards()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var ledger = new Ledger();
        await using var sink = RecordingSink.StartNew(ledger);
        await using var gateway = GatewayProcess.Create(folder.Path, sink.Address);
        await gateway.StartAsync(cancellationToken);
        List<string> references = [];
        for (var kill = 0; kill < 3; kill++)
        {
            using (var session = await MailSession.OpenAsync(gateway.Launch.Inbound, cancellationToken))
            {
                var message = new SentMessage($"m{kill}@acme.example", Encoding.ASCII.GetBytes(MacroMail.Create(MacroMail.NewFile())), null);
                var reply = await session.DeliverAsync("me@sender.example", message.Recipient, message.Bytes, cancellationToken);
                Assert.True(reply.IsAccepted, reply.Text);
                ledger.Note(message with { Reply = reply });
                references.Add(reply.Reference);
            }

            await gateway.KillAsync(cancellationToken);
            await gateway.StartAsync(cancellationToken);
            var states = await gateway.Api.StatesAsync(references, cancellationToken);
            Assert.All(references, r => Assert.Equal("held", states[r]));
        }

        Assert.Empty(sink.Arrivals);
        foreach (var reference in references)
        {
            Assert.True(await gateway.Api.PostAsync($"messages/{reference}:release", cancellationToken));
        }

        Assert.Empty(await ledger.BalanceAsync(sink, gateway.Api, TimeSpan.FromSeconds(30), cancellationToken));
        Assert.Equal(references.Count, sink.Arrivals.Count);
    }
}
