using System.Text;
using MimeKit;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class BounceTests
{
    [Fact]
    public async Task The_sender_of_outbound_mail_is_told_at_his_own_server()
    {
        await using var own = new SmtpSink();
        await using var smarthost = Refusing();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([own.Endpoint.ToString()], [smarthost.Endpoint.ToString()]) };
        await rig.StartAsync();
        var failed = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(rig.Outbound("gone@other.example", "ok@other.example")));
        await own.WaitForMessagesAsync(1, rig.Token);

        Assert.Equal([MessageState.Bounced, MessageState.Delivered], failed.Recipients.Select(r => r.State));
        var report = Assert.Single(own.Messages);
        Assert.Equal(("", "user@acme.example"), (report.ReversePath, Assert.Single(report.Recipients)));
        var record = rig.Log.Records.Single(r => r.Reference != failed.Reference);
        Assert.Contains(failed.Events, e => e.Kind == MessageEventKind.Bounced && e.Text.Contains(record.Reference, StringComparison.Ordinal));
        Assert.True(record.IsAutomatic);
        Assert.Equal(0, rig.Quarantine.Count);
    }

    [Fact]
    public async Task A_report_can_be_read_by_people_and_programs()
    {
        await using var own = new SmtpSink();
        await using var smarthost = Refusing();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([own.Endpoint.ToString()], [smarthost.Endpoint.ToString()]) };
        await rig.StartAsync();
        var failed = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(rig.Outbound("gone@other.example")));
        await own.WaitForMessagesAsync(1, rig.Token);
        var bytes = own.Messages[0].Bytes;
        using var message = await MimeMessage.LoadAsync(new MemoryStream(bytes), rig.Token);

        var report = Assert.IsType<MultipartReport>(message.Body);
        Assert.Equal("delivery-status", report.ReportType);
        Assert.Equal(["text/plain", "message/delivery-status", "text/rfc822-headers"], report.Select(p => p.ContentType.MimeType));
        Assert.Equal("auto-replied", message.Headers[HeaderId.AutoSubmitted]);
        Assert.Equal("user@acme.example", message.To.Mailboxes.Single().Address);
        Assert.Equal("m1@acme.example", message.InReplyTo);
        var text = ((TextPart)report[0]).Text;
        Assert.Contains("gone@other.example", text, StringComparison.Ordinal);
        Assert.Contains("550 5.1.1 gone", text, StringComparison.Ordinal);
        Assert.Contains(failed.Reference, text, StringComparison.Ordinal);
        Assert.Contains("n'a pas pu être remis", text, StringComparison.Ordinal);
        var groups = ((MessageDeliveryStatus)report[1]).StatusGroups;
        Assert.Equal("dns; gw.example", groups[0]["Reporting-MTA"]);
        Assert.Equal(
            ("rfc822; gone@other.example", "failed", "5.1.1", "dns; 127.0.0.1", "smtp; 550 5.1.1 gone"),
            (groups[1]["Final-Recipient"], groups[1]["Action"], groups[1]["Status"], groups[1]["Remote-MTA"], groups[1]["Diagnostic-Code"]));
        Assert.Equal(["From: a@sender.example", "Subject: hello"], ((TextRfc822Headers)report[2]).Message!.Headers.Select(h => h.ToString()));
        Assert.DoesNotContain(".body", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.True(System.Text.Ascii.IsValid(bytes));
    }

    /// <summary>Direction, authentication, reverse-path, automatic; and what must happen.</summary>
    public static TheoryData<Direction, string?, string, bool, string> Senders => new()
    {
        { Direction.Inbound, null, "someone@sender.example", false, "Keep" },
        { Direction.Inbound, "", "someone@sender.example", false, "Keep" },
        { Direction.Inbound, null, "", false, "Keep" },
        { Direction.Inbound, null, "list@sender.example", true, "Keep" },
        { Direction.Inbound, "user", "user@acme.example", false, "Report" },
        { Direction.Inbound, "user", "", false, "Silent" },
        { Direction.Outbound, null, "user@acme.example", false, "Report" },
        { Direction.Outbound, "user", "user@acme.example", false, "Report" },
        { Direction.Outbound, null, "forged@stranger.example", false, "Keep" },
        { Direction.Outbound, "user", "user@stranger.example", false, "Report" },
        { Direction.Outbound, null, "", false, "Silent" },
        { Direction.Outbound, null, "robot@acme.example", true, "Silent" },
    };

    [Theory, MemberData(nameof(Senders))]
    public async Task Nobody_is_told_who_may_not_be(Direction direction, string? authenticatedAs, string reversePath, bool isAutomatic, string decision)
    {
        await using var sink = Refusing();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([sink.Endpoint.ToString()], [sink.Endpoint.ToString()]) };
        await rig.StartAsync();
        var record = rig.Inbound("gone@acme.example") with
        {
            Direction = direction,
            AuthenticatedAs = authenticatedAs,
            ReversePath = reversePath,
            IsAutomatic = isAutomatic,
        };
        Assert.Equal(decision, BounceRule.Decide(record, new SiteDirectory(rig.Site)).ToString());
        var finished = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(record));
        await rig.WaitUntilAsync(() => rig.Queue.Count == 0);

        Assert.Equal(decision == "Keep" ? MessageState.Quarantined : MessageState.Bounced, finished.State);
        Assert.Equal((decision == "Keep" ? 1 : 0, decision == "Report" ? 1 : 0), (rig.Quarantine.Count, sink.Messages.Count));
        Assert.Contains(finished.Events, e => e.Kind == MessageEventKind.Bounced);
        if (decision == "Keep")
        {
            Assert.Contains(finished.Events, e => e.Text.Contains("no bounce to a possibly forged sender", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_report_that_fails_is_not_reported()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("550 5.1.1 gone") : null };
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([sink.Endpoint.ToString()], [sink.Endpoint.ToString()]) };
        await rig.StartAsync();
        await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(rig.Outbound("gone@other.example")));
        await rig.WaitUntilAsync(() => rig.Queue.Count == 0);

        Assert.Equal(2, rig.Log.Records.Count);
        Assert.All(rig.Log.Records, r => Assert.Equal(MessageState.Bounced, r.State));
    }

    [Fact]
    public async Task A_report_that_the_spool_cannot_take_is_made_later_and_once()
    {
        await using var own = new SmtpSink();
        await using var smarthost = Refusing();
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([own.Endpoint.ToString()], [smarthost.Endpoint.ToString()]) };
        await rig.StartAsync();
        var mail = rig.Outbound("gone@other.example");
        var faults = 0;
        rig.Spool.Fault = (operation, r) => operation == "Commit" && r != mail.Reference && ++faults == 1 ? new IOException("disk full") : null;
        await rig.SubmitAsync(mail);
        await rig.WaitUntilAsync(() => faults == 1 && rig.Queue.Figures.Deferred == 1);
        rig.Time.Advance(rig.Options.StoreRetryDelay);
        await own.WaitForMessagesAsync(1, rig.Token);
        await rig.WaitUntilAsync(() => rig.Queue.Count == 0);

        Assert.Single(own.Messages);
        Assert.Single(smarthost.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outbound_mail_that_expires_is_reported_with_its_last_reply()
    {
        await using var own = new SmtpSink();
        await using var smarthost = new SmtpSink { Script = c => c.Verb == "RCPT" ? SinkAnswer.Say("451 4.2.1 later") : null };
        await using var rig = new DeliveryRig { Site = DeliveryRig.SiteOf([own.Endpoint.ToString()], [smarthost.Endpoint.ToString()]) };
        rig.Options.Lifetime = TimeSpan.FromSeconds(30);
        await rig.StartAsync();
        var reference = await rig.SubmitAsync(rig.Outbound("x@other.example"));
        await rig.PassRetryAsync(await rig.WaitForAsync(reference, MessageState.Deferred));
        await own.WaitForMessagesAsync(1, rig.Token);

        var text = Encoding.ASCII.GetString(own.Messages[0].Bytes);
        Assert.Contains("Status: 5.4.7\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 451 4.2.1 later\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_with_a_null_MX_bounces_at_once()
    {
        await using var own = new SmtpSink();
        await using var rig = new DeliveryRig(own);
        rig.Dns.Mx("nomail.example", 0, "");
        await rig.StartAsync();
        var record = await rig.WaitUntilFinishedAsync(await rig.SubmitAsync(rig.Outbound("x@nomail.example")));
        await own.WaitForMessagesAsync(1, rig.Token);

        Assert.StartsWith("556 5.1.10", record.Recipients[0].LastReply, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_words_of_a_next_hop_stay_in_their_field()
    {
        var reply = new SmtpReply(550, "5.7.1", "a\r\nStatus: 2.0.0\n\nb\u0000é" + new string('x', 2000));
        var text = Encoding.UTF8.GetString(BounceWriter.Write(Sample("user@acme.example", "x@other.example", reply, "From: a\r\n"u8.ToArray())));

        Assert.DoesNotContain("\nStatus: 2.0.0", text, StringComparison.Ordinal);
        Assert.Single(text.Split("\r\n"), l => l.StartsWith("Status:", StringComparison.Ordinal));
        Assert.All(text.Split("\r\n"), l => Assert.InRange(l.Length, 0, 998));
    }

    [Fact]
    public void Addresses_beyond_ASCII_are_written_as_RFC_6533_wants()
    {
        var bytes = BounceWriter.Write(Sample("usér@acme.example", "jürgen+a=b@exämple.net", new SmtpReply(550, "5.1.1", "gone"), "From: a\r\n"u8.ToArray()));

        Assert.Contains("Final-Recipient: utf-8; j\\x{FC}rgen\\x{2B}a\\x{3D}b@ex\\x{E4}mple.net\r\n", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Contains("To: usér@acme.example\r\n", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A: b\r\n\r\nbody", "A: b\r\n")]
    [InlineData("A: b\r\n", "A: b\r\n\r\n")]
    [InlineData("", "\r\n")]
    public async Task Only_the_header_is_quoted(string message, string header)
    {
        var read = await BounceWriter.ReadHeaderAsync(new Content.MemoryBytes(Encoding.ASCII.GetBytes(message)), TestContext.Current.CancellationToken);

        Assert.Equal(header, Encoding.ASCII.GetString(read));
    }

    [Fact]
    public async Task An_endless_header_is_cut_at_a_line()
    {
        var lines = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i:00000}: value\r\n"));
        var read = await BounceWriter.ReadHeaderAsync(new Content.MemoryBytes(Encoding.ASCII.GetBytes(lines)), TestContext.Current.CancellationToken);

        Assert.InRange(read.Length, 32_000, 33_000);
        Assert.EndsWith("value\r\n", Encoding.ASCII.GetString(read), StringComparison.Ordinal);
    }

    private static Bounce Sample(string sender, string recipient, SmtpReply reply, byte[] header)
    {
        var record = new MessageRecord
        {
            Reference = "0000-0001",
            ReceivedAt = DateTimeOffset.UnixEpoch,
            Direction = Direction.Outbound,
            Tenant = "acme",
            ConnectionId = "c",
            ClientAddress = "192.0.2.1",
            ReversePath = sender,
            Recipients = [new RecipientRecord { Address = recipient, Action = VerdictAction.Deliver, State = MessageState.Queued }],
        };
        return new Bounce("0000-0002", "gw.example", DateTimeOffset.UnixEpoch, record, [new DeliveryFailure(0, reply, "mx.example [192.0.2.1]:25", false)], header);
    }

    private static SmtpSink Refusing() => new()
    {
        Script = c => c.Verb == "RCPT" && c.Argument.Contains("gone@", StringComparison.Ordinal) ? SinkAnswer.Say("550 5.1.1 gone") : null,
    };
}
