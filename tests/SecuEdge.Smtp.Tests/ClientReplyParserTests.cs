using System.Text;

namespace SecuEdge.Smtp.Tests;

public sealed class ClientReplyParserTests
{
    /// <summary>Bytes, code, enhanced code, text.</summary>
    public static TheoryData<string, int, string?, string> Valid => new()
    {
        { "250 OK\r\n", 250, null, "OK" },
        { "250 2.0.0 OK\r\n", 250, "2.0.0", "OK" },
        { "250\r\n", 250, null, "" },
        { "250 \r\n", 250, null, "" },
        { "250-\r\n250 \r\n", 250, null, "\n" },
        { "250 2.1.5\r\n", 250, "2.1.5", "" },
        { "550-5.1.1 No such\r\n550 5.1.1 mailbox\r\n", 550, "5.1.1", "No such\nmailbox" },
        { "550-No such\r\n550 5.1.1 mailbox\r\n", 550, "5.1.1", "No such\nmailbox" },
        { "250-a\r\n250-PIPELINING\r\n250 SIZE 1000\r\n", 250, null, "a\nPIPELINING\nSIZE 1000" },
        { "250 OK\n", 250, null, "OK" },
        { "550 2.0.0 class of another code\r\n", 550, null, "2.0.0 class of another code" },
        { "550 5.1 two numbers\r\n", 550, null, "5.1 two numbers" },
        { "550 5.1.1x not a code\r\n", 550, null, "5.1.1x not a code" },
        { "550 5.1234.1 too long\r\n", 550, null, "5.1234.1 too long" },
        { "354 go\r\nrest", 354, null, "go" },
        { "599 odd\r\n", 599, null, "odd" },
        { "250 kêlé\r\n", 250, null, "kêlé" },
    };

    public static TheoryData<string> Incomplete => ["", "2", "250", "250 OK", "250 OK\r", "250-OK\r\n", "250-OK\r\n250", "550-5.1.1 a\r\n550-5.1.1 b\r\n"];

    public static TheoryData<string> Invalid =>
    [
        "\r\n", "HTTP/1.1 400 Bad Request\r\n", "25\r\n", "2500 OK\r\n", "250_OK\r\n", "150 intermediate\r\n", "650 OK\r\n", "abc\r\n", " 250 OK\r\n",
        "250-OK\r\n550 no\r\n", "250-OK\r\nOK\r\n", "٢٥٠ OK\r\n",
    ];

    [Theory, MemberData(nameof(Valid))]
    public void A_valid_reply_is_read(string bytes, int code, string? enhancedCode, string text)
    {
        var status = SmtpClientReplyParser.TryParse(Encoding.UTF8.GetBytes(bytes), out var reply, out _);

        Assert.Equal(ReplyParseStatus.Complete, status);
        Assert.Equal(new SmtpReply(code, enhancedCode, text), reply);
    }

    [Theory, MemberData(nameof(Valid))]
    public void A_valid_reply_cut_anywhere_is_incomplete(string bytes, int code, string? enhancedCode, string text)
    {
        var whole = Encoding.UTF8.GetBytes(bytes);
        _ = SmtpClientReplyParser.TryParse(whole, out var reply, out var consumed);
        Assert.Equal((code, enhancedCode, text), (reply!.Code, reply.EnhancedCode, reply.Text));
        for (var length = 0; length < consumed; length++)
        {
            Assert.Equal(ReplyParseStatus.Incomplete, SmtpClientReplyParser.TryParse(whole.AsSpan(0, length), out _, out _));
        }
    }

    [Theory, MemberData(nameof(Incomplete))]
    public void More_bytes_are_asked_for(string bytes) =>
        Assert.Equal(ReplyParseStatus.Incomplete, SmtpClientReplyParser.TryParse(Encoding.UTF8.GetBytes(bytes), out _, out _));

    [Theory, MemberData(nameof(Invalid))]
    public void Garbage_is_invalid(string bytes) =>
        Assert.Equal(ReplyParseStatus.Invalid, SmtpClientReplyParser.TryParse(Encoding.UTF8.GetBytes(bytes), out _, out _));

    [Theory]
    [InlineData("x")]
    [InlineData("250-line\r\n")]
    public void A_reply_without_end_is_invalid_at_the_bound(string repeated)
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(repeated, 20_000)))[..SmtpClientReplyParser.MaxReplyBytes];

        Assert.Equal(ReplyParseStatus.Incomplete, SmtpClientReplyParser.TryParse(bytes.AsSpan(0, bytes.Length - 1), out _, out _));
        Assert.Equal(ReplyParseStatus.Invalid, SmtpClientReplyParser.TryParse(bytes, out _, out _));
    }

    [Fact]
    public void Only_the_first_reply_is_taken()
    {
        var bytes = "250 one\r\n550 two\r\n"u8;

        _ = SmtpClientReplyParser.TryParse(bytes, out var first, out var consumed);
        _ = SmtpClientReplyParser.TryParse(bytes[consumed..], out var second, out _);

        Assert.Equal((250, 550), (first!.Code, second!.Code));
    }

    [Fact]
    public void A_421_closes() => Assert.True(Parse("421 4.3.2 bye\r\n").Close);

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(20260801);
        var alphabet = "0123456789-. \r\n25AZ"u8.ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = random.GetItems(alphabet, random.Next(0, 40));
            var status = SmtpClientReplyParser.TryParse(bytes, out var reply, out var consumed);
            Assert.Equal(status == ReplyParseStatus.Complete, reply is not null);
            Assert.InRange(consumed, 0, bytes.Length);
        }
    }

    private static SmtpReply Parse(string bytes)
    {
        _ = SmtpClientReplyParser.TryParse(Encoding.UTF8.GetBytes(bytes), out var reply, out _);
        return reply!;
    }
}
