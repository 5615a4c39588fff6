using System.Net;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Tests.MailFlow.Effects;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class TraceHeadersTests
{
    private static readonly Finding[] Findings =
    [
        new("ATTACHMENT_TYPE_MISMATCH", 1, MessageClass.Suspicious, null, "text", ""),
        new("ATTACHMENT_DECEPTIVE_NAME", 3, MessageClass.Suspicious, null, "text", ""),
        new("MESSAGE_AMBIGUOUS", 2, MessageClass.Suspicious, null, "text", ""),
    ];

    [Fact]
    public void Inbound_mail_says_who_brought_it_and_what_was_found() => Assert.Equal(
        """
        Received: from mail.sender.example ([IPv6:2001:db8::1])
        	by mx.example with ESMTPS id 7K2F-9QXM
        	for <info@acme.example>;
        	Sun, 22 Nov 2026 10:00:00 +0000
        X-SecuEdge-Reference: 7K2F-9QXM
        X-SecuEdge-Verdict: tag; class=suspicious; decided-by=tag-score
        X-Spam-Flag: YES
        X-Spam-Score: 6.00
        X-Spam-Level: ******
        X-Spam-Status: Yes, score=6.00
        	tests=ATTACHMENT_TYPE_MISMATCH,ATTACHMENT_DECEPTIVE_NAME,
        	MESSAGE_AMBIGUOUS

        """.ReplaceLineEndings("\r\n"),
        Build(Direction.Inbound, "info@acme.example"));

    [Fact]
    public void Several_recipients_are_not_shown_to_each_other() =>
        Assert.DoesNotContain("for <", Build(Direction.Inbound, "a@acme.example", "b@acme.example"), StringComparison.Ordinal);

    [Fact]
    public void Outbound_mail_carries_no_scan_result_to_strangers()
    {
        var headers = Build(Direction.Outbound, "a@elsewhere.example");
        Assert.Contains("X-SecuEdge-Reference: 7K2F-9QXM", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Spam", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("Verdict", headers, StringComparison.Ordinal);
    }

    /// <summary>Anna's mail is delivered; Bob's verdict and rule are nobody else's business.</summary>
    [Theory]
    [InlineData(VerdictAction.Quarantine)]
    [InlineData(VerdictAction.Discard)]
    [InlineData(VerdictAction.Tag)]
    public void Each_recipient_sees_his_own_verdict(VerdictAction ofBob)
    {
        var envelope = EnvelopeOf(Direction.Inbound, "anna@acme.example", "bob@acme.example", "eva@acme.example");
        Verdict[] verdicts = [Of(VerdictAction.Deliver, "nobody"), Of(ofBob, "bobs-rule"), Of(VerdictAction.Deliver, "nobody")];
        using var judgement = EffectScene.Judge(verdicts, "Subject: x\r\n\r\n");
        var story = new MessageStory(envelope, judgement, 1, TimeSpan.Zero, TimeProvider.System);
        var record = TraceHeaders.Put(story.Accepted(TraceHeaders.Build("mx.example", envelope, null, []), _ => TimeSpan.Zero), "mx.example", envelope, judgement, [0, 1, 2]);

        Assert.DoesNotContain("Verdict", record.TraceHeaders, StringComparison.Ordinal);
        Assert.Contains("X-SecuEdge-Verdict: deliver; class=clean; decided-by=nobody\r\nX-Spam-Flag: NO", record.Recipients[0].TraceHeaders, StringComparison.Ordinal);
        Assert.Contains("decided-by=bobs-rule\r\nX-Spam-Flag: YES", record.Recipients[1].TraceHeaders, StringComparison.Ordinal);
        Assert.Equal(record.Recipients[0].TraceHeaders, record.Recipients[2].TraceHeaders);
        Assert.DoesNotContain("bobs-rule", record.Recipients[0].TraceHeaders, StringComparison.Ordinal);
    }

    /// <summary>The story says it, to those who may read the story.</summary>
    [Fact]
    public void Mail_does_not_tell_its_reader_of_rules_that_only_send_copies()
    {
        var copied = EffectScene.Verdict() with { Acted = [Rewrite.Effect(new CopyAction("hr@acme.example"))] };
        Assert.Equal("a-rule", copied.Author);
        var headers = TraceHeaders.Build("mx.example", EnvelopeOf(Direction.Inbound, "eva@acme.example"), copied, []);
        Assert.Contains("decided-by=NOTHING_MATCHED\r\n", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("a-rule", headers, StringComparison.Ordinal);
    }

    [Fact]
    public void One_verdict_for_all_is_kept_once()
    {
        var envelope = EnvelopeOf(Direction.Inbound, "anna@acme.example", "bob@acme.example");
        using var judgement = EffectScene.Judge([Of(VerdictAction.Hold, "x"), Of(VerdictAction.Hold, "x")], "Subject: x\r\n\r\n");
        var record = new MessageStory(envelope, judgement, 1, TimeSpan.Zero, TimeProvider.System).Accepted("", _ => TimeSpan.Zero);
        record = TraceHeaders.Put(record, "mx.example", envelope, judgement, [0, 1]);
        Assert.All(record.Recipients, r => Assert.Null(r.TraceHeaders));
        // It leaves only when the hold is over, by whomever.
        Assert.Contains("X-SecuEdge-Verdict: deliver; class=clean; decided-by=x\r\nX-Spam-Flag: NO", record.TraceHeaders, StringComparison.Ordinal);
    }

    private static Verdict Of(VerdictAction action, string by) => EffectScene.Verdict() with { Action = action, DecidedBy = by };

    private static string Build(Direction direction, params string[] recipients)
    {
        var verdict = new Verdict { Action = VerdictAction.Tag, Class = MessageClass.Suspicious, Score = 6, DecidedBy = "tag-score", Rules = [] };
        return TraceHeaders.Build("mx.example", EnvelopeOf(direction, recipients), verdict, Findings);
    }

    private static Envelope EnvelopeOf(Direction direction, params string[] recipients) => new()
    {
        Reference = "7K2F-9QXM",
        ConnectionId = "c",
        Tenant = "acme",
        Direction = direction,
        ReversePath = MailPath.Null,
        Recipients = [.. recipients.Select(r => MailPath.TryParse(r, out var path) ? path : throw new ArgumentException(r))],
        ClientAddress = IPAddress.Parse("2001:db8::1"),
        HeloName = "mail.sender.example",
        IsEsmtp = true,
        TlsVersion = "TLSv1.3",
        ReceivedAt = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero),
    };
}
