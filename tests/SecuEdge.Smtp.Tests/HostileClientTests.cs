using System.Text;
using System.Text.RegularExpressions;
using SecuEdge.Smtp.Tests.Fakes;

namespace SecuEdge.Smtp.Tests;

/// <summary>Clients that say anything in any order: every session ends, every reply is well-formed, nothing stays open.</summary>
public sealed partial class HostileClientTests
{
    private static readonly string[] Words =
    [
        "EHLO client\r\n", "HELO client\r\n", "MAIL FROM:<a@example.net>\r\n", "RCPT TO:<b@example.org>\r\n", "DATA\r\n", "RSET\r\n", "NOOP\r\n",
        "STARTTLS\r\n", "VRFY x\r\n", "HELP\r\n", "BDAT 3\r\nabc", ".\r\n", "\r\n.\r\n", "..\r\n", "\r", "\n", "\0", " ", "\u00ff", "<", ">", "\"", "text\r\n", "SIZE=",
        "MAIL FROM:<throw@example.net>\r\n", "RCPT TO:<reject@example.org>\r\n", "MAIL FROM:<write-throw@example.net>\r\n",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_a_client_says_the_session_ends_in_order(int seed)
    {
        var random = new Random(seed);
        var received = 0;
        for (var round = 0; round < 300; round++)
        {
            var wire = new StringBuilder(random.Next(3) == 0 ? "" : "EHLO client\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\n");
            for (var words = random.Next(25); words > 0; words--)
            {
                wire.Append(Words[random.Next(Words.Length)]);
            }

            await using var session = await TestSession.StartAsync();
            await session.Client.SendAsync(wire.ToString());
            await session.Client.CloseAsync();
            while (await session.Client.ReadReplyAsync() is { } reply)
            {
                Assert.Matches(Reply(), reply);
            }

            await session.EndAsync();
            Assert.Equal(0, session.Gateway.OpenBodies);
            Assert.Equal(1, session.Gateway.Disconnects);
            received += session.Gateway.Messages.Count;
            Assert.DoesNotContain(session.Gateway.Messages, message => HasBareLineEnding().IsMatch(Encoding.Latin1.GetString(message.Body)));
        }

        Assert.InRange(received, 1, int.MaxValue);
    }

    [GeneratedRegex(@"^([2-5]\d\d)-?[^\n]+(\n\1[- ][^\n]+)*$")]
    private static partial Regex Reply();

    [GeneratedRegex("\r(?!\n)|(?<!\r)\n")]
    private static partial Regex HasBareLineEnding();
}
