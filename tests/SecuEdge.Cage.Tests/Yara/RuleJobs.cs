using System.Text.Json;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;

namespace SecuEdge.Cage.Tests.Yara;

/// <summary>Asks the rule jobs in this process, as a worker would be asked.</summary>
internal sealed class RuleJobs
{
    private readonly ScanRulesJob _scan = new();

    /// <summary>The library's own tests mean nothing without the library.</summary>
    public static void SkipWithoutLibrary() => Assert.SkipWhen(YaraLibrary.Trouble.Length > 0, "SKIPPED, rules are not tested: " + YaraLibrary.Trouble);

    public static (CompiledRules Answer, byte[] Compiled) Compile(params IReadOnlyList<RuleSource> sources)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(sources, RuleJson.Default.IReadOnlyListRuleSource);
        var answer = new CompileRulesJob().Run(new CageQuestion("compile-rules", "{}", new MemoryBytes(bytes), ""), CancellationToken.None);
        return (JsonSerializer.Deserialize(answer.Body, RuleJson.Default.CompiledRules)!, answer.Attachments is [var compiled] ? compiled.Memory!.Value.ToArray() : []);
    }

    public RuleScanAnswer Ask(RuleScanQuestion question, IByteSource bytes)
    {
        var parameters = JsonSerializer.Serialize(question, RuleJson.Default.RuleScanQuestion);
        var answer = _scan.Run(new CageQuestion("scan-rules", parameters, bytes, ""), CancellationToken.None);
        return JsonSerializer.Deserialize(answer.Body, RuleJson.Default.RuleScanAnswer)!;
    }

    public RuleScanAnswer Ask(string version, byte[] compiled, byte[] part, string fileName = "", string fileType = "", int seconds = 10) =>
        Ask(new RuleScanQuestion(version, compiled.Length, fileName, fileType, seconds), new MemoryBytes((byte[])[.. compiled, .. part]));
}
