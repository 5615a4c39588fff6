using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>What somebody asks of the queue: to list, retry, drop, and to stop.</summary>
public sealed class QueueTests
{
    [Fact]
    public async Task A_retry_is_made_at_once_even_if_the_hop_was_down_a_moment_ago()
    {
        await using var hop = new SmtpSink(isDown: true);
        await using var rig = new DeliveryRig(hop);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        await rig.WaitUntilAsync(() => rig.Queue.Figures.Deferred == 1);
        hop.Start();

        Assert.Equal(QueueOutcome.Done, await rig.Queue.RetryAsync(reference, rig.Token));
        await rig.WaitUntilFinishedAsync(reference);
        Assert.Single(hop.Messages);
        Assert.Equal(QueueOutcome.NotFound, await rig.Queue.RetryAsync(reference, rig.Token));
    }

    [Fact]
    public async Task A_deferred_message_can_be_dropped_and_says_by_whom()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("451 4.2.1 later") : null };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        await rig.WaitUntilAsync(() => rig.Queue.Figures.Deferred == 1);

        Assert.Equal(QueueOutcome.Done, await rig.Queue.DropAsync(reference, "asked by the customer", "admin", rig.Token));
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal(MessageState.Dropped, record.State);
        Assert.Contains(record.Events, e => e is { Kind: MessageEventKind.Dropped, Actor: "admin" } && e.Text.Contains("asked by the customer", StringComparison.Ordinal));
        Assert.Equal((0, 0), (rig.Spool.Count, rig.Queue.Count));
    }

    [Fact]
    public async Task A_message_being_sent_is_dropped_only_for_those_who_did_not_get_it()
    {
        var gate = new TaskCompletionSource();
        var isSending = new TaskCompletionSource();
        await using var sink = new SmtpSink();
        sink.Script = c =>
        {
            if (c.Verb == "BODY")
            {
                isSending.TrySetResult();
                return new SinkAnswer { Text = "250 2.0.0 taken", Wait = gate.Task };
            }

            return c.Verb == "RCPT" && c.Argument.Contains("full@", StringComparison.Ordinal) ? SinkAnswer.Say("452 4.2.2 full") : null;
        };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example", "full@acme.example");
        await isSending.Task.WaitAsync(rig.Token);
        Assert.Equal(QueueOutcome.InProgress, await rig.Queue.DropAsync(reference, "no", "admin", rig.Token));
        gate.SetResult();

        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal([MessageState.Delivered, MessageState.Dropped], record.Recipients.Select(r => r.State));
    }

    [Fact]
    public async Task A_retry_asked_while_the_last_attempt_is_being_noted_is_made_at_once()
    {
        await using var hop = new SmtpSink(isDown: true);
        await using var rig = new DeliveryRig(hop);
        rig.Spool.Fault = (operation, reference) =>
        {
            // The message log says deferred already.
            if (operation == "Save" && hop.Connections == 0)
            {
                hop.Start();
                _ = rig.Queue.RetryAsync(reference, rig.Token);
            }

            return null;
        };
        await rig.StartAsync();
        await rig.WaitUntilFinishedAsync(await rig.SubmitAsync("a@acme.example"));
        Assert.Single(hop.Messages);
    }

    /// <param name="isSoonFree">The others are through before the message stands in the line of the hop.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retry_is_made_also_for_those_whose_hop_is_busy_with_others(bool isSoonFree)
    {
        var isBusy = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var isDown = true;
        await using var own = new SmtpSink();
        await using var smarthost = new SmtpSink();
        own.Script = smarthost.Script = c => isDown && c.Verb == "RCPT" ? SinkAnswer.Say("451 4.2.1 later") : null;
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([own.Endpoint.ToString()], [smarthost.Endpoint.ToString()]) };
        rig.Options.MaxLoadedPerHop = rig.Options.MaxConnectionsPerHop = 1;
        await rig.StartAsync();
        var waiting = await rig.SubmitAsync(rig.Outbound("a@acme.example", "x@other.example"));
        await rig.WaitUntilAsync(() => rig.Queue.Figures.Deferred == 1);

        isDown = false;
        own.Script = c =>
        {
            if (c.Verb != "BODY" || isBusy.Task.IsCompleted)
            {
                return null;
            }

            isBusy.SetResult();
            return new SinkAnswer { Text = "250 2.0.0 taken", Wait = gate.Task };
        };
        await rig.SubmitAsync("b@acme.example");
        await isBusy.Task.WaitAsync(rig.Token);
        await rig.SubmitAsync("c@acme.example");
        rig.Spool.Fault = (operation, reference) =>
        {
            if (isSoonFree && operation == "Save" && reference == waiting)
            {
                gate.TrySetResult();
                Assert.True(SpinWait.SpinUntil(() => rig.Queue.Count == 1, TimeSpan.FromSeconds(20)));
            }

            return null;
        };
        Assert.Equal(QueueOutcome.Done, await rig.Queue.RetryAsync(waiting, rig.Token));
        await smarthost.WaitForMessagesAsync(1, rig.Token);
        if (!isSoonFree)
        {
            gate.SetResult();
        }

        var record = await rig.WaitUntilFinishedAsync(waiting);
        Assert.All(record.Recipients, r => Assert.Equal((MessageState.Delivered, 2), (r.State, r.Attempts)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_asked_while_the_store_has_trouble_waits_until_it_is_tried_again(bool isDrop)
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("451 4.2.1 later") : null };
        await using var rig = new DeliveryRig(sink);
        var tries = 0;
        rig.Spool.Fault = (operation, reference) =>
        {
            if (operation is not ("Save" or "Finish") || ++tries > 2)
            {
                return null;
            }

            _ = isDrop ? rig.Queue.DropAsync(reference, "no", "admin", rig.Token) : rig.Queue.RetryAsync(reference, rig.Token);
            return new IOException("disk full");
        };
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        for (var i = 1; i <= 2; i++)
        {
            var expected = i;
            await rig.WaitUntilAsync(() => tries >= expected && rig.Queue.Figures.Deferred == 1);
            Assert.Equal(expected, tries);
            rig.Time.Advance(rig.Options.StoreRetryDelay);
        }

        await rig.WaitUntilAsync(() => tries > 2);
        if (isDrop)
        {
            Assert.Equal(MessageState.Dropped, (await rig.WaitUntilFinishedAsync(reference)).State);
        }
        else
        {
            await rig.WaitUntilAsync(() => sink.Commands.Count(c => c.StartsWith("RCPT", StringComparison.Ordinal)) == 2);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_in_quarantine_is_released_when_it_has_left_the_queue(bool leaves)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        using var gate = new ManualResetEventSlim();
        rig.Spool.Fault = (operation, _) =>
        {
            if (operation == "Finish")
            {
                gate.Wait(rig.Token);
            }

            return null;
        };
        await rig.StartAsync();
        var record = rig.Inbound("a@acme.example");
        await rig.SubmitAsync(record with { Recipients = [record.Recipients[0] with { Action = Filter.VerdictAction.Quarantine }] });
        await rig.WaitForAsync(record.Reference, MessageState.Quarantined);

        using var operations = rig.QuarantineOperations;
        var release = operations.ReleaseAsync(Caller.Local, record.Reference, null, rig.Token);
        Assert.False(release.IsCompleted);
        if (leaves)
        {
            gate.Set();
            Assert.Null((await release).Problem);
            await sink.WaitForMessagesAsync(1, rig.Token);
        }
        else
        {
            rig.Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal(OperationFailure.Conflict, (await release).Problem!.Failure);
            gate.Set();
            await rig.WaitUntilFinishedAsync(record.Reference);
        }
    }

    [Fact]
    public async Task The_list_shows_waiting_messages_oldest_first_in_pages()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("451 4.2.1 later") : null };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        List<string> references = [];
        for (var i = 0; i < 5; i++)
        {
            references.Add(await rig.SubmitAsync("a@acme.example"));
        }

        await rig.WaitUntilAsync(() => rig.Queue.Figures.Deferred == 5);
        var first = await rig.Queue.ListAsync(null, 3, null, rig.Token);
        var second = await rig.Queue.ListAsync(null, 3, first.Next, rig.Token);

        Assert.Equal(references, first.Items.Concat(second.Items).Select(i => i.Record.Reference));
        Assert.All(first.Items, i => Assert.Equal(i.Record.Recipients[0].NextAttemptAt, i.NextAttemptAt));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_stop_lets_a_running_transaction_finish()
    {
        var gate = new TaskCompletionSource();
        var isSending = new TaskCompletionSource();
        await using var sink = new SmtpSink();
        sink.Script = c =>
        {
            if (c.Verb != "BODY")
            {
                return null;
            }

            isSending.TrySetResult();
            return new SinkAnswer { Text = "250 2.0.0 taken", Wait = gate.Task };
        };
        await using var rig = new DeliveryRig(sink);
        rig.Options.MaxConnectionsPerHop = 1;
        await rig.StartAsync();
        var first = await rig.SubmitAsync("a@acme.example");
        await isSending.Task.WaitAsync(rig.Token);
        var second = await rig.SubmitAsync("b@acme.example");
        var stop = rig.Runner.StopAsync(rig.Token);
        Assert.False(stop.IsCompleted);
        await rig.WaitUntilAsync(() => rig.Runner.IsStopping);
        gate.SetResult();
        await stop;

        Assert.True(rig.Spool.Finished.ContainsKey(first));
        Assert.Equal([second], rig.Spool.Live.Select(e => e.Reference));
    }

    [Fact]
    public async Task A_stop_breaks_off_what_takes_too_long_and_the_spool_keeps_it()
    {
        var isSending = new TaskCompletionSource();
        await using var sink = new SmtpSink();
        sink.Script = c =>
        {
            if (c.Verb != "MAIL")
            {
                return null;
            }

            isSending.TrySetResult();
            return SinkAnswer.Silence;
        };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync("a@acme.example");
        await isSending.Task.WaitAsync(rig.Token);
        var stop = rig.Runner.StopAsync(rig.Token);
        await rig.WaitUntilAsync(() =>
        {
            rig.Time.Advance(rig.Options.StopTimeout);
            return stop.IsCompleted;
        });
        await stop;

        var record = Assert.Single(rig.Spool.Live).ReadRecord();
        Assert.Equal((reference, MessageState.Queued), (record.Reference, record.State));
    }
}
