using System.Text;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

public sealed class TagTests
{
    [Theory]
    [InlineData("Subject: hello", "[EXT]", "Subject: [EXT] hello")]
    [InlineData("Subject:hello", "[EXT]", "Subject: [EXT] hello")]
    [InlineData("subject: hello", "[EXT]", "subject: [EXT] hello")]
    [InlineData("Subject:", "[EXT]", "Subject: [EXT]")]
    [InlineData("Subject: [EXT] hello", "[EXT]", "Subject: [EXT] hello")]
    [InlineData("Subject: Re: [ext] hello", "[EXT]", "Subject: Re: [ext] hello")]
    [InlineData("Subject: about [EXT]", "[EXT]", "Subject: [EXT] about [EXT]")]
    [InlineData("Subject: =?utf-8?Q?=5BEXT=5D_h=C3=A9?=", "[EXT]", "Subject: =?utf-8?Q?=5BEXT=5D_h=C3=A9?=")]
    [InlineData("Subject: =?utf-8?Q?h=C3=A9?=", "[EXT]", "Subject: [EXT] =?utf-8?Q?h=C3=A9?=")]
    [InlineData("Subject: one\n\ttwo", "[EXT]", "Subject: [EXT] one\n\ttwo")]
    [InlineData("Subject:\n one", "[EXT]", "Subject: [EXT]\n one")]
    [InlineData("Subject: hello", "[x\ny: z]", "Subject: [x y: z] hello")]
    [InlineData("Subject: a very long subject that leaves no room for anything on its line, really none", "[EXT]", "Subject: [EXT]\n a very long subject that leaves no room for anything on its line, really none")]
    public void The_tag_stands_in_front_of_the_subject_once(string subject, string tag, string expected) =>
        Assert.Equal($"A: b\n{expected}\nC: d\n\nbody\n", Rewrite.Text($"A: b\n{subject}\nC: d\n\nbody\n", Rewrite.Subject(tag)));

    [Theory]
    [InlineData("Subject: hello")]
    [InlineData("Subject: =?utf-8?Q?h=C3=A9llo?=")]
    [InlineData("Subject:\n =?iso-8859-1?Q?h=E9llo?=")]
    public void A_tag_beyond_ASCII_is_encoded_and_keeps_its_blank(string subject)
    {
        var text = Rewrite.Text($"{subject}\nFrom: a@b.example\n\nbody\n", Rewrite.Subject("[Extérieur – vérifié]"));
        Assert.True(Ascii.IsValid(text));
        using var message = MimeKit.MimeMessage.Load(new MemoryStream(Encoding.ASCII.GetBytes(text)), TestContext.Current.CancellationToken);
        Assert.StartsWith("[Extérieur – vérifié] h", message.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_without_a_subject_gets_one() =>
        Assert.Equal("A: b\nSubject: [EXT]\n\nbody\n", Rewrite.Text("A: b\n\nbody\n", Rewrite.Subject("[EXT]")));

    [Fact]
    public void A_message_that_is_only_a_header_stays_one() =>
        Assert.Equal("A: b\nSubject: [EXT] x\n\n", Rewrite.Text("A: b\nSubject: x\n", Rewrite.Subject("[EXT]")));

    [Fact]
    public void A_header_field_replaces_those_that_came() =>
        Assert.Equal("X-Class: ours\nA: b\nC: d\n\nbody\n", Rewrite.Text("A: b\nX-Class: theirs\n more\nC: d\nx-class: again\n\nbody\n", Rewrite.Header("X-Class", "ours")));

    [Theory]
    [InlineData("a\r\nBcc: x@y.example", "X-T: a  Bcc: x@y.example")]
    [InlineData("été", "X-T: =?utf-8?B?w6l0w6k=?=")]
    public void A_value_is_one_field_in_ASCII(string value, string expected) =>
        Assert.StartsWith(expected + "\n", Rewrite.Text("A: b\n\nbody\n", Rewrite.Header("X-T", value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("MIME-Version")]
    public void A_field_that_says_how_to_read_the_message_is_not_touched(string name)
    {
        var rewritten = Rewrite.Run("A: b\r\n\r\nbody\r\n"u8.ToArray(), Rewrite.Header(name, "x"));
        Assert.Equal("A: b\r\n\r\nbody\r\n"u8.ToArray(), Rewrite.Bytes(rewritten));
        Assert.Equal("", rewritten.TraceHeaders);
        Assert.Contains("not set", Assert.Single(rewritten.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void The_envelope_line_of_a_mailbox_stays_first() =>
        Assert.Equal("From a@b Mon\nX-T: 1\nA: b\n\nbody\n", Rewrite.Text("From a@b Mon\nA: b\n\nbody\n", Rewrite.Header("X-T", "1")));

    [Fact]
    public void What_was_changed_stands_in_a_trace_header_and_each_rule_is_named()
    {
        var rewritten = Rewrite.Run("Subject: x\r\n\r\nbody\r\n"u8.ToArray(), Rewrite.Subject("[EXT]"), Rewrite.Header("X-T", "1"), Rewrite.Banner("hi"));
        Assert.Equal("X-SecuEdge-Modified: banner, subject, header\r\n", rewritten.TraceHeaders);
        Assert.Equal(3, rewritten.Notes.Count);
        Assert.All(rewritten.Notes, n => Assert.StartsWith("Rule 'a-rule' of acme: ", n, StringComparison.Ordinal));
    }
}
