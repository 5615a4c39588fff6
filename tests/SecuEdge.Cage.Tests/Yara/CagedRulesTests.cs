using System.Text.Json;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;

namespace SecuEdge.Cage.Tests.Yara;

/// <summary>libyara behind the real bars: it needs nothing that they deny.</summary>
public sealed class CagedRulesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public CagedRulesTests() => RuleJobs.SkipWithoutLibrary();

    [Fact]
    public async Task Rules_compile_and_match_behind_all_bars()
    {
        await using var cages = new Cages();
        var compiled = await CompileAsync(cages, "import \"hash\" rule Apple { strings: $a = \"apple\" condition: $a and hash.sha256(0, filesize) != \"\" }");

        var answer = await ScanAsync(cages, compiled, [.. new byte[2_000_000], .. "apple"u8]);

        Assert.Equal(["Apple"], answer.Matches.Select(m => m.Name));
        Assert.Empty(cages.Replaced);
    }

    [Fact]
    public async Task A_rule_without_end_is_a_time_out_that_costs_no_worker()
    {
        await using var cages = new Cages();
        var compiled = await CompileAsync(cages, "rule Slow { condition: for all i in (0..1000000) : (for all j in (0..1000000) : (uint8(i + j) != 300)) }");

        Assert.True((await ScanAsync(cages, compiled, [1])).IsTimeout);
        Assert.Empty(cages.Replaced);
    }

    private static async Task<byte[]> CompileAsync(Cages cages, string text)
    {
        var sources = JsonSerializer.SerializeToUtf8Bytes([new RuleSource("a.yar", text)], RuleJson.Default.IReadOnlyListRuleSource);
        var outcome = await cages.Pool.RunAsync("compile-rules", "{}", new MemoryBytes(sources), Cages.Limit, Token);
        using var answered = Assert.IsType<CageOutcome.Answered>(outcome);
        using var bytes = new MemoryStream();
        await using var stream = Assert.Single(answered.Attachments).Bytes.OpenRead();
        await stream.CopyToAsync(bytes, Token);
        return bytes.ToArray();
    }

    private static async Task<RuleScanAnswer> ScanAsync(Cages cages, byte[] compiled, byte[] part)
    {
        var question = JsonSerializer.Serialize(new RuleScanQuestion("1", compiled.Length, "", "", 1), RuleJson.Default.RuleScanQuestion);
        var outcome = await cages.Pool.RunAsync("scan-rules", question, new MemoryBytes((byte[])[.. compiled, .. part]), Cages.Limit, Token);
        using var answered = Assert.IsType<CageOutcome.Answered>(outcome);
        return JsonSerializer.Deserialize(answered.Body, RuleJson.Default.RuleScanAnswer)!;
    }
}
