using System.Text.Json;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;

namespace SecuEdge.Cage.Jobs;

/// <summary>
/// Rule sources (a JSON list of <see cref="RuleSource"/> as the question's bytes) to a compiled set, or to errors with file and line. Behind
/// bars because a compiler written in C reads what a download or an administrator's editor brought.
/// </summary>
internal sealed class CompileRulesJob : ICageJob
{
    public string Kind => "compile-rules";

    public CageAnswer Run(CageQuestion question, CancellationToken cancellationToken)
    {
        if (YaraLibrary.Trouble is { Length: > 0 } trouble)
        {
            return Answer(new CompiledRules(trouble, [], [], []));
        }

        using var stream = question.Bytes.OpenRead();
        var sources = JsonSerializer.Deserialize(stream, RuleJson.Default.IReadOnlyListRuleSource) ?? [];
        var (rules, errors, warnings) = RuleCompiler.Compile(sources);
        if (rules is null)
        {
            return Answer(new CompiledRules("", errors, warnings, []));
        }

        var facts = RuleReading.ReadAll(rules);
        using var set = new RuleSet(rules);
        return Answer(new CompiledRules("", errors, warnings, facts), new MemoryBytes(set.Save()));
    }

    private static CageAnswer Answer(CompiledRules answer, params IReadOnlyList<IByteSource> attachments) =>
        new(JsonSerializer.Serialize(answer, RuleJson.Default.CompiledRules), attachments);
}
