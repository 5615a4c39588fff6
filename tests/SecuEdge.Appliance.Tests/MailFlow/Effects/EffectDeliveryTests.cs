using System.Text;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

/// <summary>Verdicts made by hand, carried out by the receiver's steps and the whole sending side.</summary>
public sealed class EffectDeliveryTests
{
    private const string Body = "From: a@sender.example\r\nSubject: hello\r\n\r\nbody\r\n";

    [Fact]
    public async Task Without_effects_the_bytes_are_those_that_came()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        await AcceptAsync(rig, [Verdict()]);
        await sink.WaitForMessagesAsync(1, rig.Token);
        Assert.Equal("T: t\r\n" + Body, Text(sink.Messages[0]));
    }

    [Fact]
    public async Task Each_recipient_gets_what_his_rules_make_of_the_message()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var (tag, banner) = (Rewrite.Subject("[EXT]"), Rewrite.Banner("note"));
        // Like those of Policy.Decide, effects of another recipient are other objects.
        var reference = await AcceptAsync(rig, [Verdict(tag), Verdict(tag, banner), Verdict(), Verdict(tag with { Files = [] })]);
        var record = await rig.WaitUntilFinishedAsync(reference);

        Assert.Equal(3, sink.Messages.Count);
        var byRecipients = sink.Messages.ToDictionary(m => string.Join(',', m.Recipients), Text);
        Assert.Equal("T: t\r\n" + Body, byRecipients["r2@acme.example"]);
        Assert.Equal("T: t\r\nX-SecuEdge-Modified: subject\r\n" + Body.Replace("hello", "[EXT] hello", StringComparison.Ordinal), byRecipients["r0@acme.example,r3@acme.example"]);
        Assert.Equal("T: t\r\nX-SecuEdge-Modified: banner, subject\r\n" + Body.Replace("hello", "[EXT] hello", StringComparison.Ordinal) + "\r\nnote\r\n", byRecipients["r1@acme.example"]);
        Assert.Equal(2, record.Events.Count(e => e.Kind == MessageEventKind.RuleApplied));
        Assert.Empty(record.Effects);
    }

    [Fact]
    public async Task Recipients_with_other_headers_get_them_in_a_transaction_of_their_own()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var record = rig.Inbound("a@acme.example", "b@acme.example", "c@acme.example");
        var reference = await rig.SubmitAsync(record.Change([1], r => r with { TraceHeaders = "X-Own: b\r\n" }));
        await rig.WaitUntilFinishedAsync(reference);
        var byRecipients = sink.Messages.ToDictionary(m => string.Join(',', m.Recipients), Text);
        Assert.StartsWith("X-Own: b\r\n", byRecipients["b@acme.example"], StringComparison.Ordinal);
        Assert.StartsWith(record.TraceHeaders, byRecipients["a@acme.example,c@acme.example"], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Own", byRecipients["a@acme.example,c@acme.example"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_after_a_restart_sends_the_same_and_says_it_once()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "BODY" && c.Connection == 1 ? SinkAnswer.Say("451 later") : null };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await AcceptAsync(rig, [Verdict(Rewrite.Banner("note"))]);
        var deferred = await rig.WaitForAsync(reference, MessageState.Deferred);
        await rig.WaitUntilAsync(() => rig.Queue.Figures.Deferred > 0);
        await rig.RestartAsync();
        await rig.PassRetryAsync(deferred);
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal(2, sink.Attempts.Count);
        Assert.Equal(sink.Attempts[0].Bytes, sink.Attempts[1].Bytes);
        Assert.Single(record.Events, e => e.Kind == MessageEventKind.RuleApplied);
    }

    [Fact]
    public async Task What_cannot_be_changed_goes_to_quarantine_and_never_out_unchanged()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var reference = await AcceptAsync(rig, [Verdict(Rewrite.Removal("2")), Verdict()]);
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal([MessageState.Quarantined, MessageState.Delivered], record.Recipients.Select(r => r.State));
        Assert.Contains(record.Events, e => e.Text.Contains("cannot be changed as rule 'a-rule' asks", StringComparison.Ordinal));
        Assert.Equal(["r1@acme.example"], Assert.Single(sink.Messages).Recipients);
        var kept = rig.Quarantine.OpenBytes(reference)!;
        Assert.Equal(Body, Encoding.ASCII.GetString(kept.Memory!.Value.Span));
    }

    [Fact]
    public async Task Quarantined_mail_keeps_its_bytes_and_says_in_which_queue()
    {
        await using var rig = new DeliveryRig();
        await rig.StartAsync();
        var verdict = Verdict(Rewrite.Subject("[EXT]")) with { Action = VerdictAction.Quarantine, Disposition = Rewrite.Effect(new QuarantineAction { Queue = "legal" }) };
        var reference = await AcceptAsync(rig, [verdict]);
        var record = await rig.WaitUntilFinishedAsync(reference);
        var entry = await rig.Quarantine.FindAsync(reference, rig.Token);
        Assert.Equal(["legal"], entry!.Queues);
        Assert.Equal(Body, Encoding.ASCII.GetString(rig.Quarantine.OpenBytes(reference)!.Memory!.Value.Span));
        Assert.Contains(record.Events, e => e.Text == "Rule 'a-rule' of acme: for quarantine 'legal'");
    }

    [Fact]
    public async Task A_redirected_message_goes_to_the_new_address_alone()
    {
        await using var sink = new SmtpSink();
        await using var smarthost = new SmtpSink();
        await using var rig = new DeliveryRig(sink) { Site = DeliveryRig.SiteOf([sink.Endpoint.ToString()], [smarthost.Endpoint.ToString()]) };
        await rig.StartAsync();
        var reference = await AcceptAsync(rig, [
            Verdict(Rewrite.Effect(new RedirectAction("boss@acme.example")), Rewrite.Effect(new RedirectAction("second@acme.example"))),
            Verdict(Rewrite.Effect(new RedirectAction("out@elsewhere.example"))),
            Verdict()]);
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal(["boss@acme.example", "r2@acme.example"], Assert.Single(sink.Messages).Recipients);
        Assert.Equal(["out@elsewhere.example"], Assert.Single(smarthost.Messages).Recipients);
        Assert.Equal("r0@acme.example", record.Recipients[0].Address);
        Assert.Contains(record.Events, e => e is { Recipient: "r0@acme.example", Text: "Rule 'a-rule' of acme: goes to boss@acme.example instead" });
    }

    [Fact]
    public async Task A_copy_is_a_message_of_its_own_that_nobody_hears_of()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" && c.Argument.Contains("archive", StringComparison.Ordinal) ? SinkAnswer.Say("550 no") : null };
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var copy = Rewrite.Effect(new CopyAction("archive@acme.example"));
        var reference = await AcceptAsync(rig, [Verdict(copy, Rewrite.Subject("[EXT]")), Verdict(copy)]);
        var record = await rig.WaitUntilFinishedAsync(reference);
        var about = Assert.Single(record.Events, e => e.Text.StartsWith("Rule 'a-rule' of acme: copy to archive@acme.example as ", StringComparison.Ordinal)).Text;
        var made = await rig.WaitUntilFinishedAsync(about[^9..]);
        Assert.Equal((MessageState.Bounced, ""), (made.State, made.ReversePath));
        Assert.Contains(made.Events, e => e.Text == $"Rule 'a-rule' of acme: copy of {reference}");
        Assert.Equal(2, rig.Spool.Finished.Count);
        Assert.Equal(0, rig.Spool.Count);
    }

    public static TheoryData<VerdictAction, RuleAction> Ends => new()
    {
        { VerdictAction.Discard, new DiscardAction { Confirm = true } },
        { VerdictAction.Quarantine, new QuarantineAction() },
        // As among other recipients, where it is kept instead of refused.
        { VerdictAction.Reject, new RejectAction() },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_copy_is_sent_whatever_becomes_of_the_message(VerdictAction action, RuleAction final)
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var verdict = Verdict(Rewrite.Effect(new CopyAction("archive@acme.example")), Rewrite.Subject("[EXT]")) with { Action = action, Disposition = Rewrite.Effect(final) };
        var reference = await AcceptAsync(rig, [verdict, verdict]);
        await sink.WaitForMessagesAsync(1, rig.Token);
        var record = await rig.Log.WaitForAsync(reference, r => !r.HasOpen(), rig.Token);

        Assert.Equal(["archive@acme.example"], Assert.Single(sink.Messages).Recipients);
        Assert.Equal("T: t\r\n" + Body, Text(sink.Messages[0]));
        Assert.Single(record.Events, e => e.Text.StartsWith("Rule 'a-rule' of acme: copy to archive@acme.example as ", StringComparison.Ordinal));
        Assert.Empty(record.Effects);
    }

    [Theory]
    [InlineData(MessageClass.Infected, VerdictAction.Quarantine, null, false)]
    [InlineData(MessageClass.Suspicious, VerdictAction.Quarantine, VerdictAction.Quarantine, false)]
    [InlineData(MessageClass.Suspicious, VerdictAction.Hold, VerdictAction.Hold, false)]
    [InlineData(MessageClass.Clean, VerdictAction.Defer, null, false)]
    [InlineData(MessageClass.Policy, VerdictAction.Quarantine, null, true)]
    [InlineData(MessageClass.Spam, null, null, true)]
    public void A_copy_is_no_way_around_what_no_rule_lets_out(MessageClass found, VerdictAction? action, VerdictAction? floor, bool mayLeave) =>
        Assert.Equal(mayLeave, CopySender.MayLetOut([new Finding("X", 0, found, action, "x.", "", floor)]));

    [Fact]
    public async Task A_refused_message_is_copied_before_the_refusal_or_not_refused_at_all()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var verdict = Verdict(Rewrite.Effect(new CopyAction("archive@acme.example"))) with { Action = VerdictAction.Reject, Disposition = Rewrite.Effect(new RejectAction()) };
        using var judgement = EffectScene.Judge([verdict], Body);
        var story = new MessageStory(EffectScene.Envelope(rig, 1), judgement, Body.Length, TimeSpan.Zero, rig.Time);
        var record = story.Refused(new SmtpReply(550, "5.7.1", "no")) with { TraceHeaders = "T: t\r\n" };
        await using var draft = rig.Spool.OpenDraft();
        await draft.WriteAsync(Encoding.Latin1.GetBytes(Body), rig.Token);
        using var byScore = EffectScene.Judge([verdict with { Disposition = null }], Body);
        Assert.Empty(await rig.Actions.CopyRefusedAsync(draft, record, byScore, rig.Token));

        rig.Spool.Fault = (what, _) => what == "Commit" ? new IOException("full") : null;
        await Assert.ThrowsAsync<IOException>(() => rig.Actions.CopyRefusedAsync(draft, record, judgement, rig.Token));
        rig.Spool.Fault = (_, _) => null;
        Assert.Contains("copy to archive@acme.example as ", Assert.Single(await rig.Actions.CopyRefusedAsync(draft, record, judgement, rig.Token)).Text, StringComparison.Ordinal);
        await sink.WaitForMessagesAsync(1, rig.Token);
        Assert.Equal(("archive@acme.example", "", "T: t\r\n" + Body), (Assert.Single(sink.Messages[0].Recipients), sink.Messages[0].ReversePath, Text(sink.Messages[0])));
    }

    [Fact]
    public async Task A_copy_is_what_came_and_not_what_rules_made_of_it()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        await AcceptAsync(rig, [Verdict(Rewrite.Effect(new CopyAction("archive@acme.example")), Rewrite.Subject("[EXT]"))]);
        await sink.WaitForMessagesAsync(2, rig.Token);
        var copy = Assert.Single(sink.Messages, m => m.Recipients.Contains("archive@acme.example"));
        Assert.Equal(("", "T: t\r\n" + Body), (copy.ReversePath, Text(copy)));
    }

    [Fact]
    public async Task A_stop_between_copy_and_message_repeats_the_copy_and_loses_nothing()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        // The process ends when the copy is on disk: nothing after it happens, not even the taking back.
        var commits = 0;
        var isDown = false;
        rig.Spool.Fault = (what, _) =>
        {
            isDown |= what == "Commit" && ++commits == 2;
            return isDown ? new IOException("gone") : null;
        };
        var verdict = Verdict(Rewrite.Effect(new CopyAction("archive@acme.example")));
        await Assert.ThrowsAsync<IOException>(() => AcceptAsync(rig, [verdict]));
        Assert.Equal(1, rig.Spool.Count);

        rig.Spool.Fault = (_, _) => null;
        await rig.RestartAsync();
        await sink.WaitForMessagesAsync(1, rig.Token);
        // The client had no 250 and comes again.
        await AcceptAsync(rig, [verdict]);
        await sink.WaitForMessagesAsync(3, rig.Token);
        Assert.Equal(2, sink.Messages.Count(m => m.Recipients.Contains("archive@acme.example")));
        Assert.Equal(1, sink.Messages.Count(m => m.Recipients.Contains("r0@acme.example")));
    }

    [Fact]
    public async Task A_message_that_cannot_be_stored_takes_its_copies_back()
    {
        await using var rig = new DeliveryRig();
        await rig.StartAsync();
        var commits = 0;
        rig.Spool.Fault = (what, _) => what == "Commit" && ++commits == 3 ? new IOException("full") : null;
        await Assert.ThrowsAsync<IOException>(() => AcceptAsync(rig, [Verdict(Rewrite.Effect(new CopyAction("a@acme.example")), Rewrite.Effect(new CopyAction("b@acme.example")))]));
        Assert.Equal(0, rig.Spool.Count);
        Assert.Equal(0, rig.Queue.Count);
    }

    [Fact]
    public async Task A_rule_holds_for_its_own_time_and_effects_wait_with_the_message()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var hold = Verdict(Rewrite.Subject("[EXT]"), Rewrite.Effect(new CopyAction("archive@acme.example"))) with { Action = VerdictAction.Hold, Disposition = HeldFor(rig, 60) };
        var reference = await AcceptAsync(rig, [hold]);
        rig.Time.Advance(TimeSpan.FromMinutes(30));
        rig.Queue.AskReview();
        await rig.Log.WaitForAsync(reference, r => r.Events.Any(e => e.Kind == MessageEventKind.Reviewed), rig.Token);
        Assert.Empty(sink.Messages);

        var decision = new HoldDecision(isRelease: true, "somebody");
        await rig.WaitUntilAsync(() => rig.AllHeldWait(1));
        rig.Queue.Decide(reference, decision);
        await sink.WaitForMessagesAsync(2, rig.Token);
        Assert.Contains("Subject: [EXT] hello", Text(Assert.Single(sink.Messages, m => m.Recipients.Contains("r0@acme.example"))), StringComparison.Ordinal);
        Assert.Contains(sink.Messages, m => m.Recipients.Contains("archive@acme.example"));
    }

    [Fact]
    public async Task A_held_message_gets_the_effects_of_its_last_judgement()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var hold = Verdict(Rewrite.Subject("[OLD]")) with { Action = VerdictAction.Hold, Disposition = HeldFor(rig, 10) };
        var reference = await AcceptAsync(rig, [hold]);
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        // The rule is gone meanwhile: the rig's policy has none.
        await rig.WaitUntilFinishedAsync(reference);
        Assert.Contains("Subject: hello", Text(Assert.Single(sink.Messages)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discarded_mail_is_dropped_with_the_name_of_the_rule()
    {
        await using var sink = new SmtpSink();
        await using var rig = new DeliveryRig(sink);
        await rig.StartAsync();
        var discard = Verdict() with { Action = VerdictAction.Discard, Disposition = Rewrite.Effect(new DiscardAction { Confirm = true }) };
        var reference = await AcceptAsync(rig, [discard, Verdict()]);
        var record = await rig.WaitUntilFinishedAsync(reference);
        Assert.Equal([MessageState.Dropped, MessageState.Delivered], record.Recipients.Select(r => r.State));
        Assert.Contains(record.Events, e => e is { Kind: MessageEventKind.Dropped, Text: "Rule 'a-rule' of acme: discarded" });
        Assert.Equal(["r1@acme.example"], Assert.Single(sink.Messages).Recipients);
    }

    [Theory]
    [InlineData("Please use our portal", "Please use our portal")]
    [InlineData("Refusé :\r\n250 OK – merci", "Refuse :  250 OK - merci")]
    [InlineData(" ", null)]
    public void A_refusal_is_one_line_of_ASCII(string text, string? expected)
    {
        using var judgement = EffectScene.Judge([Verdict() with { Action = VerdictAction.Reject, Disposition = Rewrite.Effect(new RejectAction { Text = text }) }], Body);
        Assert.Equal(expected, RuleActions.RefusalOf(judgement));
    }

    [Fact]
    public async Task A_stranger_is_greylisted_and_passes_when_he_comes_back()
    {
        await using var rig = new DeliveryRig();
        await rig.StartAsync();
        using var judgement = EffectScene.Judge([Verdict(Rewrite.Effect(new GreylistAction { Minutes = 3 })), Verdict()], Body);
        var envelope = EffectScene.Envelope(rig, 2);
        var first = rig.Actions.Greylist(envelope, judgement);
        Assert.Equal((451, "4.7.1"), (first!.Value.Reply.Code, first.Value.Reply.EnhancedCode));
        Assert.Contains("try again in 3 minutes", first.Value.Reply.Text, StringComparison.Ordinal);
        Assert.Contains("a-rule", first.Value.Event.Text, StringComparison.Ordinal);
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("in 1 minute ", rig.Actions.Greylist(envelope, judgement)!.Value.Reply.Text, StringComparison.Ordinal);
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(rig.Actions.Greylist(envelope with { ClientAddress = System.Net.IPAddress.Parse("198.51.100.77") }, judgement));
        Assert.NotNull(rig.Actions.Greylist(envelope with { ClientAddress = System.Net.IPAddress.Parse("198.51.101.1") }, judgement));
        Assert.Null(rig.Actions.Greylist(envelope with { Direction = Direction.Outbound, ClientAddress = System.Net.IPAddress.Parse("192.0.2.9") }, judgement));
    }

    private static Verdict Verdict(params RuleEffect[] effects) => EffectScene.Verdict(effects);

    private static Task<string> AcceptAsync(DeliveryRig rig, IReadOnlyList<Verdict> verdicts) => EffectScene.AcceptAsync(rig, verdicts, Body);

    private static RuleEffect HeldFor(DeliveryRig rig, int minutes) =>
        Rewrite.Effect(new HoldAction(minutes)) with { HeldUntil = rig.Time.GetUtcNow().AddMinutes(minutes) };

    private static string Text(SinkMessage message) => Encoding.Latin1.GetString(message.Bytes);
}
