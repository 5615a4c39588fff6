using System.Buffers;
using System.Text;
using SecuEdge.Smtp.Parsing;

namespace SecuEdge.Smtp.Tests.Parsing;

public sealed class CommandLineReaderTests
{
    private const int MaxBytes = 16;

    [Theory]
    [InlineData("NOOP\r\n", "NOOP")]
    [InlineData("NOOP  \r\n", "NOOP")]
    [InlineData("\r\n", "")]
    [InlineData("12345678901234\r\n", "12345678901234")]
    [InlineData("NOOP\r\nQUIT\r\n", "NOOP")]
    public void A_valid_line_is_cut(string wire, string text)
    {
        var reader = new CommandLineReader(MaxBytes);
        Assert.True(reader.TryRead(Bytes(wire), out _, out var line));
        Assert.Equal(new CommandLine(LineStatus.Text, text), line);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r")]
    [InlineData("NOOP")]
    [InlineData("NOOP\r")]
    public void An_incomplete_line_waits_and_is_kept(string wire)
    {
        var bytes = Bytes(wire);
        Assert.False(new CommandLineReader(MaxBytes).TryRead(bytes, out var consumed, out _));
        Assert.Equal(bytes.Start, consumed);
    }

    [Theory]
    [InlineData("\n", nameof(LineStatus.BareLineFeed))]
    [InlineData("NOOP\n", nameof(LineStatus.BareLineFeed))]
    [InlineData("NO\rOP\r\n", nameof(LineStatus.NotText))]
    [InlineData("NOOP\r\r\n", nameof(LineStatus.NotText))]
    [InlineData("NO\0OP\r\n", nameof(LineStatus.NotText))]
    [InlineData("NO\tOP\r\n", nameof(LineStatus.NotText))]
    [InlineData("NO\u007fOP\r\n", nameof(LineStatus.NotText))]
    [InlineData("NO\u00e9OP\r\n", nameof(LineStatus.NotText))]
    [InlineData("123456789012345\r\n", nameof(LineStatus.TooLong))]
    [InlineData("1234567890123456\n", nameof(LineStatus.TooLong))]
    public void An_invalid_line_is_named_and_skipped(string wire, string status)
    {
        var bytes = Bytes(wire);
        Assert.True(new CommandLineReader(MaxBytes).TryRead(bytes, out var consumed, out var line));
        Assert.Equal(Enum.Parse<LineStatus>(status), line.Status);
        Assert.Equal(bytes.End, consumed);
    }

    [Fact]
    public void Of_a_line_that_is_too_long_nothing_is_kept()
    {
        var reader = new CommandLineReader(MaxBytes);
        var first = Bytes("1234567890123456");
        Assert.False(reader.TryRead(first, out var consumed, out _));
        Assert.Equal(first.End, consumed);
        Assert.True(reader.TryRead(Bytes("\r\n"), out _, out var line));
        Assert.Equal(LineStatus.TooLong, line.Status);
        Assert.True(reader.TryRead(Bytes("NOOP\r\n"), out _, out line));
        Assert.Equal("NOOP", line.Text);
    }

    [Theory]
    [InlineData("NOOP", "NOOP", "")]
    [InlineData("MAIL FROM:<> X", "MAIL", "FROM:<> X")]
    [InlineData("MAIL   FROM:<>", "MAIL", "FROM:<>")]
    [InlineData(" NOOP", "", "NOOP")]
    public void A_line_is_a_verb_and_an_argument(string text, string verb, string argument)
    {
        var line = new CommandLine(LineStatus.Text, text);
        Assert.Equal(verb, line.Verb.ToString());
        Assert.Equal(argument, line.Argument);
    }

    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.Latin1.GetBytes(text));
}
