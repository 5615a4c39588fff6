using System.Text;

namespace SecuEdge.Content.Tests;

public sealed class HeaderTests
{
    [Fact]
    public void Fields_are_decoded()
    {
        using var anatomy = Samples.Examine(Encoding.UTF8.GetBytes(
            "Received: a\r\nReceived: b\r\nFrom: =?utf-8?q?Andr=C3=A9?= <Andre@Example.ORG>, x@y.z\r\nTo: Bob <b@example.net>\r\nSubject: =?utf-8?B?UsOpdW5pb24=?=\r\n =?utf-8?q?_demain?=\r\n"
            + "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n"));
        var headers = anatomy.Headers;
        Assert.Equal("R\u00e9union demain", headers.Subject);
        Assert.Equal("Andr\u00e9 <Andre@Example.ORG>", headers.From);
        Assert.Equal("Andre@example.org", headers.FromAddress);
        Assert.Equal(("Bob <b@example.net>", "<1@example.org>", "Mon, 2 Mar 2026 10:00:00 +0000", 2), (headers.To, headers.MessageId, headers.Date, headers.ReceivedCount));
        Assert.Equal(["Received", "Received", "From", "To", "Subject", "Date", "Message-ID"], headers.All.Select(field => field.Key));
        Assert.Equal(AnatomyFlags.None, anatomy.Flags);
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied", true)]
    [InlineData("Auto-Submitted: auto-generated; x=y", true)]
    [InlineData("Auto-Submitted: no", false)]
    [InlineData("Auto-Submitted: No (a person)", false)]
    [InlineData("Return-Path: <>", true)]
    [InlineData("Return-Path: <a@example.org>", false)]
    [InlineData("Content-Type: multipart/report; boundary=x; report-type=delivery-status", true)]
    [InlineData("Subject: out of office", false)]
    public void Automatic_mail_says_so(string field, bool isAutomatic)
    {
        using var anatomy = Samples.Examine($"From: a@example.org\n{field}\n\n--x\n\nhello\n--x--\n");
        Assert.Equal(isAutomatic, anatomy.Headers.IsAutomatic);
    }

    [Theory]
    [InlineData("From: a@example.org\r\nContent-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: 8bit\r\n")]
    [InlineData("From a@example.org Mon Mar  2 10:00:00 2026\r\nFrom: a@example.org\r\n")]
    [InlineData("From: a@example.org\r\nContent-Type:\r\n\ttext/plain;\r\n\tcharset=utf-8\r\nContent-Transfer-Encoding: 7BIT \r\n")]
    [InlineData("From: a@example.org\r\nSubject:\r\nX-Empty:\r\n")]
    [InlineData("From: a@example.org\r\nSubject: \u00e9\u00e8 raw\r\n")]
    [InlineData("From: a@example.org\r\nContent-Type: text/plain (comment); charset=us-ascii\r\n")]
    public void Ordinary_headers_are_not_ambiguous(string header)
    {
        using var anatomy = Samples.Examine(Encoding.Latin1.GetBytes(header + "\r\nhello\r\n"));
        Assert.Equal(AnatomyFlags.None, anatomy.Flags & ~AnatomyFlags.EightBit);
    }

    [Theory]
    [InlineData("Content-Type: text/plain\r\nContent-Type: text/html\r\n")]
    [InlineData("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n")]
    [InlineData("Content-Transfer-Encoding: base64 foo\r\n")]
    [InlineData("Content-Transfer-Encoding:\r\n base64\r\n")]
    [InlineData("Content-Type: multipart/mixed\r\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=a; boundary=b\r\n")]
    [InlineData("Content-Type: foo\r\n")]
    [InlineData("Content-Type : text/plain\r\n")]
    [InlineData("no colon\r\n")]
    [InlineData("X: a\0b\r\n")]
    [InlineData("X: a\rY: b\r\n")]
    [InlineData("X: a\r\n \t\r\nY: b\r\n")]
    [InlineData("\u00ef\u00bb\u00bfX: a\r\n")]
    public void Headers_that_parsers_read_differently_are_ambiguous(string header)
    {
        using var anatomy = Samples.Examine(Encoding.Latin1.GetBytes("From: a@example.org\r\n" + header + "\r\nhello\r\n"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Ambiguous), Samples.Describe(anatomy));
    }

    [Fact]
    public void Too_much_header_is_not_parsed_but_searched()
    {
        foreach (var header in new[]
        {
            string.Concat(Enumerable.Range(0, 1_100).Select(i => $"X-{i}: y\r\n")),
            "X: " + new string('y', 70_000) + "\r\n",
            "To: " + string.Join(',', Enumerable.Range(0, 1_500).Select(i => $"a{i}@b.c")) + "\r\n",
            string.Concat(Enumerable.Range(0, 900).Select(i => $"X-{i}: {new string('y', 700)}\r\n")),
        })
        {
            var message = Encoding.ASCII.GetBytes($"From: a@example.org\r\n{header}Content-Transfer-Encoding: base64\r\n\r\n{Samples.EicarBase64}\r\n");
            using var anatomy = Samples.Examine(message);
            Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget | AnatomyFlags.Unparseable));
            Assert.NotEmpty(anatomy.Troubles);
            Assert.Contains(anatomy.AllParts(), Samples.HasEicar);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("\r\nno header at all")]
    [InlineData("just words\r\n")]
    [InlineData("\0\0\0\0")]
    public void What_is_no_message_is_unparseable(string message)
    {
        using var anatomy = Samples.Examine(Encoding.Latin1.GetBytes(message));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Unparseable));
        Assert.NotEmpty(anatomy.Troubles);
    }
}
