using System.Text;
using SecuEdge.Content;
using SecuEdge.Filter.Checks;

namespace SecuEdge.Filter.Tests.Checks;

public sealed class GtubeCheckTests
{
    // Joined at run time: no file of ours may carry the line.
    private static readonly string Line = string.Join("GTUBE-STANDARD-", "XJS*C4JDBQADN1.NSBN3*2IDNEN*", "ANTI-UBE-TEST-EMAIL*C.34X");

    [Fact]
    public async Task The_line_in_the_raw_body_is_spam_beyond_every_threshold()
    {
        var finding = Assert.Single(await RunAsync(Facts.Of($"Hello\r\n{Line}\r\n")));

        Assert.Equal(("GTUBE", 1000.0, MessageClass.Spam), (finding.Code, finding.Score, finding.Class));
    }

    [Fact]
    public async Task The_line_in_the_decoded_text_is_found() => Assert.Single(await RunAsync(Facts.Of("encoded").WithText($"Hello\n{Line}\nBye")));

    [Fact]
    public async Task The_line_in_a_message_on_disk_is_found()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, $"Subject: x\r\n\r\n{Line}\r\n", Token);
            Assert.Single(await RunAsync(Facts.Of(new FileBytes(path))));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task The_line_in_a_header_is_no_body()
    {
        Assert.Empty(await RunAsync(Facts.Of(new MemoryBytes(Encoding.ASCII.GetBytes($"Subject: {Line}\r\n\r\nHello\r\n")))));
    }

    public static TheoryData<string> NotTheLine =>
    [
        "",
        Line[1..],
        Line[..^1],
        Line.Insert(30, "\r\n"),
        Line.Replace("34X", "35X", StringComparison.Ordinal),
        Line.Replace('S', 'J'),
        new string([.. Line.Select(char.ToLowerInvariant)]),
    ];

    [Theory]
    [MemberData(nameof(NotTheLine))]
    public async Task Anything_but_the_exact_line_is_ignored(string body) => Assert.Empty(await RunAsync(Facts.Of(body).WithText(body)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<IReadOnlyList<Finding>> RunAsync(MessageFacts facts) => (await new GtubeCheck().RunAsync(facts, Token)).Findings;
}
