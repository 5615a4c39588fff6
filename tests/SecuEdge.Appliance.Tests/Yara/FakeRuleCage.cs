using System.Text;
using System.Text.Json;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;

namespace SecuEdge.Appliance.Tests.Yara;

/// <summary>
/// Answers like the cage without libyara. Its rules are lines: <c>find WORD [severity [score]]</c> is a rule named WORD; <c>error</c> does not
/// compile; <c>slow</c> and <c>crash</c> do so when they scan.
/// </summary>
internal sealed class FakeRuleCage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IReadOnlyList<RuleSource>> _known = [];

    public string Unavailable { get; set; } = "";

    /// <summary>Questions for a scan, and how many bytes of rules each carried.</summary>
    public List<int> RuleBytes { get; } = [];

    /// <summary>A built-in rule that a lying worker leaves out of its set.</summary>
    public string LeftOut { get; set; } = "";

    public Task<CageOutcome> RunAloneAsync(string kind, string parameters, IByteSource bytes, TimeSpan limit, CancellationToken cancellationToken)
    {
        Assert.Equal("compile-rules", kind);
        return Task.FromResult(Unavailable.Length > 0 ? new CageOutcome.Failed(CageFailure.Unavailable, Unavailable) : (CageOutcome)Compile(bytes, LeftOut));
    }

    public Task<CageOutcome> RunAsync(string kind, string parameters, IByteSource bytes, TimeSpan limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(Unavailable.Length > 0 ? new CageOutcome.Failed(CageFailure.Unavailable, Unavailable)
                : Scan(JsonSerializer.Deserialize(parameters, RuleJson.Default.RuleScanQuestion)!, bytes));
        }
    }

    /// <summary>As if all workers had been replaced.</summary>
    public void ForgetRules() => _known.Clear();

    private static CageOutcome.Answered Compile(IByteSource bytes, string leftOut)
    {
        var sources = JsonSerializer.Deserialize(bytes.OpenRead(), RuleJson.Default.IReadOnlyListRuleSource)!;
        List<RuleProblem> errors = [];
        List<RuleFacts> rules = [];
        foreach (var source in sources)
        {
            var lines = source.Text.Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                var words = lines[i].Split(' ');
                if (words[0] == "error")
                {
                    errors.Add(new RuleProblem(source.File, i + 1, "syntax error"));
                }
                else if (words[0] == "find")
                {
                    rules.Add(Facts(source.File, words));
                }
                else if (words[0] == "rule" && words[1] != leftOut)
                {
                    rules.Add(Facts(source.File, [words[0], words[1]]));
                }
            }
        }

        var body = JsonSerializer.Serialize(new CompiledRules("", errors, [], errors.Count > 0 ? [] : rules), RuleJson.Default.CompiledRules);
        return new CageOutcome.Answered(body, errors.Count > 0 ? [] : [new CageAttachment(bytes, "")]);
    }

    private CageOutcome Scan(RuleScanQuestion question, IByteSource bytes)
    {
        RuleBytes.Add(question.RuleBytes);
        using var all = new MemoryStream();
        using (var stream = bytes.OpenRead())
        {
            stream.CopyTo(all);
        }

        var text = all.ToArray();
        if (question.RuleBytes > 0)
        {
            _known[question.Version] = JsonSerializer.Deserialize(text.AsSpan(0, question.RuleBytes), RuleJson.Default.IReadOnlyListRuleSource)!;
        }

        if (!_known.TryGetValue(question.Version, out var sources))
        {
            return Answer(new RuleScanAnswer(true, "", false, []));
        }

        var part = Encoding.Latin1.GetString(text, question.RuleBytes, text.Length - question.RuleBytes);
        var lines = sources.SelectMany(source => source.Text.Split('\n').Select(line => (source.File, Words: line.Split(' ')))).ToList();
        return lines.Any(line => line.Words[0] == "crash") ? new CageOutcome.Failed(CageFailure.Crashed, "the worker died")
            : lines.Any(line => line.Words[0] == "slow") ? Answer(new RuleScanAnswer(false, "the rules did not finish within 3 s", true, []))
            : Answer(new RuleScanAnswer(false, "", false, [.. lines.Where(line => line.Words[0] == "find" && part.Contains(line.Words[1], StringComparison.Ordinal)).Select(line => Facts(line.File, line.Words))]));
    }

    private static RuleFacts Facts(string file, string[] words)
    {
        Dictionary<string, string> meta = [];
        if (words.Length > 2)
        {
            meta["severity"] = words[2];
        }

        if (words.Length > 3)
        {
            meta["score"] = words[3];
        }

        return new RuleFacts(words[1], file, [], meta);
    }

    private static CageOutcome.Answered Answer(RuleScanAnswer answer) => new(JsonSerializer.Serialize(answer, RuleJson.Default.RuleScanAnswer), []);
}
