using System.Text;

namespace SecuEdge.Smtp.Tests;

public sealed class ClientDotStufferTests
{
    /// <summary>Body, and what goes over the wire.</summary>
    public static TheoryData<string, string> Bodies => new()
    {
        { "", ".\r\n" },
        { "a", "a\r\n.\r\n" },
        { "a\r\n", "a\r\n.\r\n" },
        { ".", "..\r\n.\r\n" },
        { ".\r\n", "..\r\n.\r\n" },
        { "..", "...\r\n.\r\n" },
        { "a\r\n.\r\nMAIL FROM:<x>\r\n", "a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n" },
        { "a\r\n..b\r\n.c.\r\n", "a\r\n...b\r\n..c.\r\n.\r\n" },
        { "\r\n\r\n.\r\n", "\r\n\r\n..\r\n.\r\n" },
        { "a\r", "a\r\r\n.\r\n" },
        { "a\r\r\n.", "a\r\r\n..\r\n.\r\n" },
        { "a\n.b\r\n", "a\n.b\r\n.\r\n" },
        { "a\r.b\r\n", "a\r.b\r\n.\r\n" },
        { "a\n", "a\n\r\n.\r\n" },
    };

    [Theory, MemberData(nameof(Bodies))]
    public void Lines_that_begin_with_a_dot_get_another(string body, string wire) => Assert.Equal(wire, Stuff(body, body.Length + 1, 1000));

    [Theory, MemberData(nameof(Bodies))]
    public void Blocks_may_end_anywhere(string body, string wire)
    {
        for (var source = 1; source <= body.Length; source++)
        {
            for (var destination = 2; destination < 6; destination++)
            {
                Assert.Equal(wire, Stuff(body, source, destination));
            }
        }
    }

    [Fact]
    public void Random_bodies_come_back_when_unstuffed_by_the_rule_of_the_RFC()
    {
        var random = new Random(20260802);
        var alphabet = "..a\r\n"u8.ToArray();
        for (var round = 0; round < 5_000; round++)
        {
            var body = Encoding.ASCII.GetString(random.GetItems(alphabet, random.Next(0, 30))).Replace("\r", "\r\n", StringComparison.Ordinal);
            var wire = Stuff(body, random.Next(1, 8), random.Next(2, 8));
            var expected = body.Length == 0 || body.EndsWith("\r\n", StringComparison.Ordinal) ? body : body + "\r\n";
            Assert.Equal(expected, Unstuff(wire));
        }
    }

    private static string Stuff(string body, int sourceBlock, int destinationBlock)
    {
        var stuffer = new SmtpClientDotStuffer();
        var rest = Encoding.ASCII.GetBytes(body).AsMemory();
        var wire = new List<byte>();
        var destination = new byte[destinationBlock];
        while (rest.Length > 0)
        {
            var block = rest[..Math.Min(sourceBlock, rest.Length)];
            while (block.Length > 0)
            {
                var (consumed, written) = stuffer.Stuff(block.Span, destination);
                Assert.True(consumed > 0);
                wire.AddRange(destination[..written]);
                block = block[consumed..];
                rest = rest[consumed..];
            }
        }

        wire.AddRange(stuffer.Terminator);
        return Encoding.ASCII.GetString([.. wire]);
    }

    private static string Unstuff(string wire)
    {
        var body = new StringBuilder();
        var lines = wire.Split("\r\n");
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] == ".")
            {
                Assert.Equal(lines.Length - 2, i);
                return body.ToString();
            }

            body.Append(lines[i].StartsWith('.') ? lines[i][1..] : lines[i]).Append("\r\n");
        }

        throw new InvalidOperationException("no final dot");
    }
}
