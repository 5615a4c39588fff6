using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store;
using SecuEdge.Store.Refusals;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class RefusalNotesTests
{
    [Fact]
    public async Task Noting_a_refusal_takes_less_than_the_fifty_microseconds_of_a_decision()
    {
        using var folder = new TempFolder(inMemory: true);
        await using var log = new RefusalLog(new StoreOptions { DataFolder = folder.Path }, TimeProvider.System, NullLogger.Instance);
        var notes = new RefusalNotes(log, new GatewayMetrics(), TimeProvider.System);
        var transaction = new SmtpTransaction
        {
            Connection = new SmtpConnection { Id = "c1", Role = ListenerRole.Inbound, Remote = new IPEndPoint(IPAddress.Parse("198.51.100.9"), 4000), Local = new IPEndPoint(IPAddress.Loopback, 25), OpenedAt = DateTimeOffset.UnixEpoch },
            ReversePath = new MailPath("me", "speed.example"),
        };
        var decision = new RelayDecision(null, Direction.Inbound, new SmtpReply(550, "5.1.1", "No such mailbox here")) { Reason = RefusalReason.UnknownMailbox, Concerned = ["bakery"] };
        var durations = new double[20_000];
        for (var i = 0; i < durations.Length; i++)
        {
            var started = Stopwatch.GetTimestamp();
            notes.Note(transaction, new MailPath($"guess{i}", "bakery.example"), decision, "REFS-PEED");
            durations[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }

        Array.Sort(durations);
        TestContext.Current.TestOutputHelper?.WriteLine($"median {durations[10_000]:0.00} us, 99 % {durations[19_800]:0.00} us");
        Assert.InRange(durations[10_000], 0, 50);
    }
}
