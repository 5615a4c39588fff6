using System.Text;
using System.Text.Json;
using SecuEdge.Smtp.Tests.Fakes;
using SecuEdge.TestKit;

namespace SecuEdge.Smtp.Tests;

/// <summary>Byte-level dialogues from the sample folder: each step is sent, then the server is heard until it waits again.</summary>
public sealed class WireCasesTests
{
    private static readonly string? File = TestData.Find("smtp/cases.jsonl");

    /// <summary>What each case's "expect" means for this server: the last reply, and the bodies accepted.</summary>
    private static readonly Dictionary<string, (string LastReply, string[] Bodies)> Expectations = new()
    {
        ["smuggle-in-lf.lf"] = ("221 ", []),
        ["smuggle-in-lf.crlf"] = ("221 ", []),
        ["smuggle-in-crlf.cr"] = ("221 ", []),
        ["smuggle-in-vt.vt"] = ("221 ", ["*"]),
        ["dot-stuffing"] = ("250 ", ["Subject: dots\r\n\r\n.leading dot\r\n..two\r\n. \r\nlast\r\n"]),
        ["eod-empty"] = ("250 ", [""]),
        ["eod-pipelined-next"] = ("221 ", ["*", "*"]),

        // CHUNKING is not announced, so BDAT and what follows it are unknown commands, and no message comes of it.
        ["bdat-basic"] = ("500 ", []),
        ["bdat-smuggle"] = ("500 ", []),
        ["bdat-negative"] = ("500 ", []),
        ["cmd-long-helo"] = ("500 5.5.2 ", []),
        ["cmd-early-talker"] = ("354 ", []),
        ["mail-null-sender"] = ("250 ", []),
        ["mail-space-after-colon"] = ("250 ", []),
        ["mail-source-route"] = ("250 ", []),
        ["mail-utf8-smtputf8"] = ("250 ", []),
        ["mail-size-too-big"] = ("552 5.3.4 ", []),
        ["mail-param-unknown"] = ("555 ", []),
        ["mail-dsn"] = ("555 ", []),
        ["seq-expn"] = ("502 ", []),
        ["seq-unknown-flood"] = ("421 ", []),
        ["data-bare-lf"] = ("554 5.6.0 ", []),
        ["data-received-loop"] = ("554 5.4.6 ", []),
    };

    public static TheoryData<string> Cases => [.. Expectations.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_case_goes_as_it_must(string id)
    {
        if (File is null)
        {
            Assert.Skip("Sample folder absent: smtp/cases.jsonl");
        }

        var gateway = new ScriptedGateway();
        await using var session = new TestSession(gateway);
        var replies = new List<string> { await session.Client.ReadReplyAsync() ?? "" };
        foreach (var step in Steps(id))
        {
            await session.Client.SendAsync(step);
        }

        await session.Client.CloseAsync();
        while (await session.Client.ReadReplyAsync() is { } reply)
        {
            replies.Add(reply);
        }

        var (lastReply, bodies) = Expectations[id];
        Assert.StartsWith(lastReply, replies[^1], StringComparison.Ordinal);
        Assert.Equal(bodies.Length, gateway.Messages.Count);
        foreach (var (expected, message) in bodies.Zip(gateway.Messages))
        {
            var body = Encoding.Latin1.GetString(message.Body);
            Assert.DoesNotContain("\n.\n", body, StringComparison.Ordinal);
            Assert.True(expected == "*" || expected == body, body);
        }
    }

    [Fact]
    public void Every_case_of_the_file_has_its_expectation()
    {
        if (File is null)
        {
            Assert.Skip("Sample folder absent: smtp/cases.jsonl");
        }

        var ids = System.IO.File.ReadLines(File).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString());
        Assert.Equal(Expectations.Keys.Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<byte[]> Steps(string id)
    {
        var line = System.IO.File.ReadLines(File!).First(text => text.Contains($"\"id\": \"{id}\"", StringComparison.Ordinal));
        return [.. JsonDocument.Parse(line).RootElement.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("send_b64").GetBytesFromBase64())];
    }
}
