using System.Diagnostics;
using System.Text;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>The way of mail that goes well, or at least somewhere.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task A_message_reaches_the_next_hop_and_leaves_the_gateway()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example", "b@acme.example");
        var record = await rig.WaitUntilFinishedAsync(reference);

        var taken = Assert.Single(sink.Messages);
        Assert.Equal("Received: trace\r\n" + DeliveryRig.Body, Encoding.ASCII.GetString(taken.Bytes));
        Assert.Equal(["a@acme.example", "b@acme.example"], taken.Recipients);
        Assert.Equal("someone@sender.example", taken.ReversePath);
        Assert.All(record.Recipients, r => Assert.Equal((MessageState.Delivered, 1, sink.Endpoint.ToString(), "250 2.0.0 taken"), (r.State, r.Attempts, r.NextHop, r.LastReply)));
        Assert.Equal(2, record.Events.Count(e => e is { Kind: MessageEventKind.Delivered, Milliseconds: not null }));
        Assert.Equal((0, 0), (rig.Spool.Count, rig.Queue.Count));
    }

    [Fact]
    public async Task Recipients_with_the_same_route_share_a_transaction_and_others_do_not()
    {
        await using var own = new SmtpSink();
        await using var smarthost = new SmtpSink();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([own.Endpoint.ToString()], [smarthost.Endpoint.ToString()]) };
        await rig.StartAsync();
        var reference = await rig.SubmitAsync(rig.Outbound("a@acme.example", "x@one.example", "b@acme.example", "y@two.example"));
        await rig.WaitUntilFinishedAsync(reference);

        Assert.Equal(["a@acme.example", "b@acme.example"], Assert.Single(own.Messages).Recipients);
        Assert.Equal(["x@one.example", "y@two.example"], Assert.Single(smarthost.Messages).Recipients);
    }

    [Fact]
    public async Task Mail_by_MX_goes_to_the_most_preferred_host()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig();
        rig.Options.MxPort = sink.Port;
        rig.Options.LocalHops = ["mx1.other.example"];
        rig.Dns.Mx("other.example", 20, "mx2.other.example").Mx("other.example", 10, "mx1.other.example")
            .Address("mx1.other.example", "127.0.0.1").Address("mx2.other.example", "192.0.2.1");
        await rig.StartAsync();
        var record = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(rig.Outbound("x@other.example")));

        Assert.Equal(["x@other.example"], Assert.Single(sink.Messages).Recipients);
        Assert.Equal($"mx1.other.example [127.0.0.1]:{sink.Port}", record.Recipients[0].NextHop);
    }

    [Fact]
    public async Task The_second_hop_takes_over_when_the_first_is_down()
    {
        await using var second = new SmtpSink();
        await using var gone = new SmtpSink(isDown: true);
        await using var rig = new DeliveryRig(gone, second);
        await rig.StartAsync();
        var record = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync("a@acme.example"));

        Assert.Single(second.Messages);
        Assert.Contains(record.Events, e => e.Kind == MessageEventKind.Attempted && e.Text.Contains("connection refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CONNECT", "554 5.7.1 go away")]
    [InlineData("EHLO", "421 4.3.2 busy")]
    [InlineData("MAIL", "421 4.3.2 stopping")]
    [InlineData("MAIL", null)]
    public async Task The_second_hop_takes_over_when_the_first_does_not_serve(string verb, string? answer)
    {
        await using var first = new SmtpSink { Script = c => c.Verb == verb ? answer is null ? SinkAnswer.Drop : SinkAnswer.Say(answer) with { IsLast = true } : null };
        await using var second = new SmtpSink();
        await using var rig = new DeliveryRig(first, second);
        await rig.StartAsync();
        var record = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync("a@acme.example"));

        Assert.Equal(MessageState.Delivered, record.State);
        Assert.Single(second.Messages);
    }

    [Fact]
    public async Task Many_messages_share_few_connections()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Options.MaxConnectionsPerHop = 3;
        await rig.StartAsync();
        for (var i = 0; i < 300; i++)
        {
            await rig.SubmitAsync("a@acme.example");
        }

        await sink.WaitForMessagesAsync(300, rig.Token);
        Assert.InRange(sink.Connections, 1, 3);
        Assert.DoesNotContain("RSET", sink.Commands);
    }

    [Fact]
    public async Task A_connection_is_renewed_after_its_share_of_messages()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Options.MaxConnectionsPerHop = 1;
        rig.Options.MaxMessagesPerConnection = 10;
        await rig.StartAsync();
        for (var i = 0; i < 35; i++)
        {
            await rig.SubmitAsync("a@acme.example");
        }

        await sink.WaitForMessagesAsync(35, rig.Token);
        Assert.Equal(4, sink.Connections);
        Assert.Equal(1, sink.MostOpenConnections);
    }

    [Fact]
    public async Task An_idle_connection_that_the_next_hop_closed_is_replaced_without_a_failed_attempt()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "BODY" ? SinkAnswer.Say("250 2.0.0 taken") with { IsLast = true } : null };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            var record = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync("a@acme.example"));
            Assert.Equal((MessageState.Delivered, 1), (record.State, record.Recipients[0].Attempts));
        }
    }

    [Fact]
    public async Task More_recipients_than_a_transaction_takes_are_sent_in_several()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync([.. Enumerable.Range(0, 250).Select(i => $"u{i}@acme.example")]));

        Assert.Equal([100, 100, 50], sink.Messages.Select(m => m.Recipients.Count));
        Assert.All(record.Recipients, r => Assert.Equal(MessageState.Delivered, r.State));
    }

    [Fact]
    public async Task Too_many_recipients_for_the_next_hop_are_sent_in_the_next_transaction()
    {
        var count = 0;
        await using var sink = new SmtpSink();
        sink.Script = c =>
        {
            count = c.Verb == "MAIL" ? 0 : count;
            return c.Verb == "RCPT" && ++count > 10 ? SinkAnswer.Say("452 4.5.3 too many") : null;
        };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync([.. Enumerable.Range(0, 25).Select(i => $"u{i}@acme.example")]));

        Assert.Equal([10, 10, 5], sink.Messages.Select(m => m.Recipients.Count));
        Assert.All(record.Recipients, r => Assert.Equal((MessageState.Delivered, 1), (r.State, r.Attempts)));
    }

    [Theory]
    [InlineData(VerdictAction.Hold)]
    [InlineData(VerdictAction.Quarantine)]
    [InlineData(VerdictAction.Reject)]
    [InlineData(VerdictAction.Defer)]
    public async Task What_must_not_be_delivered_is_quarantined(VerdictAction action)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = rig.Inbound("a@acme.example", "b@acme.example", "c@acme.example") with { DecidedBy = "VIRUS_FOUND" };
        var actions = new[] { action, VerdictAction.Tag, VerdictAction.Deliver };
        record = record with { Recipients = [.. record.Recipients.Select((r, i) => r with { Action = actions[i] })] };
        var finished = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(record));

        Assert.Equal([MessageState.Quarantined, MessageState.Delivered, MessageState.Delivered], finished.Recipients.Select(r => r.State));
        Assert.Equal(["b@acme.example", "c@acme.example"], Assert.Single(sink.Messages).Recipients);
        var entry = await rig.Quarantine.FindAsync(record.Reference, rig.Token);
        Assert.Equal(["a@acme.example"], entry!.Recipients);
        Assert.Equal(DeliveryRig.Body.Length, rig.Quarantine.OpenBytes(record.Reference)!.Length);
        Assert.Contains(finished.Events, e => e.Kind == MessageEventKind.Quarantined && e.Text.Contains("VIRUS_FOUND", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flood_for_the_quarantine_arrives_there_completely()
    {
        await using var rig = new DeliveryRig(new SmtpSink());
        await rig.StartAsync();
        for (var i = 0; i < 2_000; i++)
        {
            var record = rig.Inbound("a@acme.example");
            await rig.SubmitAsync(record with { Recipients = [record.Recipients[0] with { Action = VerdictAction.Quarantine }] });
        }

        await rig.WaitUntilAsync(() => rig.Queue.Count == 0);
        Assert.Equal((2_000, 0), (rig.Quarantine.Count, rig.Spool.Count));
    }

    [Fact]
    public async Task Recipients_that_are_finished_are_left_alone()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = rig.Inbound("done@acme.example", "open@acme.example");
        record = record with { Recipients = [record.Recipients[0] with { State = MessageState.Delivered }, record.Recipients[1]] };
        await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(record));

        Assert.Equal(["open@acme.example"], Assert.Single(sink.Messages).Recipients);
    }

    [Fact]
    public async Task Five_thousand_messages_pass_without_losing_one()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var watch = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var references = new HashSet<string>();
        for (var i = 0; i < 5_000; i++)
        {
            var record = rig.Inbound($"u{i}@acme.example");
            Assert.True(references.Add(await rig.SubmitAsync(record)));
        }

        await sink.WaitForMessagesAsync(5_000, rig.Token);
        await rig.WaitUntilAsync(() => rig.Queue.Count == 0);
        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        TestContext.Current.SendDiagnosticMessage(
            $"{5_000 / watch.Elapsed.TotalSeconds:0} messages/s, {used.TotalMicroseconds / 5_000:0} µs CPU each with the sink, {sink.MostOpenConnections} connections");

        Assert.Equal(5_000, sink.Messages.SelectMany(m => m.Recipients).Distinct().Count());
        Assert.Equal((5_000, 0), (sink.Messages.Count, rig.Spool.Count));
        Assert.All(rig.Log.Records, r => Assert.Equal(MessageState.Delivered, r.State));
        Assert.InRange(sink.MostOpenConnections, 1, 10);
    }

    [Fact]
    public async Task A_backlog_larger_than_memory_allows_is_worked_off_completely()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Options.MaxLoadedPerHop = 20;
        rig.Options.MaxConnectionsPerHop = 2;
        await rig.StartAsync();
        for (var i = 0; i < 1_000; i++)
        {
            await rig.SubmitAsync($"u{i}@acme.example");
        }

        await sink.WaitForMessagesAsync(1_000, rig.Token);
        await rig.WaitUntilAsync(() => rig.Queue.Count == 0);
        Assert.Equal(1_000, sink.Messages.SelectMany(m => m.Recipients).Distinct().Count());
    }
}
