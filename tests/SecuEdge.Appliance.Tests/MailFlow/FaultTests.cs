using SecuEdge.Appliance.MailFlow;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>Everything that can go wrong after the 250, and that nothing is lost by it.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Mail_for_a_hop_that_is_down_waits_and_is_delivered_when_it_is_back()
    {
        await using var hop = new SmtpSink(isDown: true);
        await using var rig = new DeliveryRig(hop);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        var deferred = await rig.WaitForAsync(reference, MessageState.Deferred);

        Assert.Equal(1, deferred.Recipients[0].Attempts);
        Assert.Contains("connection refused", deferred.Recipients[0].LastReply, StringComparison.Ordinal);
        Assert.InRange(deferred.Recipients[0].NextAttemptAt!.Value - rig.Time.GetUtcNow(), TimeSpan.FromSeconds(54), TimeSpan.FromSeconds(66));

        hop.Start();
        await rig.PassRetryAsync(deferred);
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal((MessageState.Delivered, 2), (record.State, record.Recipients[0].Attempts));
    }

    [Fact]
    public async Task A_hop_that_is_down_is_asked_once_for_many_messages()
    {
        var connections = 0;
        await using var sink = new SmtpSink();
        sink.Script = c =>
        {
            connections += c.Verb == "CONNECT" ? 1 : 0;
            return c.Verb == "CONNECT" ? SinkAnswer.Say("421 4.3.2 not now") with { IsLast = true } : null;
        };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        for (var i = 0; i < 200; i++)
        {
            await rig.SubmitAsync("a@acme.example");
        }

        await rig.WaitUntilAsync(() => rig.Queue.Figures.Deferred == 200);
        Assert.Equal(1, connections);
    }

    [Fact]
    public async Task A_dead_hop_does_not_hold_up_the_others()
    {
        await using var silent = new SmtpSink { Script = c => c.Verb == "CONNECT" ? SinkAnswer.Silence : null };
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([sink.Endpoint.ToString()], [silent.Endpoint.ToString()]) };
        rig.Options.MaxConnections = 2;
        rig.Options.StopTimeout = TimeSpan.Zero;
        await rig.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            await rig.SubmitAsync(rig.Outbound("x@other.example"));
        }

        for (var i = 0; i < 50; i++)
        {
            await rig.SubmitAsync("a@acme.example");
        }

        await sink.WaitForMessagesAsync(50, rig.Token);
        await rig.WaitUntilAsync(() => silent.Connections > 0);
        Assert.Equal(1, silent.Connections);
    }

    [Fact]
    public async Task Busy_routes_give_way_to_one_that_waits_for_a_connection()
    {
        await using var first = new SmtpSink();
        await using var second = new SmtpSink();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([first.Endpoint.ToString()], [second.Endpoint.ToString()]) };
        rig.Options.MaxConnections = 2;
        await rig.StartAsync();
        // The first route has both connections and never runs dry while the second one waits.
        var gate = new TaskCompletionSource();
        first.Script = c => c is { Verb: "BODY", Message: > 3 } ? new SinkAnswer { Text = "250 2.0.0 taken", Wait = gate.Task } : null;
        for (var i = 0; i < 100; i++)
        {
            await rig.SubmitAsync("a@acme.example");
        }

        await first.WaitForMessagesAsync(3, rig.Token);
        await rig.SubmitAsync(rig.Outbound("x@other.example"));
        gate.SetResult();
        await second.WaitForMessagesAsync(1, rig.Token);
        await first.WaitForMessagesAsync(100, rig.Token);
    }

    [Fact]
    public async Task A_silent_hop_defers_the_message()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "BODY" ? SinkAnswer.Silence : null };
        await using var rig = new DeliveryRig(sink);
        rig.Client.DataTerminationTimeout = TimeSpan.FromMilliseconds(100);
        await rig.StartAsync();
        var deferred = await rig.WaitForAsync(await rig.SubmitAsync("a@acme.example"), MessageState.Deferred);

        Assert.Contains("after the final dot", deferred.Recipients[0].LastReply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_recipient_gets_what_the_hop_said_about_it()
    {
        await using var sink = new SmtpSink
        {
            Script = c => c.Verb != "RCPT" ? null
                : c.Argument.Contains("gone@", StringComparison.Ordinal) ? SinkAnswer.Say("550 5.1.1 gone")
                : c.Argument.Contains("full@", StringComparison.Ordinal) ? SinkAnswer.Say("452 4.2.2 full") : null,
        };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("ok@acme.example", "gone@acme.example", "full@acme.example");
        var record = await rig.WaitForAsync(reference, MessageState.Deferred);

        Assert.Equal([MessageState.Delivered, MessageState.Quarantined, MessageState.Deferred], record.Recipients.Select(r => r.State));
        Assert.Equal(["250 2.0.0 taken", "550 5.1.1 gone", "452 4.2.2 full"], record.Recipients.Select(r => r.LastReply));

        sink.Script = _ => null;
        await rig.PassRetryAsync(record);
        var finished = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal([MessageState.Delivered, MessageState.Quarantined, MessageState.Delivered], finished.Recipients.Select(r => r.State));
        Assert.Equal([["ok@acme.example"], ["full@acme.example"]], sink.Messages.Select(m => m.Recipients));
    }

    [Fact]
    public async Task A_drop_after_the_final_dot_is_tried_again_and_makes_a_duplicate_rather_than_a_loss()
    {
        var isFirst = true;
        await using var sink = new SmtpSink();
        sink.Script = c =>
        {
            if (c.Verb == "BODY" && isFirst)
            {
                isFirst = false;
                return SinkAnswer.Drop;
            }

            return null;
        };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        await rig.PassRetryAsync(await rig.WaitForAsync(reference, MessageState.Deferred));
        await rig.WaitUntilFinishedAsync(reference);

        Assert.Equal((2, 1), (sink.Attempts.Count, sink.Messages.Count));
    }

    [Fact]
    public async Task Deferred_mail_survives_a_restart_and_keeps_its_time()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("451 4.7.1 greylisted") : null };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        var deferred = await rig.WaitForAsync(reference, MessageState.Deferred);
        await rig.WaitUntilAsync(() => rig.Queue.Figures.Deferred == 1);
        await rig.RestartAsync();

        Assert.Equal(new QueueFigures(0, 1, 0, TimeSpan.Zero, TimeSpan.Zero), rig.Queue.Figures);
        sink.Script = _ => null;
        await rig.PassRetryAsync(deferred);
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal((MessageState.Delivered, 2), (record.State, record.Recipients[0].Attempts));
    }

    [Fact]
    public async Task Inbound_mail_that_expires_is_quarantined_and_nobody_is_told()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("451 4.2.1 later") : null };
        await using var rig = new DeliveryRig(sink);
        rig.Options.Lifetime = TimeSpan.FromMinutes(3);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var attempts = attempt;
            await rig.PassRetryAsync(await rig.Log.WaitForAsync(reference, r => r.State == MessageState.Deferred && r.Recipients[0].Attempts == attempts, rig.Token));
        }

        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal(MessageState.Quarantined, record.State);
        Assert.Equal(rig.Time.GetUtcNow() - record.ReceivedAt, rig.Options.Lifetime);
        Assert.Equal(1, rig.Quarantine.Count);
        Assert.Single(rig.Log.Records);
    }

    [Fact]
    public async Task Inbound_mail_for_a_domain_that_left_the_site_waits()
    {
        await using var rig = new DeliveryRig(new SmtpSink());
        await rig.StartAsync();
        var deferred = await rig.WaitForAsync(await rig.SubmitAsync("a@left.example"), MessageState.Deferred);

        Assert.StartsWith("451 4.3.5", deferred.Recipients[0].LastReply, StringComparison.Ordinal);
        Assert.Equal(0, rig.Dns.Lookups);
    }

    [Theory]
    [InlineData("Finish")]
    [InlineData("Save")]
    public async Task A_failing_spool_delays_and_repeats_nothing(string operation)
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" && c.Argument.Contains("full@", StringComparison.Ordinal) ? SinkAnswer.Say("452 4.2.2 full") : null };
        await using var rig = new DeliveryRig(sink);
        var faults = 0;
        rig.Spool.Fault = (o, _) => o == operation && ++faults <= 3 ? new IOException("disk full") : null;
        await rig.StartAsync();
        var reference = await rig.SubmitAsync(operation == "Save" ? ["a@acme.example", "full@acme.example"] : ["a@acme.example"]);
        for (var i = 1; i <= 3; i++)
        {
            var expected = i;
            await rig.WaitUntilAsync(() => faults == expected && rig.Queue.Figures.Deferred == 1);
            rig.Time.Advance(rig.Options.StoreRetryDelay);
        }

        if (operation == "Save")
        {
            await rig.WaitUntilAsync(() => rig.Spool.Live[0].ReadRecord().State == MessageState.Deferred && rig.Queue.Figures.Deferred == 1);
        }
        else
        {
            await rig.WaitUntilFinishedAsync(reference);
        }

        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task A_failing_quarantine_delays_and_loses_nothing()
    {
        await using var rig = new DeliveryRig(new SmtpSink());
        var faults = 0;
        rig.Quarantine.Fault = _ => ++faults <= 2 ? new IOException("disk full") : null;
        await rig.StartAsync();
        var record = rig.Inbound("a@acme.example");
        record = record with { Recipients = [record.Recipients[0] with { Action = Filter.VerdictAction.Quarantine }] };
        var reference = await rig.SubmitAsync(record);
        for (var i = 1; i <= 2; i++)
        {
            var expected = i;
            await rig.WaitUntilAsync(() => faults == expected && rig.Queue.Figures.Deferred == 1);
            Assert.Equal(1, rig.Spool.Count);
            rig.Time.Advance(rig.Options.StoreRetryDelay);
        }

        await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal(1, rig.Quarantine.Count);
    }

    [Fact]
    public async Task Recipients_quarantined_later_join_the_entry_of_the_message()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("550 5.1.1 gone") : null };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = rig.Inbound("virus@acme.example", "gone@acme.example");
        record = record with { Recipients = [record.Recipients[0] with { Action = Filter.VerdictAction.Quarantine }, record.Recipients[1]] };
        await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(record));

        var entry = await rig.Quarantine.FindAsync(record.Reference, rig.Token);
        Assert.Equal(["virus@acme.example", "gone@acme.example"], entry!.Recipients);
    }

    [Fact]
    public async Task Recipients_quarantined_while_somebody_deletes_the_entry_get_one_of_their_own()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("550 5.1.1 gone") : null };
        await using var rig = new DeliveryRig(sink);
        var changes = 0;
        rig.Quarantine.Fault = reference =>
        {
            if (++changes == 2)
            {
                rig.Quarantine.DeleteAsync(reference, CancellationToken.None);
            }

            return null;
        };
        await rig.StartAsync();
        var record = rig.Inbound("virus@acme.example", "gone@acme.example");
        record = record with { Recipients = [record.Recipients[0] with { Action = Filter.VerdictAction.Quarantine }, record.Recipients[1]] };
        await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(record));

        var entry = await rig.Quarantine.FindAsync(record.Reference, rig.Token);
        Assert.Equal(["gone@acme.example"], entry!.Recipients);
    }

    [Fact]
    public async Task Two_messages_of_one_reference_are_both_delivered()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = rig.Inbound("a@acme.example");
        await rig.SubmitAsync(record with { Recipients = [record.Recipients[0] with { NextAttemptAt = rig.Time.GetUtcNow().AddMinutes(1), State = MessageState.Deferred }] });
        await rig.SubmitAsync(record with { ConnectionId = "c2" }, "Subject: second\r\n\r\nother\r\n");
        Assert.Equal(1, rig.Queue.Count);
        rig.Time.Advance(TimeSpan.FromMinutes(1));

        await sink.WaitForMessagesAsync(2, rig.Token);
        await rig.WaitUntilAsync(() => rig.Spool.Count == 0 && rig.Queue.Count == 0);
    }

    [Fact]
    public async Task A_damaged_message_for_the_quarantine_ends_and_says_where_its_remains_are()
    {
        await using var rig = new DeliveryRig(new SmtpSink());
        Damage(rig, "Read");
        await rig.StartAsync();
        var record = rig.Inbound("a@acme.example");
        record = record with { Recipients = [record.Recipients[0] with { Action = Filter.VerdictAction.Quarantine }] };
        var finished = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(record));

        Assert.Equal(MessageState.Dropped, finished.State);
        Assert.Contains("spool/damaged/", finished.Events[^1].Text, StringComparison.Ordinal);
        Assert.Equal((0, 0), (rig.Quarantine.Count, rig.Spool.Count));
        Assert.Single(rig.Log.Records);
    }

    [Theory]
    [InlineData("Save")]
    [InlineData("Record")]
    public async Task The_sender_of_a_damaged_outbound_message_is_told(string operation)
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" && c.Argument.Contains("x@", StringComparison.Ordinal) ? SinkAnswer.Say("451 4.2.1 later") : null };
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([sink.Endpoint.ToString()], [sink.Endpoint.ToString()]) };
        var record = rig.Outbound("x@other.example");
        record = record with { Recipients = [record.Recipients[0] with { NextAttemptAt = rig.Time.GetUtcNow().AddMinutes(1), State = MessageState.Deferred }] };
        Damage(rig, operation, record.Reference);
        await rig.StartAsync();
        rig.Log.Save(record);
        await rig.SubmitAsync(record);
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        var finished = await rig.WaitUntilFinishedAsync(record.Reference);

        Assert.Equal(MessageState.Dropped, finished.State);
        await sink.WaitForMessagesAsync(1, rig.Token);
        var report = Assert.Single(sink.Messages);
        Assert.Equal(["user@acme.example"], report.Recipients);
    }

    /// <summary>The spool finds each message, or one of them, damaged at some operation; its bytes are unreadable then in any case.</summary>
    private static void Damage(DeliveryRig rig, string operation, string? only = null) =>
        rig.Spool.Fault = (o, reference) => (o == operation || (o == "Read" && operation == "Record")) && (only ?? reference) == reference
            ? new DamagedMessageException(reference, $"spool/damaged/{reference}.1.eml")
            : null;
}
