using System.Text;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.Clamd;

namespace SecuEdge.Filter.Tests.Scanners;

public sealed class ClamdReplyTests
{
    [Theory]
    [InlineData("7: stream: OK")]
    [InlineData("7: fd[0]: OK")]
    [InlineData("7: fd[12]: OK")]
    public void An_exact_OK_to_our_command_is_clean(string reply) => Assert.Equal(new ScanResult.Clean(), Understood(reply));

    [Theory]
    [InlineData("7: stream: Eicar-Test-Signature FOUND", "Eicar-Test-Signature")]
    [InlineData("7: fd[12]: Win.Test.EICAR_HDB-1 FOUND", "Win.Test.EICAR_HDB-1")]
    [InlineData("7: stream: SecuEdge.Test.Eicar.UNOFFICIAL FOUND", "SecuEdge.Test.Eicar.UNOFFICIAL")]
    [InlineData("7: stream: Eicar(44d88612fea8a8f36de82e1278abb02f:68) FOUND", "Eicar(44d88612fea8a8f36de82e1278abb02f:68)")]
    [InlineData("7: stream: OK FOUND", "OK")]
    [InlineData("7: stream: Heuristics.W32.Polipos.A FOUND", "Heuristics.W32.Polipos.A")]
    [InlineData("7: stream: Heuristics.Trojan.Swizzor.Gen FOUND", "Heuristics.Trojan.Swizzor.Gen")]
    public void A_signature_is_an_infection(string reply, string name) => Assert.Equal(new ScanResult.Infected(name), Understood(reply));

    [Theory]
    [InlineData("Heuristics.Limits.Exceeded.MaxFileSize", HeuristicKind.LimitsExceeded)]
    [InlineData("Heuristics.Limits.Exceeded.MaxScanTime", HeuristicKind.LimitsExceeded)]
    [InlineData("Heuristics.Limits.Exceeded", HeuristicKind.LimitsExceeded)]
    [InlineData("Heuristics.Encrypted.Zip", HeuristicKind.Encrypted)]
    [InlineData("Heuristics.Encrypted.7Zip", HeuristicKind.Encrypted)]
    [InlineData("Heuristics.OLE2.ContainsMacros", HeuristicKind.Other)]
    [InlineData("Heuristics.Broken.Media.JPEG", HeuristicKind.Other)]
    [InlineData("Heuristics.Phishing.Email.SpoofedDomain", HeuristicKind.Other)]
    public void A_heuristic_is_a_matter_of_policy(string name, HeuristicKind kind) =>
        Assert.Equal(new ScanResult.Heuristic(name, kind), Understood($"7: stream: {name} FOUND"));

    [Theory]
    [InlineData("7: INSTREAM size limit exceeded. ERROR")]
    [InlineData("7: stream: Can't allocate memory ERROR")]
    [InlineData("7: fd[12]: Can't open file or directory ERROR")]
    [InlineData("7: stream: OK ERROR")]
    public void An_error_is_a_failure_that_quotes_it(string reply) =>
        Assert.Equal(new ScanResult.Failed("clamd reports: " + reply[3..]), Understood(reply));

    [Theory]
    // Incomplete.
    [InlineData("")]
    [InlineData("7")]
    [InlineData("7:")]
    [InlineData("7: ")]
    [InlineData("7: stream")]
    [InlineData("7: stream: ")]
    [InlineData("7: stream: O")]
    [InlineData("7: fd[12]: ")]
    [InlineData("7: fd[12")]
    [InlineData("7: stream:  FOUND")]
    [InlineData("7: stream: FOUND")]
    // Of another command, or of none.
    [InlineData("6: stream: OK")]
    [InlineData("8: stream: OK")]
    [InlineData("77: stream: OK")]
    [InlineData("07: stream: OK")]
    [InlineData("-7: stream: OK")]
    [InlineData("N: stream: OK")]
    [InlineData("stream: OK")]
    [InlineData("OK")]
    [InlineData("FOUND")]
    [InlineData("ERROR")]
    [InlineData("UNKNOWN COMMAND")]
    [InlineData("7: UNKNOWN COMMAND")]
    [InlineData("7: PONG")]
    [InlineData("7: OK")]
    // Nearly OK.
    [InlineData(" 7: stream: OK")]
    [InlineData("7: stream: OK ")]
    [InlineData("7: stream: ok")]
    [InlineData("7: stream: OKAY")]
    [InlineData("7: stream: NOT OK")]
    [InlineData("7: stream:OK")]
    [InlineData("7: STREAM: OK")]
    [InlineData("7: fd[]: OK")]
    [InlineData("7: fd[x]: OK")]
    [InlineData("7: fd[-1]: OK")]
    [InlineData("7: /tmp/file: OK")]
    [InlineData("7: stream: stream: OK")]
    [InlineData("7: stream: OK\n")]
    [InlineData("7: stream: OK\0")]
    [InlineData("7: stream: OK\0008: stream: OK")]
    // Binary and markup.
    [InlineData("7: stream: \u00ff\u00fe FOUND")]
    [InlineData("7: stream: a\u001b[2Jb FOUND")]
    [InlineData("7: stream: two words FOUND")]
    [InlineData("\u0000\u0001\u0002")]
    public void Whatever_else_clamd_says_is_a_failure_and_not_understood(string reply)
    {
        var isUnderstood = ClamdReply.TryParse(Encoding.Latin1.GetBytes(reply), 7, out var result);

        Assert.False(isUnderstood);
        var failed = Assert.IsType<ScanResult.Failed>(result);
        Assert.DoesNotContain(failed.Why, char.IsControl);
    }

    [Fact]
    public void No_change_of_a_single_byte_of_a_detection_makes_it_clean()
    {
        var reply = "7: stream: Eicar-Test-Signature FOUND"u8.ToArray();
        for (var i = 0; i < reply.Length; i++)
        {
            for (var value = 0; value < 256; value++)
            {
                var changed = (byte[])reply.Clone();
                changed[i] = (byte)value;
                ClamdReply.TryParse(changed, 7, out var result);
                Assert.IsNotType<ScanResult.Clean>(result);
            }
        }
    }

    [Fact]
    public void An_endless_name_is_not_understood() =>
        Assert.False(ClamdReply.TryParse(Encoding.ASCII.GetBytes($"7: stream: {new string('a', 201)} FOUND"), 7, out _));

    /// <summary>One byte may turn a failure into another failure, never into a pass.</summary>
    [Fact]
    public void No_damaged_reply_is_clean_or_throws()
    {
        var random = new Random(20_261);
        byte[][] replies = ["7: stream: Eicar-Test-Signature FOUND"u8.ToArray(), "7: fd[12]: Can't allocate memory ERROR"u8.ToArray(), "7: stream: OK FOUND"u8.ToArray()];
        for (var round = 0; round < 50_000; round++)
        {
            var reply = replies[random.Next(replies.Length)].ToArray();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                reply[random.Next(reply.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : " :[]OK\n\0"u8[random.Next(8)];
            }

            var cut = random.Next(8) == 0 ? random.Next(reply.Length) : reply.Length;
            if (ClamdReply.TryParse(reply.AsSpan(0, cut), 7, out var result) && result is ScanResult.Clean)
            {
                // Only the cut of "OK FOUND" is the answer itself.
                Assert.Equal("7: stream: OK", Encoding.ASCII.GetString(reply, 0, cut));
            }
        }
    }

    private static ScanResult Understood(string reply)
    {
        Assert.True(ClamdReply.TryParse(Encoding.ASCII.GetBytes(reply), 7, out var result));
        return result;
    }
}
