using System.Text;

namespace SecuEdge.Smtp.Tests;

public sealed class DataReaderTests
{
    [Theory]
    [InlineData(".\r\n", "", false)]
    [InlineData("a\r\n.\r\n", "a\r\n", false)]
    [InlineData("..\r\n.\r\n", ".\r\n", false)]
    [InlineData("a\r\n\r\n..b\r\n.\r\n", "a\r\n\r\n.b\r\n", false)]
    [InlineData("a..\r\n.\r\n", "a..\r\n", false)]
    [InlineData(".a\r\n.\r\n", "a\r\n", false)]
    [InlineData("a\n.\r\n.\r\n", "a\r\n.\r\n", true)]
    [InlineData("a\n.\n.\r\n\r\n.\r\n", "a\r\n.\r\n.\r\n\r\n", true)]
    [InlineData("a\r.\r\n.\r\n", "a\r\n.\r\n", true)]
    [InlineData("a\r\r\n.\r\n", "a\r\n\r\n", true)]
    [InlineData("a\r\n.\r.\r\n\r\n.\r\n", "a\r\n\r\n.\r\n\r\n", true)]
    [InlineData(".\n\r\n.\r\n", "\r\n\r\n", true)]
    [InlineData("\r\r\r\n.\r\n", "\r\n\r\n\r\n", true)]
    public void A_message_ends_at_CRLF_dot_CRLF_only(string wire, string body, bool hasBareLineEnding)
    {
        var reader = new DataReader();
        var read = Read(reader, Encoding.Latin1.GetBytes(wire + "QUIT\r\n"), int.MaxValue);
        Assert.True(reader.IsAtEnd);
        Assert.Equal(wire.Length, read.Consumed);
        Assert.Equal(body, Encoding.Latin1.GetString(read.Body));
        Assert.Equal(hasBareLineEnding, reader.HasBareLineEnding);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".\r")]
    [InlineData("a\r\n.\r")]
    [InlineData("a\r\n.\n")]
    [InlineData("a\n.\n")]
    [InlineData("a\n.\r\n")]
    [InlineData("a\r.\r\n")]
    [InlineData("a\r\n.\r.\r\n")]
    public void Anything_else_does_not_end_it(string wire)
    {
        var reader = new DataReader();
        Assert.Equal(wire.Length, Read(reader, Encoding.Latin1.GetBytes(wire), int.MaxValue).Consumed);
        Assert.False(reader.IsAtEnd);
    }

    [Fact]
    public void Any_split_gives_the_same_as_one_piece()
    {
        var random = new Random(20_240_607);
        for (var round = 0; round < 20_000; round++)
        {
            var wire = RandomWire(random, 40);
            var whole = new DataReader();
            var expected = Read(whole, wire, int.MaxValue);
            var split = new DataReader();
            var actual = Read(split, wire, random.Next(1, 6));
            Assert.Equal(expected.Consumed, actual.Consumed);
            Assert.Equal(expected.Body, actual.Body);
            Assert.Equal((whole.IsAtEnd, whole.HasBareLineEnding), (split.IsAtEnd, split.HasBareLineEnding));
        }
    }

    [Fact]
    public void What_comes_out_never_has_a_bare_line_ending()
    {
        var random = new Random(4711);
        for (var round = 0; round < 20_000; round++)
        {
            var body = Encoding.Latin1.GetString(Read(new DataReader(), RandomWire(random, 40), int.MaxValue).Body);
            Assert.DoesNotContain(body.Replace("\r\n", "", StringComparison.Ordinal), c => c is '\r' or '\n');
        }
    }

    [Fact]
    public void A_stuffed_message_comes_out_as_it_was()
    {
        var random = new Random(1);
        for (var round = 0; round < 5_000; round++)
        {
            var lines = Enumerable.Range(0, random.Next(6)).Select(_ => new string([.. Enumerable.Range(0, random.Next(5)).Select(_ => "..a"[random.Next(3)])])).ToArray();
            var body = string.Concat(lines.Select(line => line + "\r\n"));
            var wire = string.Concat(lines.Select(line => (line.StartsWith('.') ? "." : "") + line + "\r\n")) + ".\r\n";
            var reader = new DataReader();
            Assert.Equal(body, Encoding.Latin1.GetString(Read(reader, Encoding.Latin1.GetBytes(wire), random.Next(1, 9)).Body));
            Assert.True(reader.IsAtEnd);
            Assert.False(reader.HasBareLineEnding);
        }
    }

    private static byte[] RandomWire(Random random, int maxBytes)
    {
        var bytes = new byte[random.Next(maxBytes)];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = "\r\n\r\n..a"u8[random.Next(7)];
        }

        return bytes;
    }

    private static (int Consumed, byte[] Body) Read(DataReader reader, byte[] wire, int pieceBytes)
    {
        var body = new List<byte>();
        var consumed = 0;
        while (consumed < wire.Length && !reader.IsAtEnd)
        {
            var piece = wire.AsSpan(consumed, Math.Min(pieceBytes, wire.Length - consumed));

            // Exactly the room that is promised to suffice.
            var output = new byte[DataReader.MaxOutput(piece.Length)];
            consumed += reader.Read(piece, output, out var written);
            body.AddRange(output.AsSpan(0, written));
        }

        return (consumed, [.. body]);
    }
}
