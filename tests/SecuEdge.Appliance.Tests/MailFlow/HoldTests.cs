using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class HoldTests
{
    private static readonly Caller Anna = Caller.Local with { Name = "anna" };

    private static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_held_message_waits_its_time_and_is_delivered_when_nothing_is_found()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);

        rig.Time.Advance(HoldTime - TimeSpan.FromSeconds(1));
        Assert.Empty(rig.Check.Asked);
        Assert.Equal(1, rig.Queue.Figures.Held);
        rig.Time.Advance(TimeSpan.FromSeconds(1));

        var record = await rig.WaitForAsync(reference, MessageState.Delivered);
        Assert.Equal([MessageEventKind.Released, MessageEventKind.Delivered], record.Events.Select(e => e.Kind));
        Assert.Contains("5 minutes", record.Events[0].Text, StringComparison.Ordinal);
        Assert.Null(record.Recipients[0].HeldUntil);
        Assert.Contains("X-SecuEdge-Verdict: deliver", record.TraceHeaders, StringComparison.Ordinal);
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task A_review_that_the_disk_prevented_is_made_a_moment_later()
    {
        await using var rig = new DeliveryRig(new SmtpSink());
        var faults = 0;
        rig.Spool.Fault = (operation, _) => operation == "Read" && ++faults == 1 ? new IOException("disk trouble") : null;
        await rig.StartAsync();
        await SubmitHeldAsync(rig);
        rig.Check.Action = VerdictAction.Quarantine;
        rig.Queue.AskReview();
        await rig.WaitUntilAsync(() => faults == 1 && rig.AllHeldWait(1));
        Assert.Equal(0, rig.Quarantine.Count);

        rig.Time.Advance(rig.Hold.RetryDelay);
        await rig.WaitUntilAsync(() => rig.Quarantine.Count == 1);
    }

    [Fact]
    public async Task A_hold_that_the_check_still_wants_ends_with_its_time_all_the_same()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Check.Action = VerdictAction.Hold;
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        rig.Time.Advance(HoldTime);

        var record = await rig.WaitForAsync(reference, MessageState.Delivered);
        Assert.Contains("X-Spam-Flag: NO", record.TraceHeaders, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_change_without_a_conviction_leaves_it_held_until_its_time()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        Assert.Equal(1, rig.Queue.AskReview());

        var record = await rig.Log.WaitForAsync(reference, r => r.Events.Any(e => e.Kind == MessageEventKind.Reviewed), rig.Token);
        Assert.Equal(MessageState.Held, record.State);
        Assert.Empty(sink.Messages);
        await rig.WaitUntilAsync(() => rig.AllHeldWait(1));
        rig.Time.Advance(HoldTime);
        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    [Theory]
    [InlineData(VerdictAction.Quarantine)]
    [InlineData(VerdictAction.Reject)]
    public async Task A_conviction_after_an_engine_change_quarantines_at_once(VerdictAction action)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        rig.Check.Action = action;
        rig.Queue.AskReview();

        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal((MessageState.Quarantined, "SCRIPTED"), (record.State, record.DecidedBy));
        Assert.Equal([MessageEventKind.Reviewed, MessageEventKind.Quarantined], record.Events.Select(e => e.Kind));
        Assert.NotNull(await rig.Quarantine.FindAsync(reference, rig.Token));
        Assert.Empty(sink.Messages);
    }

    [Fact]
    public async Task Mail_that_cannot_be_scanned_when_its_time_is_over_stays_held_and_is_tried_again()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Check.Action = VerdictAction.Defer;
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        rig.Time.Advance(HoldTime);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var due = rig.Time.GetUtcNow() + rig.Hold.RetryDelay;
            var record = await rig.Log.WaitForAsync(reference, r => r.Recipients[0].HeldUntil == due, rig.Token);
            Assert.Equal(MessageState.Held, record.State);
            Assert.Single(record.Events);
            await rig.WaitUntilAsync(() => rig.AllHeldWait(1));
            rig.Time.Advance(rig.Hold.RetryDelay);
        }

        await rig.WaitUntilAsync(() => rig.AllHeldWait(1) && rig.Check.Asked.Count == 4);
        rig.Check.Action = null;
        rig.Time.Advance(rig.Hold.RetryDelay);
        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    [Fact]
    public async Task Time_does_not_release_what_engines_disagree_about()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Check.Action = VerdictAction.Hold;
        rig.Check.Floor = VerdictAction.Hold;
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        var other = await SubmitHeldAsync(rig);
        rig.Time.Advance(HoldTime);
        var last = rig.Time.GetUtcNow() + rig.Hold.Longest;
        foreach (var held in (string[])[reference, other])
        {
            await rig.Log.WaitForAsync(held, r => r.Recipients[0].HeldUntil == last, rig.Token);
        }

        // New signatures do not convict it any more: its own time is over, so it goes.
        await rig.WaitUntilAsync(() => rig.AllHeldWait());
        await rig.Queue.DropAsync(other, "test", "tester", rig.Token);
        await rig.WaitForAsync(other, MessageState.Dropped);
        rig.Check.Action = null;
        rig.Queue.AskReview();
        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    [Fact]
    public async Task What_nobody_decided_within_the_longest_time_goes_into_quarantine()
    {
        await using var rig = new DeliveryRig();
        rig.Check.Action = VerdictAction.Hold;
        rig.Check.Floor = VerdictAction.Hold;
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        rig.Time.Advance(HoldTime + rig.Hold.Longest);
        Assert.Equal(MessageState.Quarantined, (await rig.WaitUntilFinishedAsync(reference)).State);
    }

    [Fact]
    public async Task Held_mail_survives_a_restart_with_its_time_and_a_retry_does_not_release_it()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        Assert.Equal(QueueOutcome.Held, await rig.Queue.RetryAsync(reference, rig.Token));
        await rig.RestartAsync();

        var item = Assert.Single((await rig.Queue.ListAsync(isHeld: true, 10, null, rig.Token)).Items);
        Assert.Equal((reference, MessageState.Held), (item.Record.Reference, item.Record.State));
        Assert.Empty((await rig.Queue.ListAsync(isHeld: false, 10, null, rig.Token)).Items);
        Assert.Empty(rig.Check.Asked);
        rig.Time.Advance(HoldTime);
        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    [Fact]
    public async Task Held_mail_is_judged_oldest_first_and_once_for_several_changes()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Hold.MaxParallelReviews = 1;
        var gate = new TaskCompletionSource();
        rig.Check.Gate = gate.Task;
        await rig.StartAsync();
        List<string> references = [];
        for (var i = 0; i < 5; i++)
        {
            references.Add(await SubmitHeldAsync(rig));
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }

        rig.Queue.AskReview();
        await rig.WaitUntilAsync(() => rig.Check.Asked.Count == 1);
        rig.Queue.AskReview();
        rig.Queue.AskReview();
        gate.SetResult();
        await rig.WaitUntilAsync(() => rig.Check.Asked.Count == 6 && rig.AllHeldWait());

        // The first was being judged with the old signatures when the next change came, so it is judged once more.
        Assert.Equal([.. references, references[0]], rig.Check.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_decides_before_the_time_and_the_timeline_says_who(bool isRelease)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        var operations = rig.HoldOperations;

        var outcome = isRelease
            ? await operations.ReleaseAsync(Anna, reference, rig.Token)
            : await operations.QuarantineAsync(Anna, reference, rig.Token);

        Assert.Null(outcome.Problem);
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal(isRelease ? MessageState.Delivered : MessageState.Quarantined, record.State);
        Assert.Equal("anna", record.Events[0].Actor);
        Assert.Empty(rig.Check.Asked);
        Assert.Equal(OperationFailure.Conflict, (await operations.ReleaseAsync(Anna, reference, rig.Token)).Problem!.Failure);
        Assert.Equal(OperationFailure.NotFound, (await operations.ReleaseAsync(Anna, "NONE-NONE", rig.Token)).Problem!.Failure);
    }

    [Theory]
    [InlineData(VerdictAction.Quarantine, MessageState.Quarantined)]
    [InlineData(VerdictAction.Defer, MessageState.Held)]
    public async Task A_release_on_the_old_verdict_does_not_outdo_a_new_one(VerdictAction action, MessageState state)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        var gate = new TaskCompletionSource();
        rig.Check.Gate = gate.Task;
        rig.Check.Action = action;
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        rig.Queue.AskReview();
        await rig.WaitUntilAsync(() => rig.Check.Asked.Count == 1);
        var operations = rig.HoldOperations;
        var release = operations.ReleaseAsync(Anna, reference, rig.Token);
        var second = await operations.QuarantineAsync(Anna with { Name = "ben" }, reference, rig.Token);
        gate.SetResult();

        var problem = (await release).Problem!;
        Assert.Equal((OperationFailure.Conflict, OperationFailure.Conflict), (second.Problem!.Failure, problem.Failure));
        Assert.Contains("a moment ago", second.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains("SCRIPTED", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(state, (await rig.Log.WaitForAsync(reference, r => r.Events.Count > 0, rig.Token)).State);
        Assert.Empty(sink.Messages);
    }

    [Fact]
    public async Task A_decision_that_the_disk_does_not_take_is_answered_when_it_is_stored()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        rig.Spool.Fault = (operation, _) => operation == "Save" ? new IOException("full") : null;
        var release = rig.HoldOperations.ReleaseAsync(Anna, reference, rig.Token);
        await rig.WaitUntilAsync(() => rig.AllHeldWait(1) && rig.Queue.Held[0].Unsettled is not null);
        Assert.False(release.IsCompleted);
        rig.Spool.Fault = (_, _) => null;
        rig.Time.Advance(rig.Options.StoreRetryDelay);
        Assert.Null((await release).Problem);
        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    [Fact]
    public async Task Other_recipients_of_a_held_message_get_it_at_once()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = Held(rig, "held@acme.example", "free@acme.example");
        record = record.Change([1], r => r with { State = MessageState.Queued, Action = VerdictAction.Deliver, HeldUntil = null });
        var reference = await rig.SubmitAsync(record);

        var half = await rig.Log.WaitForAsync(reference, r => r.Recipients[1].State == MessageState.Delivered, rig.Token);
        Assert.Equal(MessageState.Held, half.State);
        await rig.WaitUntilAsync(() => rig.AllHeldWait(1));
        rig.Time.Advance(HoldTime);
        await rig.WaitForAsync(reference, MessageState.Delivered);
        Assert.Equal(2, sink.Messages.Count);
    }

    [Fact]
    public async Task The_review_sees_the_envelope_of_the_message()
    {
        await using var rig = new DeliveryRig();
        rig.Check.Action = VerdictAction.Quarantine;
        await rig.StartAsync();
        var record = Held(rig, "a@acme.example", "b@acme.example") with { HeloName = "client.example", IsEsmtp = false, TlsVersion = "TLSv1.3" };
        await rig.SubmitAsync(record);
        rig.Queue.AskReview();
        await rig.WaitUntilFinishedAsync(record.Reference);

        var envelope = rig.Check.LastEnvelope!;
        Assert.Equal((record.Reference, "acme", Direction.Inbound, "someone@sender.example"), (envelope.Reference, envelope.Tenant, envelope.Direction, envelope.ReversePath.ToString()));
        Assert.Equal(["a@acme.example", "b@acme.example"], envelope.Recipients.Select(r => r.ToString()));
        Assert.Equal(("198.51.100.1", "client.example", false, "TLSv1.3"), (envelope.ClientAddress.ToString(), envelope.HeloName, envelope.IsEsmtp, envelope.TlsVersion));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(VerdictAction.Quarantine, 0)]
    public async Task A_stranger_is_one_at_the_review_too_and_known_only_when_his_mail_goes(VerdictAction? action, int released)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        rig.Check.Action = action;
        await rig.StartAsync();
        var told = new List<bool?>();
        rig.Review.Released = judgement => told.Add(judgement.Facts.IsFirstContact);
        var reference = await rig.SubmitAsync(Held(rig, "a@acme.example") with { IsFirstContact = true });
        rig.Time.Advance(HoldTime);
        await rig.WaitUntilFinishedAsync(reference);
        Assert.True(rig.Check.LastFacts!.IsFirstContact);
        Assert.Equal(Enumerable.Repeat<bool?>(true, released), told);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_keeps_the_message_held()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await SubmitHeldAsync(rig);
        rig.Spool.Fault = (operation, _) => operation == "Save" ? new IOException("full") : null;
        rig.Time.Advance(HoldTime);
        await rig.WaitUntilAsync(() => rig.Check.Asked.Count == 1 && rig.AllHeldWait(1));
        Assert.Empty(sink.Messages);
        rig.Spool.Fault = (_, _) => null;
        rig.Time.Advance(rig.Options.StoreRetryDelay);
        await rig.WaitForAsync(reference, MessageState.Delivered);
    }

    private static Task<string> SubmitHeldAsync(DeliveryRig rig) => rig.SubmitAsync(Held(rig, "info@acme.example"));

    private static MessageRecord Held(DeliveryRig rig, params string[] recipients)
    {
        var record = rig.Inbound(recipients);
        return record.Change(
            Enumerable.Range(0, recipients.Length),
            r => r with { Action = VerdictAction.Hold, State = MessageState.Held, HeldUntil = rig.Time.GetUtcNow() + HoldTime });
    }
}
