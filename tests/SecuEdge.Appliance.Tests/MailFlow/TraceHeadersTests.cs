using System.Net;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Filter;
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

    private static string Build(Direction direction, params string[] recipients)
    {
        var envelope = new Envelope
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
        var verdict = new Verdict { Action = VerdictAction.Tag, Class = MessageClass.Suspicious, Score = 6, DecidedBy = "tag-score", Rules = [] };
        return TraceHeaders.Build("mx.example", envelope, verdict, Findings);
    }
}
